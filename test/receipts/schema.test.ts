import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import {
  actForms,
  choices,
  commitmentScopes,
  criterionStatuses,
  dispositions,
  issuerTypes,
  proofKinds,
  referenceTypes,
} from "../../src/receipts/model.ts";
import { wholeRun } from "../cli/kept-runs.ts";
import { rootOf, sealEvents } from "./support.ts";

const file = path.join(import.meta.dirname, "../../schemas/receipt.schema.json");
const text = readFileSync(file, "utf8");
const valid = new Ajv2020({ allErrors: true }).compile(JSON.parse(text) as object);

test("the JSON Schema takes every sealed receipt, and nothing with another member", async () => {
  const sealed = await sealEvents(wholeRun("r1"));
  for (const one of sealed) expect(valid(JSON.parse(one.text)), JSON.stringify(valid.errors)).toBe(true);
  const root = JSON.parse(rootOf(sealed).text) as Record<string, unknown>;
  expect(valid({ ...root, metadata: {} })).toBe(false);
  expect(valid({ ...root, seal: { ...(root["seal"] as object), more: 1 } })).toBe(false);
  const { seal: _seal, ...without } = root;
  expect(valid(without)).toBe(false);
});

test("the JSON Schema has the word lists of the program", () => {
  const lists: (readonly string[])[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("enum" in value) lists.push((value as { enum: string[] }).enum);
    Object.values(value).forEach(collect);
  };
  collect(JSON.parse(text));
  const ours = [
    actForms,
    choices,
    commitmentScopes,
    criterionStatuses,
    dispositions,
    issuerTypes,
    proofKinds,
    referenceTypes,
  ];
  const distinct = (all: readonly (readonly string[])[]): readonly string[] =>
    [...new Set(all.map((one) => one.join(" ")))].sort();
  expect(distinct(lists)).toEqual(distinct(ours));
});
