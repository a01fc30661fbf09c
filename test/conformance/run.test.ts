import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { parseJson } from "../../src/graph/json.ts";
import { equal, isArray, isObject, member, object, toText, type Value } from "../../src/graph/value.ts";
import { fakeTerminal } from "../cli/terminal.ts";
import { rows, scratch, type RunCase } from "./cases.ts";

function value(text: string): Value {
  // An outcome may nest deeper than a document: the value that was parsed at the limit stands inside it.
  const parsed = parseJson(text, 256);
  if (!parsed.ok) throw new Error(`not JSON: ${text.slice(0, 200)}`);
  return parsed.value;
}

/** A value without the members that a row says may differ, at any depth. */
function without(given: Value, ignored: readonly string[]): Value {
  if (isArray(given)) return given.map((item) => without(item, ignored));
  if (!isObject(given)) return given;
  return object(
    Object.fromEntries(
      Object.entries(given)
        .filter(([key]) => !ignored.includes(key))
        .map(([key, item]) => [key, without(item, ignored)]),
    ),
  );
}

describe("the workflow dialect does what the reference does", () => {
  for (const line of rows("workflow/run.jsonl")) {
    const row = JSON.parse(line) as RunCase;
    it(row.id, async () => {
      const { folders, fill } = scratch();
      try {
        const given = value(fill(line)) as { workflow: string; input: string | null; expect: Value };
        const file = path.join(folders.TMP, "workflow.toml");
        writeFileSync(file, given.workflow);
        const args = row.args.map(fill);
        const terminal = fakeTerminal(folders.TMP, { env: { HOME: "/root", ...row.env } });
        if (args.includes("--validate-only")) {
          expect(await run(["validate", file, "--format", "json"], terminal), terminal.written.err).toBe(row.expect.exit);
          return;
        }
        const trace = path.join(folders.TMP, "trace.json");
        const words = ["run", file, "--trace", trace, ...args];
        if (given.input !== null) {
          writeFileSync(path.join(folders.TMP, "input"), given.input);
          words.push("--input", path.join(folders.TMP, "input"));
        }
        expect(await run(words, terminal), terminal.written.err).toBe(row.expect.exit);
        if (row.expect.exit === 2) return;
        const outcome = value(terminal.written.out);
        const wanted = isObject(given.expect) ? member(given.expect, "stdout") : undefined;
        if (wanted === undefined) {
          expect(outcome).toMatchObject({ status: "failed", error: { class: row.expect.error_class } });
        } else {
          const ignored = row.expect.ignore ?? [];
          const [left, right] = [without(outcome, ignored), without(wanted, ignored)];
          expect(equal(left, right), `got ${toText(left)}\nwanted ${toText(right)}`).toBe(true);
        }
        if (row.expect.path !== undefined) {
          const { entries } = JSON.parse(readFileSync(trace, "utf8")) as {
            entries: { node_id: string; kind: string; outcome: string; branch: string | null }[];
          };
          expect(entries.map((one) => [one.node_id, one.kind, one.outcome, one.branch])).toEqual(row.expect.path);
        }
      } finally {
        rmSync(path.dirname(folders.TMP), { recursive: true, force: true });
      }
    });
  }
});
