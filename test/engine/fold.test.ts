import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalEvent } from "../../src/effects/events.ts";
import { frames, perform, type Handler } from "../../src/effects/handler.ts";
import { apply, initialState, type RunState } from "../../src/engine/state.ts";
import { begin, bundle, graph, prepareRun, TestWorld } from "./harness.ts";

const effect: Handler = function* (context) {
  const value = yield* perform({ kind: "env.read", key: context.node.id });
  return { outcome: "continue", output: value ?? null };
};
const fan: Handler = function* (context) {
  const pinned = context.child("child");
  const list = pinned.ok ? Array.from({ length: 4 }, () => ({ document: pinned.key, start: null, input: null })) : [];
  const results = yield* frames(list, 2);
  return { outcome: "continue", output: BigInt(results.length) };
};

/** The frames whose order an event belongs to: its own, and its parent's when it opens or ends a frame. */
function framesOf(event: JournalEvent, parents: ReadonlyMap<string, string | null>): string[] {
  if (event.type === "frame.opened" || event.type === "frame.ended") {
    const parent = parents.get(event.frame) ?? null;
    return parent === null ? [event.frame] : [event.frame, parent];
  }
  if ("act" in event) return [event.act?.frame ?? ""];
  return "frame" in event ? [event.frame] : [""];
}

/** A random order that keeps the order within each frame. */
function interleave(events: readonly JournalEvent[], picks: readonly number[]): JournalEvent[] {
  const parents = new Map<string, string | null>();
  for (const event of events) if (event.type === "frame.opened") parents.set(event.frame, event.parent?.frame ?? null);
  const queues = new Map<string, JournalEvent[]>();
  for (const event of events) {
    for (const frame of framesOf(event, parents)) queues.set(frame, [...(queues.get(frame) ?? []), event]);
  }
  const out: JournalEvent[] = [];
  for (let turn = 0; out.length < events.length; turn++) {
    const ready = [...new Set([...queues.values()].flatMap((queue) => queue.slice(0, 1)))].filter((event) =>
      framesOf(event, parents).every((frame) => queues.get(frame)?.[0] === event),
    );
    const chosen = ready[(picks[turn % picks.length] ?? 0) % ready.length] as JournalEvent;
    for (const frame of framesOf(chosen, parents)) queues.get(frame)?.shift();
    out.push(chosen);
  }
  return out;
}

function fold(events: readonly JournalEvent[]): unknown {
  const state = initialState();
  for (const event of events) apply(state, event);
  return plainState(state);
}

/** The state without what an interleaving may change: sequence numbers and the order of maps. */
function plainState(state: RunState): unknown {
  const { seq, at, frames: open, activations, asked, ...rest } = state;
  void seq;
  void at;
  const sorted = <V>(map: ReadonlyMap<string, V>): [string, V][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...rest, frames: sorted(open), activations: sorted(activations), asked: sorted(asked) };
}

describe("the fold", () => {
  it("gives the same state for every interleaving that keeps the order within frames", async () => {
    const child = graph("child", { x: "effect", y: "effect" }, [["x", "y"]]);
    const root = graph("root", { a: "effect", f: "fan", z: "effect" }, [
      ["a", "f"],
      ["f", "z"],
    ]);
    const run = prepareRun(
      bundle(root, child),
      { effect, fan },
      { world: new TestWorld(() => ({ ok: true, value: 1n })) },
    );
    await begin(run);
    const events = run.journal.events;
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 5, maxLength: 40 }), fc.nat(events.length), (picks, length) => {
        const prefix = events.slice(0, length);
        expect(fold(interleave(prefix, picks))).toEqual(fold(prefix));
      }),
      { numRuns: 60 },
    );
  });

  it("resumes from every prefix of a journal to the same outcome without repeating an ended effect", async () => {
    const { resumeRun } = await import("../../src/engine/runner.ts");
    const { TestJournal } = await import("./harness.ts");
    const child = graph("child", { x: "effect", y: "effect" }, [["x", "y"]]);
    const root = graph("root", { a: "effect", f: "fan" }, [["a", "f"]]);
    const documents = bundle(root, child);
    const whole = prepareRun(documents, { effect, fan }, { world: new TestWorld(() => ({ ok: true, value: 1n })) });
    const expected = (await begin(whole)).outcome;
    for (let length = 2; length < whole.journal.events.length; length++) {
      const cut = whole.journal.events.slice(0, length);
      const state = initialState();
      for (const event of cut) apply(state, event);
      const again = prepareRun(
        documents,
        { effect, fan },
        { journal: new TestJournal(cut), world: new TestWorld(() => ({ ok: true, value: 1n })) },
      );
      const { outcome } = await resumeRun(again.input, state, []);
      expect(outcome).toEqual(expected);
      const ended = cut.filter((event) => event.type === "effect.ended").length;
      expect(again.world.performed.length).toBeLessThanOrEqual(9 - ended);
    }
  });
});
