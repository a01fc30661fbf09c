/**
 * A resume with an approved POST, killed at its points: an approval never serves two POSTs, and none is lost
 * (spec/runtime.md §7, `cred.replayed`).
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomeOf } from "../../src/engine/outcome.ts";
import { approvalsOf, depositCredential, payloadFor, signPayload } from "../../src/runtime/approvals/pending.ts";
import { loadDocument } from "../../src/runtime/documents.ts";
import { execute, readRecorded, resume, type Answer } from "../../src/runtime/execute.ts";
import type { RunState } from "../../src/engine/state.ts";
import { approver, gate, gateSettings } from "./approved.ts";
import { buildProgram, eachOf, runProgram, spread } from "./kills.ts";
import { Recorder } from "./recorder.ts";

const POINTS = 24;
const recorder = new Recorder();
let root = "";
let program = "";

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "countersign-approved-"));
  program = await buildProgram(root, path.join(import.meta.dirname, "approved-program.ts"));
  await recorder.start();
});
afterAll(async () => {
  await recorder.stop();
  await rm(root, { recursive: true, force: true });
});

/** One gate, paused on its POST, in a folder of its own. */
class Gate {
  readonly runId = "gate";
  private signed = 0;
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  private get settings() {
    const cwd = path.join(root, this.name);
    const input = { url: `${recorder.url(this.name)}/publish`, body: "1.4" };
    return gateSettings({ cwd, runId: this.runId, stateDir: path.join(cwd, "state"), input });
  }

  get posts(): number {
    return recorder.requests(this.name).length;
  }

  get approvals(): number {
    return this.signed;
  }

  async start(): Promise<void> {
    const { settings } = this;
    await mkdir(settings.cwd, { recursive: true });
    const file = path.join(settings.cwd, "gate.toml");
    await writeFile(file, gate);
    const loaded = await loadDocument(file, settings.cwd);
    if (!loaded.ok) throw new Error(loaded.message);
    const executed = await execute(loaded.bundle, settings);
    if (!executed.ok) throw new Error(executed.problem.message);
    if (executed.run.outcome.status !== "paused") throw new Error(JSON.stringify(executed.run.outcome));
  }

  /** Somebody signs a yes to the one open request, into the run's folder. */
  async approve(): Promise<void> {
    const { stateDir } = this.settings;
    const opened = await approvalsOf(stateDir, this.runId);
    const pending = opened.ok ? opened.approvals[0]?.pending : undefined;
    if (pending === undefined) throw new Error("nothing is asked");
    const verdict = {
      decision: "approve",
      reason: null,
      answer: undefined,
      now: Date.now(),
      lifeMs: 3_600_000,
    } as const;
    const made = payloadFor(pending, approver, verdict);
    const credential = "problem" in made ? made : await signPayload(made.payload, approver);
    if ("problem" in credential) throw new Error(credential.problem);
    const kept = await depositCredential(stateDir, this.runId, credential.credential);
    if ("problem" in kept) throw new Error(kept.problem);
    this.signed++;
  }

  kill(killAt: number) {
    const { cwd, stateDir } = this.settings;
    const order = { mode: "resume", file: "", cwd, stateDir, runId: this.runId, input: "null", killAt } as const;
    return runProgram(program, order);
  }

  /** Goes on with what is signed; an effect in doubt is answered with no, or with another signature. */
  async finish(doubts: "sign" | "deny"): Promise<{ readonly status: string; readonly doubts: number }> {
    let asked = 0;
    for (let round = 0; round < 4; round++) {
      const answers = (state: RunState): Promise<readonly Answer[]> => {
        const open = [...state.asked.values()].filter(({ request }) => request.subject === "doubt");
        return Promise.resolve(
          doubts === "sign"
            ? []
            : open.map(({ request }) => ({ id: request.id, approved: false, reason: null, answer: false })),
        );
      };
      const executed = await resume({ ...this.settings, takeOver: false, changed: null, answers });
      if (!executed.ok && executed.problem.code !== "journal.finished") throw new Error(executed.problem.message);
      if (!executed.ok) {
        const recorded = await readRecorded(this.settings.stateDir, this.runId, this.settings.cwd);
        if (!recorded.ok) throw new Error(recorded.problem.message);
        return { status: outcomeOf(recorded.run.state, "done").status, doubts: asked };
      }
      const { outcome, result } = executed.run;
      if (outcome.status !== "paused") return { status: outcome.status, doubts: asked };
      const [request] = [...result.state.asked.values()].map((one) => one.request);
      // The approval that was given must still be there: nothing but a doubt may be asked.
      if (request?.subject !== "doubt") throw new Error(`asks for ${request?.subject ?? "nothing"} again`);
      asked++;
      if (doubts === "sign") await this.approve();
    }
    throw new Error("the run pauses again and again");
  }

  /** Approvals that have been used up. */
  async used(): Promise<number> {
    const folder = path.join(this.settings.stateDir, "approvals", "uses");
    const names = await readdir(folder, { recursive: true });
    return names.filter((name) => /[/\\]\d+$/.test(name)).length;
  }
}

describe("an approved POST", () => {
  it(
    "happens once for each approval, wherever the resume is killed, and the approval is not lost",
    {
      timeout: 240_000,
    },
    async () => {
      const whole = new Gate("whole");
      await whole.start();
      await whole.approve();
      const ended = await whole.kill(0);
      if (ended.killed) throw new Error("the undisturbed resume was killed");
      expect([ended.report.outcome, whole.posts, await whole.used()]).toEqual(["completed", 1, 1]);
      const wrong: string[] = [];
      let inDoubt = 0;
      await eachOf(spread(ended.report.points, POINTS), 2, async (at) => {
        const doubts = at % 2 === 0 ? "sign" : "deny";
        const one = new Gate(`at-${at}`);
        await one.start();
        await one.approve();
        const killed = await one.kill(at);
        const finished = await one.finish(doubts).catch((problem: Error) => ({ status: problem.message, doubts: 0 }));
        inDoubt += finished.doubts;
        const expected = finished.doubts > 0 && doubts === "deny" ? "failed" : "completed";
        const told = `${one.posts} POSTs, ${one.approvals} approvals, ${await one.used()} used`;
        const holds =
          killed.killed &&
          finished.status === expected &&
          one.posts <= one.approvals &&
          one.posts <= (await one.used()) &&
          (expected === "failed" || one.posts >= 1);
        if (!holds) wrong.push(`killed at ${at}: ${finished.status}; ${told}`);
      });
      expect(wrong).toEqual([]);
      // Otherwise the points missed what they are for.
      expect(inDoubt).toBeGreaterThan(0);
    },
  );
});
