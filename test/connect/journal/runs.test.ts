import { describe, expect, it } from "vitest";
import { createRun } from "../../../src/connect/journal/create.ts";
import { deleteRun, pruneRuns } from "../../../src/connect/journal/prune.ts";
import { findRun, listRuns } from "../../../src/connect/journal/runs.ts";
import { takeOverRun } from "../../../src/connect/journal/takeover.ts";
import type { RunEvent } from "../../../src/effects/events.ts";
import { Disk } from "./disk.ts";
import { act, asked, ended, good, Owners, refusal, started } from "./world.ts";

const DAY = 24 * 60 * 60 * 1000;
const answered = (id: string): RunEvent => ({
  type: "approval.answered",
  id,
  approved: true,
  by: "me",
  reason: null,
  answer: null,
});
const resumed: RunEvent = {
  type: "run.resumed",
  principal: "me",
  deadline: 9,
  changed: false,
  documents: [],
  graphDigest: "g",
};
const over = (outcome: "completed" | "failed" | "timed_out"): RunEvent => ({
  type: "run.ended",
  outcome,
  reason: null,
});
const paused = (...requests: string[]): RunEvent => ({ type: "run.paused", requests });

class State {
  disk = new Disk();
  readonly ownership = new Owners();

  get options() {
    return { files: this.disk, ownership: this.ownership };
  }

  /** A run with these events, one millisecond apart; closed unless told otherwise. */
  async run(id: string, at: number, events: readonly RunEvent[], close = true): Promise<void> {
    const journal = good(await createRun("/state", id, [], this.options));
    for (const event of [{ ...started, runId: id }, ...events]) journal.append(event, at++);
    expect(await journal.sync()).toBeNull();
    if (close) await journal.close();
  }

  async resume(id: string, at: number, events: readonly RunEvent[], close = true): Promise<void> {
    const { journal } = good(await takeOverRun("/state", id, at, this.options));
    for (const event of events) journal.append(event, ++at);
    expect(await journal.sync()).toBeNull();
    if (close) await journal.close();
  }

  async status(id: string) {
    const { status, requests, updatedAt } = good(await findRun("/state", id, this.options));
    return { status, requests: requests.map((request) => request.id), updatedAt };
  }
}

describe("the list of runs", () => {
  it("is empty without a state directory", async () => {
    expect(await listRuns("/state", { files: new Disk(), ownership: new Owners() })).toEqual({ ok: true, value: [] });
  });

  it("says of each run what it is and how it stands, newest first", async () => {
    const state = new State();
    await state.run("done", 1000, [ended(1n), over("completed")]);
    await state.run("failed", 2000, [over("failed")]);
    await state.run("late", 3000, [over("timed_out")]);
    await state.run("waits", 4000, [asked("q1"), asked("q2"), ended(2n), paused("q1", "q2")]);
    await state.run("cut", 5000, [ended(1n)]);
    await state.run("alive", 6000, [ended(1n)], false);
    await state.run("killed", 7000, [], false);
    await state.run("far", 8000, [], false);
    const [, killed, far] = [...state.ownership.states].filter(([, is]) => is === "live").map(([nonce]) => nonce);
    state.ownership.states.set(killed ?? "", "dead");
    state.ownership.states.set(far ?? "", "elsewhere");
    const runs = good(await listRuns("/state", state.options));
    expect(runs.map(({ id, status, held }) => `${id} ${status}${held ? " held" : ""}`)).toEqual([
      "far unknown",
      "killed interrupted",
      "alive running held",
      "cut interrupted",
      "waits paused",
      "late timed_out",
      "failed failed",
      "done completed",
    ]);
    expect(runs[4]).toMatchObject({
      workflow: "hello",
      dialect: "workflow",
      root: "/w/hello.toml",
      principal: "user:me@here",
      dryRun: false,
      startedAt: 4000,
      updatedAt: 4004,
      epoch: 1,
      problem: null,
      requests: [
        { id: "q1", subject: "pause", reason: "look", act },
        { id: "q2", subject: "pause", reason: "look", act },
      ],
    });
  });

  it("follows a run through answers, resumes and further pauses", async () => {
    const state = new State();
    await state.run("r", 1000, [asked("q1"), asked("q2"), paused("q1", "q2")]);
    await state.resume("r", 2000, []);
    expect(await state.status("r")).toEqual({ status: "paused", requests: ["q1", "q2"], updatedAt: 2000 });
    await state.resume("r", 3000, [answered("q1")]);
    expect(await state.status("r")).toEqual({ status: "paused", requests: ["q2"], updatedAt: 3001 });
    await state.resume("r", 4000, [answered("q2"), resumed]);
    expect(await state.status("r")).toMatchObject({ status: "interrupted", requests: [] });
    await state.resume("r", 5000, [resumed, asked("q3"), paused("q3")]);
    expect(await state.status("r")).toMatchObject({ status: "paused", requests: ["q3"] });
    await state.resume("r", 6000, [resumed, over("completed")]);
    expect(await state.status("r")).toEqual({ status: "completed", requests: [], updatedAt: 6002 });
  });

  it("is right about long runs, large last lines and torn tails", async () => {
    const state = new State();
    const many = Array.from({ length: 3000 }, (_, i) => ended(BigInt(i)));
    const wide = { ...asked("q"), reason: "r".repeat(300_000) } as RunEvent;
    await state.run("r", 1000, [wide, ...many, paused("q")], false);
    const path = "/state/runs/r/journal.1.jsonl";
    const whole = state.disk.content(path);
    state.disk.put(path, Buffer.concat([whole, Buffer.from('{"seq":30')]));
    state.ownership.setAll("dead");
    expect(await state.status("r")).toEqual({ status: "paused", requests: ["q"], updatedAt: 4002 });
    state.disk.put(path, whole.subarray(0, whole.length - 1));
    expect(await state.status("r")).toMatchObject({ status: "interrupted", updatedAt: 4001 });
  });

  it("does not hide what it cannot read", async () => {
    const state = new State();
    await state.run("broken", 1000, [over("completed")]);
    state.disk.put("/state/runs/broken/journal.1.jsonl", Buffer.from("{}\n{}\n"));
    await state.disk.makeFolder("/state/runs/empty");
    await state.disk.makeFolder("/state/runs/not.a.run");
    expect(good(await listRuns("/state", state.options))).toMatchObject([
      { id: "broken", status: "unreadable", problem: { code: "journal.corrupt", line: 1 } },
      { id: "empty", status: "unreadable", problem: { code: "journal.missing" } },
    ]);
    expect(refusal(await findRun("/state", "nobody", state.options))).toBe("journal.missing");
  });
});

