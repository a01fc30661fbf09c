/** Take-over among real processes: killed, living, stopped, and many at once. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseStat, processOwnership } from "../../../src/connect/journal/owner.ts";
import { readRun } from "../../../src/connect/journal/reader.ts";
import { deleteRun } from "../../../src/connect/journal/prune.ts";
import { findRun } from "../../../src/connect/journal/runs.ts";
import { takeOverRun } from "../../../src/connect/journal/takeover.ts";
import { good, refusal } from "./world.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;

let dir = "";
let program = "";
const children: Child[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "owners-"));
  program = join(dir, "owner.mjs");
  await build({
    entryPoints: [new URL("owner_process.ts", import.meta.url).pathname],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
});
afterAll(() => rm(dir, { recursive: true }));

/** A process and what it says, line by line. */
function start(mode: string, runId: string): { child: Child; says: AsyncIterator<string> } {
  const child = spawn(process.execPath, [program, mode, dir, runId], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return { child, says: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function heard(says: AsyncIterator<string>): Promise<string> {
  const { value, done } = await says.next();
  if (done === true) throw new Error("the process has ended");
  return value;
}

/** Kills a process and waits until it is gone. */
async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

describe("a run of another process", () => {
  it("is refused while that process lives or is stopped, and can be resumed once it was killed", async () => {
    const { child, says } = start("hold", "r1");
    expect(await heard(says)).toBe("ready");
    const live = await takeOverRun(dir, "r1", Date.now());
    expect(live).toMatchObject({ ok: false, problem: { code: "journal.owned" } });
    if (!live.ok) expect(live.problem.message).toContain(`process ${child.pid} on host`);
    expect(good(await findRun(dir, "r1"))).toMatchObject({ status: "running", held: true });

    child.kill("SIGSTOP");
    expect(refusal(await takeOverRun(dir, "r1", Date.now(), { takeOver: true }))).toBe("journal.owned");
    expect(refusal(await deleteRun(dir, "r1", { force: true }))).toBe("journal.owned");

    await end(child);
    expect(good(await findRun(dir, "r1"))).toMatchObject({ status: "interrupted", held: false });
    const { journal, read } = good(await takeOverRun(dir, "r1", Date.now()));
    expect(read).toMatchObject({ seq: 1, released: false });
    expect(journal.epoch).toBe(2);
    expect(refusal(await takeOverRun(dir, "r1", Date.now()))).toBe("journal.owned");
    await journal.close();
  });

  it("keeps everything that was durable when its writer is killed at any moment", async () => {
    for (const count of [1, 5, 20]) {
      const { child, says } = start("write", `w${count}`);
      expect(await heard(says)).toBe("ready");
      let durable = 0;
      for (let i = 0; i < count; i++) durable = Number((await heard(says)).replace("durable ", ""));
      await end(child);
      const { read, journal } = good(await takeOverRun(dir, `w${count}`, Date.now()));
      expect(read.seq).toBeGreaterThanOrEqual(durable);
      await journal.close();
      expect(good(await readRun(dir, `w${count}`)).seq).toBe(read.seq + 1);
    }
  });

  it("goes to exactly one of several processes that want it at once", async () => {
    const owner = start("hold", "r2");
    expect(await heard(owner.says)).toBe("ready");
    await end(owner.child);
    const takers = Array.from({ length: 5 }, () => start("take", "r2"));
    for (const { says } of takers) expect(await heard(says)).toBe("ready");
    for (const { child } of takers) child.stdin.write("go\n");
    const said = await Promise.all(takers.map(({ says }) => heard(says)));
    expect(said.filter((line) => line === "epoch 2")).toHaveLength(1);
    for (const line of said) expect(line).toMatch(/^(epoch 2$|journal\.(taken|owned) )/);
    expect(good(await readRun(dir, "r2"))).toMatchObject({ epoch: 2, seq: 2, findings: [] });
  });
});

describe("judging an owner", () => {
  it("tells a process from another one with its pid, a machine from its last start, and hosts apart", async () => {
    const owner = await processOwnership.claim();
    expect(await processOwnership.judge(owner)).toBe("live");
    expect(await processOwnership.judge({ ...owner, nonce: "another" })).toBe("dead");
    expect(await processOwnership.judge({ ...owner, startTime: "1" })).toBe("dead");
    expect(await processOwnership.judge({ ...owner, bootId: "before" })).toBe("dead");
    expect(await processOwnership.judge({ ...owner, bootId: "other", host: "other" })).toBe("elsewhere");
    expect(await processOwnership.judge({ ...owner, pidNamespace: "pid:[1]" })).toBe("elsewhere");
    expect(await processOwnership.judge({ ...owner, host: "renamed" })).toBe("live");
    processOwnership.release(owner);
    expect(await processOwnership.judge(owner)).toBe("dead");
  });

  it("counts a killed process that nobody has reaped as dead", async () => {
    // A shell gives what it starts in the background no input, unless by another number.
    const script = 'exec 3<&0; "$0" "$@" <&3 & exec sleep 600';
    const child = spawn("sh", ["-c", script, process.execPath, program, "hold", dir, "r3"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(child);
    const says = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect(await heard(says)).toBe("ready");
    const { owner } = good(await readRun(dir, "r3"));
    expect(await processOwnership.judge(owner)).toBe("live");
    process.kill(owner.pid, "SIGKILL");
    while ((await processOwnership.judge(owner)) === "live") await new Promise((done) => setImmediate(done));
    // It is still there, as a zombie of the shell.
    expect(process.kill(owner.pid, 0)).toBe(true);
    await good(await takeOverRun(dir, "r3", Date.now())).journal.close();
  });

  it("reads the process table whatever a program is called", () => {
    const rest = "S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1";
    expect(parseStat(`12 (a) b) R (x) ${rest}`)).toEqual({ startTime: "98765", ended: false });
    expect(parseStat(`12 (node) ${rest.replace("S", "Z")}`)).toEqual({ startTime: "98765", ended: true });
  });
});
