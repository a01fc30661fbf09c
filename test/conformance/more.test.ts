/** Rows of our own beside those of the conformance folder: what spec/workflow.md says of cases that are not in it. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ownRows, rows, type RunCase, type ValidateCase } from "./cases.ts";
import { checkRunRow, checkValidateRow } from "./check-row.ts";

const files = readdirSync(ownRows).filter((name) => name.endsWith(".jsonl"));

describe("the sheet's rules hold", () => {
  it("in at least 150 rows, each with its own name", () => {
    const ids = files.flatMap((name) => rows(name, ownRows).map((line) => (JSON.parse(line) as { id: string }).id));
    expect(ids.length).toBeGreaterThanOrEqual(150);
    expect(new Set(ids).size).toBe(ids.length);
  });

  for (const name of files) {
    describe(path.basename(name, ".jsonl"), () => {
      for (const line of rows(name, ownRows)) {
        const row = JSON.parse(line) as RunCase | ValidateCase;
        it(row.id, () => ("args" in row ? checkRunRow(line) : checkValidateRow(line)));
      }
    });
  }
});
