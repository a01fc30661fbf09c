/** The tour of `npm start`: it ends by itself, with both answers, and leaves what it says it leaves. */
import { execFile, type ExecFileException } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { root } from "./support.ts";

const demo = path.join(root, ".tmp", "demo");

/** Runs a script of the project with no terminal; standard output and error in one text each. */
async function script(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const options = { cwd: root, timeout: 90_000, env: { PATH: process.env["PATH"], NO_COLOR: "1", HOME: root } };
    const child = execFile(process.execPath, args, options, (problem: ExecFileException | null, out, err) =>
      resolve({ code: problem === null ? 0 : typeof problem.code === "number" ? problem.code : -1, out, err }),
    );
    child.stdin?.end();
  });
}

beforeAll(async () => {
  if (existsSync(path.join(root, "dist", "countersign.mjs"))) return;
  expect((await script(["scripts/build.mjs"])).code).toBe(0);
}, 120_000);

test("approves by itself where there is no terminal, publishes, and ends with 0", async () => {
  const { code, out, err } = await script(["scripts/run.mjs", "scripts/demo.ts"]);
  expect({ code, err }).toMatchObject({ code: 0 });
  expect(out).toContain("There is no terminal to ask on, so the answer is --approve.");
  expect(out).toContain("The release server says: published lighthouse 1.4.0 (key release-1.4.0)");
  expect(out).toContain("release-gate  run demo  completed");
  const notes = await readFile(path.join(demo, "examples", "release-gate", "out", "RELEASE-1.4.0.md"), "utf8");
  expect(notes).toMatch(/^# lighthouse 1\.4\.0\n/);
  const journal = await readFile(path.join(demo, ".countersign", "runs", "demo", "journal.1.jsonl"), "utf8");
  expect(journal).toContain('"type":"run.paused"');
}, 120_000);

test("publishes nothing when the answer is no, and still ends with 0", async () => {
  const { code, out } = await script(["scripts/run.mjs", "scripts/demo.ts", "--deny"]);
  expect(code).toBe(0);
  expect(out).toContain('"reason": "the release was declined"');
  expect(out).toContain("The release server has heard nothing.");
}, 120_000);

test("refuses an argument that it does not know", async () => {
  const { code, err } = await script(["scripts/run.mjs", "scripts/demo.ts", "--yes"]);
  expect(code).toBe(2);
  expect(err).toContain("usage: npm start [-- --approve | --deny]");
});