describe("removing runs", () => {
  it("takes a finished run away as a whole, and asks before a paused one", async () => {
    const state = new State();
    await state.run("done", 1000, [over("completed")]);
    await state.run("waits", 1000, [asked("q"), paused("q")]);
    await state.run("alive", 1000, [], false);
    good(await deleteRun("/state", "done", state.options));
    expect(refusal(await deleteRun("/state", "done", state.options))).toBe("journal.missing");
    expect(refusal(await deleteRun("/state", "waits", state.options))).toBe("journal.paused");
    expect(refusal(await deleteRun("/state", "alive", { ...state.options, force: true }))).toBe("journal.owned");
    good(await deleteRun("/state", "waits", { ...state.options, force: true }));
    state.ownership.setAll("elsewhere");
    expect(refusal(await deleteRun("/state", "alive", state.options))).toBe("journal.elsewhere");
    expect(await state.disk.names("/state/runs")).toEqual(["alive"]);
  });

  it("gives a run its name back when somebody has resumed it in that moment", async () => {
    const state = new State();
    await state.run("r", 1000, [ended(1n)]);
    const rename = state.disk.rename.bind(state.disk);
    let taken = false;
    state.disk.rename = async (from, to) => {
      if (!taken) {
        taken = true;
        await state.resume("r", 2000, [], false);
      }
      await rename(from, to);
    };
    expect(refusal(await deleteRun("/state", "r", state.options))).toBe("journal.owned");
    expect(await state.disk.names("/state/runs")).toEqual(["r"]);
    expect(await state.status("r")).toMatchObject({ status: "running" });
  });

  it("prunes what is neither among the newest nor recent, never what waits, works or may be evidence", async () => {
    const state = new State();
    for (let i = 0; i < 6; i++) await state.run(`old${i}`, 1000 + i * 10, [over("completed")]);
    await state.run("waits", 500, [asked("q"), paused("q")]);
    await state.run("alive", 500, [], false);
    await state.run("cut", 400, [ended(1n)]);
    await state.run("held", 300, [over("completed")], false);
    await state.run("recent", 100, [ended(1n)]);
    await state.resume("recent", 40 * DAY, [resumed, over("failed")]);
    await state.run("broken", 1, [over("completed")]);
    state.disk.put("/state/runs/broken/journal.1.jsonl", Buffer.from("{}\n"));
    const options = { ...state.options, now: 41 * DAY, keepRuns: 2 };
    const expected = ["old3", "old2", "old1", "old0", "cut"];
    expect(await pruneRuns("/state", { ...options, preview: true })).toEqual({
      ok: true,
      value: { removed: expected, problems: [] },
    });
    expect((await state.disk.names("/state/runs")).length).toBe(12);
    await state.disk.makeFolder(`/state/runs/.removed-x-${"0".repeat(16)}`);
    expect(await pruneRuns("/state", options)).toEqual({ ok: true, value: { removed: expected, problems: [] } });
    expect((await state.disk.names("/state/runs")).toSorted()).toEqual(
      ["alive", "broken", "held", "old4", "old5", "recent", "waits"].toSorted(),
    );
  });

  it("keeps 200 runs or 30 days unless told otherwise", async () => {
    const state = new State();
    await state.run("r0", 1000, [over("completed")]);
    for (let i = 1; i <= 200; i++) await state.run(`r${i}`, 2000, [over("completed")]);
    expect(good(await pruneRuns("/state", { ...state.options, now: 30 * DAY })).removed).toEqual([]);
    expect(good(await pruneRuns("/state", { ...state.options, now: 31 * DAY })).removed).toEqual(["r0"]);
  });

  it("says what could not be removed", async () => {
    const state = new State();
    await state.run("r", 1000, [over("completed")]);
    state.disk.fault = (operation) => (operation === "removeFolder" ? "EACCES" : null);
    const options = { ...state.options, now: 99 * DAY, keepRuns: 0 };
    const { removed, problems } = good(await pruneRuns("/state", options));
    expect(removed).toEqual([]);
    expect(problems[0]).toMatchObject({ code: "journal.io" });
    expect(problems[0]?.message).toContain("permission denied");
    state.disk.fault = () => null;
    good(await pruneRuns("/state", options));
    expect(await state.disk.names("/state/runs")).toEqual([]);
  });
});
