import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyRun, foldSteps, MAX_ROWS, snapshotOf, viewOf } from "../../src/protocol/run-fold.ts";
import { runSnapshot, type RunStep } from "../../src/protocol/run.ts";
import { manyVisits, numbered, randomRun } from "./runs.ts";

const fold = (steps: readonly RunStep[]) => foldSteps(emptyRun("r"), steps);

describe("the fold of a run's steps", () => {
  it("is the same however the steps are cut, through a snapshot included", () => {
    fc.assert(
      fc.property(randomRun, fc.array(fc.nat(400), { maxLength: 6 }), (steps, cuts) => {
        let view = emptyRun("r");
        let from = 0;
        for (const to of [...cuts, steps.length].sort((a, b) => a - b)) {
          view = foldSteps(view, steps.slice(from, to));
          view = viewOf(runSnapshot.parse(JSON.parse(JSON.stringify(snapshotOf(view)))));
          from = Math.min(to, steps.length);
        }
        expect(view).toEqual(fold(steps));
      }),
    );
  });

  it("knows steps that it holds already, and folds nothing behind a gap", () => {
    const steps = manyVisits(3);
    const view = fold(steps);
    expect(foldSteps(view, steps)).toBe(view);
    const half = fold(steps.slice(0, 4));
    expect(foldSteps(half, steps.slice(5))).toBe(half);
    expect(foldSteps(half, steps.slice(2))).toEqual(view);
  });

  it("keeps the latest rows of a long run, says how many there were before, and counts all visits", () => {
    const visits = 5_000;
    const steps = manyVisits(visits);
    const whole = fold(steps);
    expect(whole.rows).toHaveLength(MAX_ROWS);
    expect(whole.dropped).toBe(visits - MAX_ROWS);
    expect(whole.nodes.get("a")?.visits).toBe(visits);
    let view = emptyRun("r");
    for (let i = 0; i < steps.length; i += 997) view = foldSteps(view, steps.slice(i, i + 997));
    expect(view).toEqual(whole);
  });

  it("nodes that no step touches keep their identity, so that only what changed is drawn again", () => {
    const act = { act: "b#1", node: "b" };
    const steps = numbered([
      ...[
        { type: "entered" as const, act: "a#1", node: "a", name: "a" },
        { type: "entered" as const, ...act, name: "b" },
      ].map((one) => ({ ...one, visit: 1, depth: 0, edges: [], assumed: false })),
      { type: "performed", ...act, ok: true, by: "dry" },
    ]);
    const before = fold(steps.slice(0, 2));
    const after = foldSteps(before, steps.slice(2));
    expect(after.nodes.get("a")).toBe(before.nodes.get("a"));
    expect(after.nodes.get("b")).not.toBe(before.nodes.get("b"));
  });

  it("names of documents are names only", () => {
    const visit = { act: "__proto__#1", node: "__proto__", name: "__proto__" };
    const steps = numbered([{ type: "entered", ...visit, visit: 1, depth: 0, edges: ["constructor"], assumed: false }]);
    const view = viewOf(runSnapshot.parse(JSON.parse(JSON.stringify(snapshotOf(fold(steps))))));
    expect(view.nodes.get("__proto__")?.visits).toBe(1);
    expect(view.taken.get("constructor")).toBe(1);
  });
});
