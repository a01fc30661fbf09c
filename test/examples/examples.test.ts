/** Every example is in the index, valid, can be rehearsed, passes its fixtures, and keeps what its comments promise. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { discoverFixtures } from "../../src/fixtures/discover.ts";
import { runFixture } from "../../src/runtime/fixture-run.ts";
import { checkFile } from "../../src/runtime/check.ts";
import { folderWith } from "../cli/terminal.ts";
import { copyOfExamples, countersign, examples, root } from "./support.ts";

/** What a dry run needs so that nothing stops it: a model's address that is never called, a program on the list. */
const rehearsal: Readonly<Record<string, { flags?: readonly string[]; env?: Readonly<Record<string, string>> }>> = {
  "classify-message": { flags: ["--intel-http", "http://127.0.0.1:9/complete"] },
  "evaluator-optimizer": { flags: ["--intel-http", "http://127.0.0.1:9/complete"] },
  "pipeline-exec": { env: { COUNTERSIGN_EXEC_ALLOWLIST: "/usr/bin/wc" } },
};

test("there are at least ten, of all three dialects", () => {
  expect(examples.length).toBeGreaterThanOrEqual(10);
  for (const ending of [".toml", ".yaml", ".kv"])
    expect(examples.some(({ document }) => document.endsWith(ending))).toBe(true);
});

test("the index has one row for each example, and no other", async () => {
  const index = await readFile(path.join(root, "examples", "README.md"), "utf8");
  const rows = [...index.matchAll(/^\| \[([a-z-]+)\]\(([^)]+)\)/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual(examples.map(({ name }) => name).sort());
  for (const [, name, link] of rows)
    expect(examples.find((one) => one.name === name)?.document).toBe(`examples/${link}`);
});

test("the commands of the index are commands of the program", async () => {
  const index = await readFile(path.join(root, "examples", "README.md"), "utf8");
  const commands = [...index.matchAll(/npx countersign (\w+)/g)].map(([, verb]) => verb as string);
  expect(commands.length).toBeGreaterThanOrEqual(examples.length);
  for (const verb of new Set(commands)) expect((await countersign([verb, "--help"])).code).toBe(0);
});

describe.each(examples)("$name", ({ name, document, input }) => {
  const { flags = [], env = {} } = rehearsal[name] ?? {};

  test("is valid, without errors and without warnings", async () => {
    const report = await checkFile(document, root);
    expect(report.diagnostics.filter((one) => one.severity !== "information")).toEqual([]);
    expect(report.status).toBe("accepted");
  });

  test.each(["--dry-run=reads", "--dry-run"])("reaches an end with %s, and nothing has been written", async (dry) => {
    const cwd = await copyOfExamples();
    const before = await readdir(path.join(cwd, "examples"), { recursive: true });
    const state = { COUNTERSIGN_STATE_DIR: await folderWith() };
    const ended = await countersign(["run", document, ...input, dry, ...flags], { ...env, ...state }, cwd);
    const outcome = JSON.parse(ended.out) as { status: string; assumed?: readonly string[]; error?: unknown };
    // Without reads much is unknown: conditions then take the branch of a missing value, and the outcome says so.
    const assumed = dry === "--dry-run" && (outcome.assumed ?? []).length > 0;
    expect(outcome.error).toBeUndefined();
    expect(outcome.status === "completed" || assumed).toBe(true);
    expect(await readdir(path.join(cwd, "examples"), { recursive: true })).toEqual(before);
  });
});

test("every example has a fixture, and all fixtures pass", async () => {
  const found = await discoverFixtures(["examples"], root);
  expect(found.problems).toEqual([]);
  for (const { name } of examples) expect(found.files).toContain(path.join("examples", name, "fixture.toml"));
  const results = [];
  for (const file of found.files)
    results.push(await runFixture(file, { cwd: root, env: { PATH: process.env["PATH"] } }));
  expect(results.filter((one) => one.result !== "pass")).toEqual([]);
}, 120_000);
