/**
 * An owner that is stopped, loses its run to another process, and wakes up (spec/runtime.md §3, "One writer").
 *
 * The other process cannot judge the owner, as on another host, and takes the run over by word.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processOwnership, type Ownership } from "../../src/connect/journal/owner.ts";
import { resume } from "../../src/runtime/execute.ts";
import { approveAll } from "./answers.ts";
import { buildProgram, Case, runProgram, startedAgain, undeclared, type Ended } from "./kills.ts";
import type { Order } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { runSettings } from "./settings.ts";
import { measure, type Bench } from "./survives.ts";

const recorder = new Recorder();
let root = "";
let bench: Bench;

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "countersign-stop-"));
  const program = await buildProgram(root);
  await recorder.start();
  bench = await measure({ root: path.join(root, "runs"), program, recorder, reference: "workflow" });
});
afterAll(async () => {
  await recorder.stop();
  await rm(root, { recursive: true, force: true });
});

/** Sees every other process as one of another host. */
const elsewhere: Ownership = {
  claim: () => processOwnership.claim(),
  release: (owner) => processOwnership.release(owner),
  judge: async (owner) => (owner.pid === process.pid ? processOwnership.judge(owner) : "elsewhere"),
};

/** Starts the program and returns when it has stopped itself. */
function startUntilStopped(order: Order): Promise<{ readonly pid: number; readonly ended: Promise<Ended> }> {
  return new Promise((resolve, reject) => {
    const ended: Promise<Ended> = runProgram(bench.program, order, (pid) => {
      untilStopped(pid).then(() => resolve({ pid, ended }), reject);
    });
    ended.catch(reject);
  });
}

async function untilStopped(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    if (/^\d+ \(.*\) [Tt] /.test(stat)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.skipIf(process.platform !== "linux")("an owner that sleeps while its run is taken over", () => {
  // The syncs behind the starts of the program, the POST, and ends in between.
  for (const count of [7, 8, 9, 10, 12]) {
    it(`at sync ${count} performs nothing more when it wakes up`, async () => {
      const one = new Case(bench.root, `stopped-${count}`, recorder);
      await one.prepare("workflow");
      const { pid, ended } = await startUntilStopped({ ...one.order(0), stopAt: { what: "datasync", count } });
      try {
        const settings = runSettings({ cwd: one.folder, runId: one.runId, stateDir: one.stateDir, input: null });
        const robbed = { ...settings, stateDir: one.stateDir, changed: null, answers: approveAll };
        // A stopped process lives: without the word nobody gets its run, and on this machine not even with it.
        for (const takeOver of [false, true])
          expect(await resume({ ...robbed, takeOver })).toMatchObject({
            ok: false,
            problem: { code: "journal.owned" },
          });
        const unasked = await resume({ ...robbed, takeOver: false, journalOwnership: elsewhere });
        expect(unasked).toMatchObject({ ok: false, problem: { code: "journal.elsewhere", exit: 2 } });

        const outcome = await one.finish("approve", elsewhere);
        expect(await one.result(outcome)).toBe(bench.expected);
        const seen = await one.seen();
        process.kill(pid, "SIGCONT");
        const woken = await ended;
        if (woken.killed) throw new Error("it was killed");
        expect(woken.report.outcome).toBe("failed");
        expect(woken.report.reason).toContain("taken over");
        expect(await one.seen()).toEqual(seen);
        const events = await one.events();
        expect(startedAgain(events)).toBeNull();
        expect(undeclared(one.declared, seen, events, 1, true)).toBeNull();
      } finally {
        endProcess(pid);
        await ended;
      }
    });
  }
});

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
