import { describe, expect, it } from "vitest";
import { rows } from "../../conformance/cases.ts";
import { diagnosticsOf, frontEnd } from "./front-end.ts";

interface Row {
  readonly id: string;
  readonly workflow: string;
  readonly expect: { readonly exit: 0 | 2 | 5; readonly codes?: readonly string[] };
}

/** Rows of runs whose document already decides: `parse` means that it is refused, anything else that it is read. */
describe("documents of the reference's runs", () => {
  interface Run {
    readonly id: string;
    readonly workflow: string;
    readonly expect: { readonly exit: number; readonly error_class?: string };
  }
  it.each(rows("workflow/run.jsonl").map((line) => JSON.parse(line) as Run))(
    "$id",
    ({ workflow, expect: expected }) => {
      const { graph, diagnostics } = frontEnd.parse(workflow, "workflow.toml");
      expect({ refused: graph === null, diagnostics }).toMatchObject({ refused: expected.error_class === "parse" });
    },
  );
});

describe("the reference's results for single documents", () => {
  const singles = rows("workflow/validate.jsonl").map((line) => JSON.parse(line) as Row);

  it("are there", () => {
    expect(singles.length).toBeGreaterThan(40);
  });

  it.each(singles)("$id", ({ workflow, expect: expected }) => {
    const { graph } = frontEnd.parse(workflow, "workflow.toml");
    const errors = diagnosticsOf(workflow).filter((one) => one.severity === "error");
    const exit = graph === null ? 2 : errors.length > 0 ? 5 : 0;
    expect({ exit, errors }).toMatchObject({ exit: expected.exit });
    if (expected.codes !== undefined) {
      expect([...new Set(errors.map((one) => one.code))].sort()).toEqual([...expected.codes].sort());
    }
    const locator = frontEnd.locator(workflow);
    for (const one of errors) if (!("start" in one.at)) expect(locator.range(one.at).start.line).toBeGreaterThan(-1);
  });
});
