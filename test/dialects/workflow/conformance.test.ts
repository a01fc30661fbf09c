import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { diagnosticsOf, frontEnd } from "./front-end.ts";

const folder = process.env["COUNTERSIGN_CONFORMANCE"] ?? resolve(import.meta.dirname, "../../../../shared/conformance");
const file = resolve(folder, "workflow/validate.jsonl");

interface Row {
  readonly id: string;
  readonly workflow: string;
  readonly expect: { readonly exit: 0 | 2 | 5; readonly codes?: readonly string[] };
}

/** Rows of runs whose document already decides: `parse` means that it is refused, anything else that it is read. */
const runs = resolve(folder, "workflow/run.jsonl");

describe.runIf(existsSync(runs))("documents of the reference's runs", () => {
  interface Run {
    readonly id: string;
    readonly workflow: string;
    readonly expect: { readonly exit: number; readonly error_class?: string };
  }
  const rows = readFileSync(runs, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Run);

  it.each(rows)("$id", ({ workflow, expect: expected }) => {
    const { graph, diagnostics } = frontEnd.parse(workflow, "workflow.toml");
    expect({ refused: graph === null, diagnostics }).toMatchObject({ refused: expected.error_class === "parse" });
  });
});

describe("the reference's results for single documents", () => {
  if (!existsSync(file)) {
    it("needs the conformance cases", () => {
      expect.fail(`${file} does not exist; set COUNTERSIGN_CONFORMANCE to the folder that holds workflow/`);
    });
    return;
  }
  const rows = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);

  it("are there", () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  it.each(rows)("$id", async ({ workflow, expect: expected }) => {
    const { graph } = frontEnd.parse(workflow, "workflow.toml");
    const errors = diagnosticsOf(workflow).filter((one) => one.severity === "error");
    const exit = graph === null ? 2 : errors.length > 0 ? 5 : 0;
    expect({ exit, errors }).toMatchObject({ exit: expected.exit });
    if (expected.codes !== undefined) {
      expect([...new Set(errors.map((one) => one.code))].sort()).toEqual([...expected.codes].sort());
    }
    const locator = await frontEnd.locator(workflow);
    for (const one of errors) if (!("start" in one.at)) expect(locator.range(one.at).start.line).toBeGreaterThan(-1);
  });
});
