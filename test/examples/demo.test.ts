/**
 * The tour of `npm run demo`, built and run in a checkout of its own: it ends by itself, with both answers, and leaves
 * what it says it leaves.
 */
import { execFile, type ExecFileException } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./support.ts";

let checkout = "";

/** Runs a script of the checkout with no terminal. */
async function script(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env["PATH"], NO_COLOR: "1", HOME: checkout };
    const child = execFile(
      process.execPath,
      args,
      { cwd: checkout, timeout: 110_000, env },
      (problem: ExecFileException | null, out, err) =>
        resolve({ code: problem === null ? 0 : typeof problem.code === "number" ? problem.code : -1, out, err }),
    );
    child.stdin?.end();
  });
}

beforeAll(async () => {
  checkout = await mkdtemp(path.join(tmpdir(), "countersign-demo-"));
  for (const name of ["src", "language", "webview", "scripts", "examples", "package.json", "tsconfig.json"])
    await cp(path.join(root, name), path.join(checkout, name), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(checkout, "node_modules"), "dir");
  const built = await script(["scripts/build.mjs"]);
  expect(built).toMatchObject({ code: 0 });
}, 120_000);

afterAll(() => rm(checkout, { recursive: true, force: true }));

test("approves by itself where there is no terminal, publishes, and ends with 0", async () => {
  const { code, out, err } = await script(["scripts/run.mjs", "scripts/demo.ts"]);
  expect({ code, err }).toMatchObject({ code: 0 });
  expect(out).toContain("There is no terminal to ask on, so the answer is --approve.");
  expect(out).toContain("The release server says: published lighthouse 1.4.0 (key release-1.4.0)");
  expect(out).toContain("release-gate  run demo  completed");
  const notes = await readFile(
    path.join(checkout, ".tmp", "demo", "examples", "release-gate", "out", "RELEASE-1.4.0.md"),
    "utf8",
  );
  expect(notes).toMatch(/^# lighthouse 1\.4\.0\n/);
  const readme = await readFile(path.join(root, "README.md"), "utf8");
  const commands = out.split("\n").filter((line) => line.startsWith("$ ") && !line.includes("--approve"));
  expect(commands).toHaveLength(4);
  for (const line of commands) expect(readme.split("\n")).toContain(line);
  const journal = await readFile(
    path.join(checkout, ".tmp", "demo", ".countersign", "runs", "demo", "journal.1.jsonl"),
    "utf8",
  );
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
  expect(err).toContain("usage: npm run demo [-- --approve | --deny]");
});
