import { describe, expect, it } from "vitest";
import { ask, frames, perform, type Handler } from "../../src/effects/handler.ts";
import { NodeFailure } from "../../src/graph/failure.ts";
import { apply, initialState } from "../../src/engine/state.ts";
import { resumeRun } from "../../src/engine/runner.ts";
import { Trace } from "../../src/engine/trace.ts";
import { begin, bundle, decider, graph, prepareRun, settle, TestJournal, TestWorld } from "./harness.ts";

const pass: Handler = function* (context) {
  yield* [];
  return { outcome: "continue", output: context.node.id };
};
const read: Handler = function* () {
  const value = yield* perform({ kind: "fs.read", path: "/a" });
  return { outcome: "continue", output: value ?? null };
};
const post: Handler = function* () {
  const value = yield* perform({
    kind: "http.request",
    method: "POST",
    url: "http://127.0.0.1/",
    headers: [],
    body: null,
    timeoutMs: 1,
    maxReplyBytes: 1,
  });
  return { outcome: "continue", output: value ?? null };
};
const child: Handler = function* (context) {
  const names = context.node.fields["children"] as string[];
  const list = names.map((name) => {
    const pinned = context.child(name);
    if (!pinned.ok) throw new NodeFailure({ class: "workflow", message: pinned.message });
    return { document: pinned.key, start: null, input: null };
  });
  const results = yield* frames(list, (context.node.fields["wave"] as number | undefined) ?? list.length);
  return { outcome: "continue", output: results.map((one) => (one.status === "completed" ? one.value : one.status)) };
};
const pause: Handler = function* () {
  const answer = yield* ask({ subject: "pause", id: null, reason: "look first", summary: null });
  return { outcome: "continue", output: null, ...(answer.approved ? {} : { label: "denied" }) };
};

