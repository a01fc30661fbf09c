import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EndedNode, WalkAction, WalkState } from "../../../src/dialects/document.ts";
import { encodeText } from "../../../src/dialects/pipeline/canonical.ts";
import { rules } from "../../../src/dialects/pipeline/walk.ts";
import { toolFailure } from "../../../src/graph/failure.ts";
import type { Graph } from "../../../src/graph/model.ts";
import type { Value } from "../../../src/graph/value.ts";
import { frontEnd, pipeline } from "./support.ts";

function graphOf(dependencies: readonly (readonly number[])[]): Graph {
  const text = encodeText(pipeline(dependencies.map((list) => ["identity", list])));
  const { graph } = frontEnd.parse(text, "spec.kv");
  if (graph === null) throw new Error("the pipeline does not parse");
  return graph;
}

function state(active: readonly string[], ended: ReadonlyMap<string, EndedNode>, input: Value = "in"): WalkState {
  return {
    frame: "",
    start: null,
    input,
    triggerKind: "manual",
    steps: active.length + ended.size,
    active,
    lastEntered: active.at(-1) ?? null,
    pending: null,
    ended,
    visits: new Map(),
    loops: new Map(),
    resolvedGates: new Set(),
  };
}

const done = (output: Value): EndedNode => ({
  output,
  partial: false,
  label: null,
  outcome: "continue",
  reason: null,
  failure: null,
});
const broken = (detail: string): EndedNode => ({ ...done(null), failure: toolFailure("stage", detail) });

const entered = (actions: readonly WalkAction[]) => actions.map((one) => (one.type === "enter" ? one.node : one.type));
const all = { maxActive: 64 };

describe("the walk of a pipeline", () => {
  it("gives the input unchanged as the trigger", () => {
    expect(rules.trigger(state([], new Map(), 7n))).toBe(7n);
  });

  it("starts independent stages at once, up to the limit, and waits for all dependencies", () => {
    const graph = graphOf([[], [], [0, 1], []]);
    expect(entered(rules.next(graph, state([], new Map()), all))).toEqual(["s0", "s1", "s3"]);
    expect(entered(rules.next(graph, state([], new Map()), { maxActive: 2 }))).toEqual(["s0", "s1"]);
    expect(entered(rules.next(graph, state(["s0", "s1"], new Map()), { maxActive: 2 }))).toEqual([]);
    const one = new Map([["s0", done("a")]]);
    expect(entered(rules.next(graph, state(["s1", "s3"], one), all))).toEqual([]);
    const both = new Map([...one, ["s1", done("b")]] as const);
    expect(entered(rules.next(graph, state(["s3"], both), all))).toEqual(["s2"]);
  });

  it("completes with the value of the last stage", () => {
    const graph = graphOf([[], [0]]);
    const ended = new Map([
      ["s0", done("a")],
      ["s1", { ...done("b"), partial: true }],
    ] as const);
    expect(rules.next(graph, state([], ended), all)).toEqual([
      { type: "finish", status: "completed", value: "b", partial: true, reason: null, failure: null, lastNode: "s1" },
    ]);
  });

  it("starts nothing after a failed stage and fails when the others have ended", () => {
    const graph = graphOf([[], [], [0]]);
    const ended = new Map([
      ["s0", done("a")],
      ["s1", broken("exit code 1")],
    ] as const);
    expect(rules.next(graph, state(["s2"], ended), all)).toEqual([]);
    expect(rules.next(graph, state([], ended), all)).toMatchObject([
      { type: "finish", status: "failed", reason: "tool `stage` failed: exit code 1", lastNode: "s1" },
    ]);
  });

  it("ends the same way, having run every stage once after its dependencies, whatever ends first", () => {
    const dag = fc
      .integer({ min: 1, max: 8 })
      .chain((size) => fc.tuple(...Array.from({ length: size }, (_, i) => fc.subarray([...Array(i).keys()]))));
    fc.assert(
      fc.property(
        dag,
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat()),
        (dependencies, maxActive, choices) => {
          const graph = graphOf(dependencies);
          const ended = new Map<string, EndedNode>();
          let active: string[] = [];
          const order: string[] = [];
          for (;;) {
            const actions = rules.next(graph, state(active, ended), { maxActive });
            const finish = actions.find((one) => one.type === "finish");
            if (finish !== undefined) {
              expect(finish).toMatchObject({ status: "completed", value: `out of s${dependencies.length - 1}` });
              break;
            }
            for (const action of actions) {
              if (action.type !== "enter") continue;
              const node = graph.nodes.find((one) => one.id === action.node);
              expect(node?.after.every((i) => ended.has(`s${i}`))).toBe(true);
              active = [...active, action.node];
              order.push(action.node);
            }
            expect(active.length).toBeGreaterThan(0);
            expect(active.length).toBeLessThanOrEqual(maxActive);
            const next = active[(choices.next().value as number) % active.length] as string;
            active = active.filter((id) => id !== next);
            ended.set(next, done(`out of ${next}`));
          }
          expect([...order].sort()).toEqual(graph.nodes.map((node) => node.id).sort());
        },
      ),
    );
  });
});
