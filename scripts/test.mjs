/**
 * Runs the tests: `node scripts/test.mjs [PROJECT]...`, default all; the last line is `N passed, N failed, N skipped`.
 *
 * A window that other programs leave no processor to can lose a key or the focus. So a file whose tests drive a browser
 * and failed is run once more, by itself and from its first test on, in a fresh window; that it needed it is said. What
 * fails twice has failed, and what Node alone runs has only one try.
 */
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { line, sum } from "./summary-reporter.mjs";

const vitest = path.resolve("node_modules/vitest/vitest.mjs");
const counts = path.resolve(`.tmp/counts-${process.pid}.json`);
const secondTries = ["page", "vscode"];
const known = ["unit", ...secondTries];

const wanted = process.argv.slice(2);
const unknown = wanted.find((one) => !known.includes(one));
if (unknown !== undefined) {
  console.error(`usage: node scripts/test.mjs [PROJECT]...: there is no project ${unknown}, only ${known.join(", ")}`);
  process.exit(2);
}

await mkdir(path.dirname(counts), { recursive: true });
const first = await run(wanted.length === 0 ? known : wanted, []);
const again = first.stopped
  ? []
  : first.files.filter(({ project, failed }) => failed > 0 && secondTries.includes(project));
const second = again.length === 0 ? null : await secondTry(again);
const files = first.files.map((one) => second?.files.find((other) => isSame(one, other)) ?? one);
const all = sum([...files, first.outside, ...(second === null ? [] : [second.outside])]);
console.log(line(all));
process.exitCode = all.failed === 0 && (second ?? first).code === 0 ? 0 : 1;

async function secondTry(failed) {
  console.log(`\nA second try, each from its start: ${failed.map(({ file }) => file).join(", ")}\n`);
  const result = await run(
    [...new Set(failed.map(({ project }) => project))],
    failed.map(({ file }) => file),
  );
  for (const one of failed) {
    const now = result.files.find((other) => isSame(one, other));
    if (now?.failed === 0) console.log(`${one.file} passed at its second try; ${one.failed} failed at the first.`);
  }
  return result;
}

function isSame(one, other) {
  return one.project === other.project && one.file === other.file;
}

/** Runs vitest on projects, or on some files of them; gives what it counted, its exit code, and whether it was stopped. */
async function run(projects, only) {
  const args = ["run", "--reporter=default", "--reporter=./scripts/summary-reporter.mjs"];
  for (const project of projects) args.push("--project", project);
  const env = { ...process.env, COUNTERSIGN_COUNTS: counts };
  const child = spawn(process.execPath, [vitest, ...args, ...only], { stdio: "inherit", env });
  let stopped = false;
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      stopped = true;
      child.kill(signal);
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const written = await readFile(counts, "utf8").catch(() => null);
  await rm(counts, { force: true });
  if (written !== null) return { ...JSON.parse(written), code, stopped };
  // It ended without having counted anything.
  return { files: [], outside: { passed: 0, failed: 1, skipped: 0 }, code, stopped };
}
