import { describe, it } from "vitest";
import { rows, type RunCase } from "./cases.ts";
import { checkRunRow } from "./check-row.ts";

describe("the workflow dialect does what the reference does", () => {
  for (const line of rows("workflow/run.jsonl")) {
    it((JSON.parse(line) as RunCase).id, () => checkRunRow(line));
  }
});