describe("the runner", () => {
  it("walks a chain and completes with the last node's output", async () => {
    const run = prepareRun(bundle(graph("t", { a: "pass", b: "pass" }, [["a", "b"]])), { pass });
    const { outcome } = await begin(run);
    expect(outcome).toEqual({ status: "completed", finalValue: "b", lastNode: "b" });
  });

  it("performs an effect only after its start is durable", async () => {
    const journal = new TestJournal();
    let durableAtPerform = -1;
    const world = new TestWorld(() => {
      durableAtPerform = journal.synced;
      return { ok: true, value: 7n };
    });
    const run = prepareRun(bundle(graph("t", { a: "read" }, [])), { read }, { world, journal });
    const { outcome } = await begin(run);
    expect(outcome).toMatchObject({ status: "completed", finalValue: 7n });
    const started = journal.events.findIndex((event) => event.type === "effect.started");
    expect(durableAtPerform).toBeGreaterThan(started);
  });

  it("performs nothing when the journal cannot be synced", async () => {
    const journal = new TestJournal();
    const run = prepareRun(bundle(graph("t", { p: "pass", a: "read" }, [["p", "a"]])), { pass, read }, { journal });
    journal.failSync = "ENOSPC: no space left on device";
    const { outcome, journalFailure } = await begin(run);
    expect(outcome).toMatchObject({ status: "failed", error: { class: "io" } });
    expect(journalFailure).not.toBeNull();
    expect(run.world.performed).toEqual([]);
  });

  it("turns a denial into a hard error of class policy without touching the world", async () => {
    const deny = decider(() => ({ decision: "Deny", code: "policy", reason: "read_file denied" }));
    const run = prepareRun(bundle(graph("t", { a: "read" }, [])), { read }, { decider: deny });
    const { outcome } = await begin(run);
    expect(outcome).toMatchObject({
      status: "failed",
      reason: "policy violation: read_file denied",
      error: { class: "policy" },
    });
    expect(run.world.performed).toEqual([]);
  });

  it("retries by the node's policy and waits in between", async () => {
    let calls = 0;
    const world = new TestWorld(() =>
      ++calls < 3 ? { ok: false, failure: { class: "tool", message: "down" } } : { ok: true, value: true },
    );
    const retry = { maxAttempts: 3, backoffMs: 100, on: "any", jitter: 0 } as const;
    const run = prepareRun(bundle(graph("t", { a: { kind: "read", retry } }, [])), { read }, { world });
    const from = run.clock.now();
    const { outcome } = await settle(run, begin(run), from + 10_000);
    expect(outcome).toMatchObject({ status: "completed" });
    expect(run.clock.now() - from).toBe(300);
  });

  it("takes the branch error for a hard error when the node says so", async () => {
    const world = new TestWorld(() => ({ ok: false, failure: { class: "tool", message: "down" } }));
    const nodes = { a: { kind: "read", onError: "branch" as const }, b: "pass" };
    const run = prepareRun(bundle(graph("t", nodes, [["a", "b", "error"]])), { read, pass }, { world });
    expect((await begin(run)).outcome).toMatchObject({ status: "completed", lastNode: "b" });
  });

  it("times a run out while an effect is in flight and aborts the effect", async () => {
    const world = new TestWorld(
      (_effect, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () =>
            resolve({ ok: false, failure: { class: "tool", message: "aborted" } }),
          );
        }),
    );
    const run = prepareRun(bundle(graph("t", { a: "read" }, [])), { read }, { world });
    const { outcome } = await settle(run, begin(run, { options: { timeoutMs: 1000 } }));
    expect(outcome).toEqual({ status: "timed_out", elapsedMs: 1000, lastNode: "a" });
  });

  it("walks children in waves and gives their results in order", async () => {
    const root = graph("t", { a: { kind: "child", fields: { children: ["c", "c", "c"], wave: 2 } } }, []);
    const run = prepareRun(bundle(root, graph("c", { x: "pass" }, [])), { child, pass });
    const { outcome } = await begin(run);
    expect(outcome).toMatchObject({ finalValue: ["x", "x", "x"] });
    const opened = run.journal.events.filter((event) => event.type === "frame.opened").map((event) => event.frame);
    expect(opened).toEqual(["", "a[0]", "a[1]", "a[2]"]);
    const types = run.journal.types();
    expect(types.lastIndexOf("frame.opened")).toBeGreaterThan(types.indexOf("frame.ended"));
  });

  it("pauses when only a person can go on, and resumes from the journal alone", async () => {
    const documents = bundle(
      graph("t", { a: "read", p: "pause", b: "post" }, [
        ["a", "p"],
        ["p", "b"],
      ]),
    );
    const handlers = { read, pause, post };
    const first = prepareRun(documents, handlers);
    const paused = await begin(first, { options: { canPause: true } });
    expect(paused.outcome).toEqual({ status: "paused", runId: "run-1", lastNode: "p", reason: "look first" });

    const state = initialState();
    for (const event of first.journal.events) apply(state, event);
    const second = prepareRun(documents, handlers, { journal: new TestJournal(first.journal.events) });
    const id = [...state.asked.keys()][0] as string;
    const { outcome } = await resumeRun(second.input, state, [
      {
        type: "run.resumed",
        principal: "user:b@local",
        deadline: second.clock.now() + 1000,
        changed: false,
        documents: [],
        graphDigest: documents.digest,
      },
      { type: "approval.answered", id, approved: true, by: "user:b@local", reason: null, answer: null },
    ]);
    expect(outcome).toMatchObject({ status: "completed", lastNode: "b" });
    expect(second.world.performed.map((effect) => effect.kind)).toEqual(["http.request"]);
  });

  it("asks about an effect that may or may not have happened instead of repeating it", async () => {
    const documents = bundle(graph("t", { b: "post" }, []));
    const first = prepareRun(documents, { post });
    await begin(first, { options: { canPause: true } });
    const cut = first.journal.events.slice(
      0,
      first.journal.events.findIndex((event) => event.type === "effect.started") + 1,
    );
    const state = initialState();
    for (const event of cut) apply(state, event);
    const second = prepareRun(documents, { post }, { journal: new TestJournal(cut) });
    const { outcome } = await resumeRun(second.input, state, []);
    expect(outcome).toMatchObject({ status: "paused", lastNode: "b" });
    expect(second.world.performed).toEqual([]);
  });

  it("refuses to go on when the handler asks for another effect than the journal records", async () => {
    const documents = bundle(graph("t", { a: "read", b: "post" }, [["a", "b"]]));
    const first = prepareRun(documents, { read, post });
    await begin(first, { options: { canPause: true } });
    const cut = first.journal.events.slice(
      0,
      first.journal.events.findIndex((event) => event.type === "effect.ended") + 1,
    );
    const state = initialState();
    for (const event of cut) apply(state, event);
    const other: Handler = function* () {
      const value = yield* perform({ kind: "fs.read", path: "/other" });
      return { outcome: "continue", output: value ?? null };
    };
    const second = prepareRun(documents, { read: other, post }, { journal: new TestJournal(cut) });
    const { outcome } = await resumeRun(second.input, state, []);
    expect(outcome).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("journal.divergence") as string },
    });
    expect(second.world.performed).toEqual([]);
  });

  it("cancels on request", async () => {
    const controller = new AbortController();
    const world = new TestWorld(
      (_effect, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () =>
            resolve({ ok: false, failure: { class: "tool", message: "aborted" } }),
          );
          controller.abort({ how: "cancel", by: "user:test", reason: "enough" });
        }),
    );
    const run = prepareRun(
      bundle(graph("t", { a: "read" }, [])),
      { read },
      { world, control: { signal: controller.signal } },
    );
    expect((await begin(run)).outcome).toMatchObject({
      status: "failed",
      reason: "cancelled by user:test: enough",
      error: { class: "cancelled" },
    });
  });

  it("gives effects a stub in a dry run and follows the assumed branch", async () => {
    const run = prepareRun(bundle(graph("t", { a: "read" }, [])), { read });
    const { outcome } = await begin(run, { options: { dryRun: "stub" } });
    expect(outcome).toMatchObject({ status: "completed" });
    expect(run.world.performed).toEqual([]);
    expect(run.journal.events.find((event) => event.type === "effect.decided")).toMatchObject({
      live: { decision: "Allow" },
    });
  });

  it("folds a trace of the root walk", async () => {
    const run = prepareRun(bundle(graph("t", { a: "pass", b: "pass" }, [["a", "b"]])), { pass });
    await begin(run);
    const trace = new Trace();
    for (const event of run.journal.events) trace.add(event);
    expect(trace.entries.map((entry) => [entry.node, entry.outcome, entry.branch])).toEqual([
      ["a", "continue", null],
      ["b", "continue", null],
    ]);
  });
});
