/** Runs one conformance row through the command line, in process, and compares what came out (cases.ts has the fields). */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { run } from "../../src/cli/program.ts";
import { parseJson } from "../../src/graph/json.ts";
import { equal, isArray, isObject, member, object, toText, type Value } from "../../src/graph/value.ts";
import { fakeTerminal } from "../cli/terminal.ts";
import { scratch, type RunCase, type Scratch, type ValidateCase } from "./cases.ts";

/** The value of a JSON text, numbers kept exactly. */
export function exactValue(text: string): Value {
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

async function inScratch(check: (made: Scratch) => Promise<void>): Promise<void> {
  const made = scratch();
  try {
    await check(made);
  } finally {
    rmSync(path.dirname(made.folders.TMP), { recursive: true, force: true });
  }
}

/** Checks a line of a `run.jsonl`: exit code, outcome, and the path of the trace. */
export async function checkRunRow(line: string): Promise<void> {
  const row = JSON.parse(line) as RunCase;
  await inScratch(async ({ folders, fill }) => {
    const given = exactValue(fill(line)) as { workflow: string; input: string | null; expect: Value };
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
    if (row.expect.exit === 2) return expect(terminal.written.out).toBe("");
    const outcome = exactValue(terminal.written.out);
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
  });
}

/** Checks a line of a `validate.jsonl`: exit code and the codes of errors, each as often and in the order given. */
export async function checkValidateRow(line: string): Promise<void> {
  const row = JSON.parse(line) as ValidateCase;
  await inScratch(async ({ folders, fill }) => {
    const file = path.join(folders.TMP, "workflow.toml");
    writeFileSync(file, fill(row.workflow));
    const terminal = fakeTerminal(folders.TMP);
    const exit = await run(["validate", file, "--format", "json"], terminal);
    const report = JSON.parse(terminal.written.out) as {
      ok: boolean;
      issues: { code: string; severity: string; message: string; range: { start: object; end: object } }[];
    };
    const errors = report.issues.filter((one) => one.severity === "error");
    expect({ exit, errors }).toMatchObject({ exit: row.expect.exit });
    expect(report.ok).toBe(exit === 0);
    if (exit === 0) expect(errors).toEqual([]);
    for (const { range } of report.issues) expect(range).toMatchObject({ start: {}, end: {} });
    if (row.expect.codes !== undefined) expect(errors.map((one) => one.code)).toEqual(row.expect.codes);
    if (row.expect.messages !== undefined) expect(errors.map((one) => one.message)).toEqual(row.expect.messages);
  });
}
