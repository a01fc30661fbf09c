import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunHub } from "../../../src/extension/run/hub.ts";
import { MAX_KEPT, Recording } from "../../../src/extension/run/recording.ts";
import { emptyRun, foldSteps } from "../../../src/protocol/run-fold.ts";
import { manyVisits, randomRun } from "../../protocol/runs.ts";

describe("the recording of a run", () => {
  it("shows at any instant what folding the steps before it gives, in whatever order one looks", () => {
    fc.assert(
      fc.property(randomRun, fc.array(fc.nat(320), { maxLength: 20 }), (steps, looks) => {
        const recording = new Recording("r");
        for (const step of steps) recording.add(step);
        for (const look of looks) {
          const { next, view, step, earliest } = recording.at(look);
          expect(next).toBe(Math.min(look, steps.length));
          expect(view).toEqual(foldSteps(emptyRun("r"), steps.slice(0, next)));
          expect(step).toEqual(steps[next - 1] ?? null);
          expect(earliest).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("finds instants of a long run, back and forth", () => {
    const steps = manyVisits(15_000);
    const recording = new Recording("r");
    for (const step of steps) recording.add(step);
    for (const look of [29_999, 3, 12_345, 12_346, 25_000, 0, 30_000]) {
      const { view } = recording.at(look);
      expect(view.next).toBe(look);
      expect(view.nodes.get("a")?.visits ?? 0).toBe(Math.ceil(look / 2));
    }
  });

  it("keeps a bounded number of steps, and goes no further back than it can tell the truth", () => {
    const steps = manyVisits(MAX_KEPT / 2 + 10);
    const recording = new Recording("r");
    for (const step of steps) recording.add(step);
    expect(recording.length).toBe(steps.length);
    expect(recording.earliest).toBeGreaterThan(0);
    const { next, view } = recording.at(5);
    expect(next).toBe(recording.earliest);
    expect(view.nodes.get("a")?.visits).toBe(Math.ceil(next / 2));
    expect(recording.at(steps.length).view.nodes.get("a")?.visits).toBe(steps.length / 2);
  });
});

describe("the runs of a window", () => {
  it("know instants of a run, keep whole recordings of the latest only, and forget a session's", () => {
    const hub = new RunHub();
    const steps = manyVisits(3_000);
    for (let run = 0; run < 6; run++) {
      const tell = hub.begin("d", `r${run}`);
      for (const step of steps) tell(step);
    }
    expect(hub.at("r5", 10)?.next).toBe(10);
    expect(hub.at("r0", 10)).toMatchObject({ next: 2_000, earliest: 2_000 });
    const heard: unknown[] = [];
    hub.attach("d", (message) => heard.push(message)).ready();
    hub.forget("r0");
    expect(heard, "another run is shown").toHaveLength(1);
    hub.forget("r5");
    expect(heard.at(-1)).toEqual({ type: "runView", run: null });
    expect(hub.at("r5", 10)).toBeNull();
  });
});
