import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateSync } from "../../../src/dialects/skill/sync.ts";
import type { FanoutGroup } from "../../../src/graph/model.ts";
import { fromPlain, toPlain } from "../../../src/graph/value.ts";
import { broken, dry, ok } from "./walks.ts";
import type { EndedNode } from "../../../src/dialects/document.ts";

const group = (more: Partial<FanoutGroup> = {}): FanoutGroup => ({
  id: "f",
  strategy: "all",
  minSuccess: null,
  onBranchFailure: "continue",
  thresholdGates: [],
  conflictGates: [],
  at: [],
  ...more,
});
const threshold = (step: string, field: string, above: unknown, action: "pause" | "escalate" = "pause") => ({
  step,
  field,
  above: fromPlain(above),
  action,
});
const run = (policy: Partial<FanoutGroup>, ended: Record<string, EndedNode>, resolved: string[] = []) =>
  evaluateSync(group(policy), Object.keys(ended), new Map(Object.entries(ended)), new Set(resolved));

describe("sync rules", () => {
  test("a failure with halt comes before every gate", () => {
    const policy = { onBranchFailure: "halt", thresholdGates: [threshold("a", "n", 1)] } as const;
    expect(run(policy, { a: ok({ n: 2 }), b: broken("x") })).toMatchObject({
      decision: "halt",
      rule_fired: "branch_failure.halt",
      reason: "1/2 branches failed and on_branch_failure is halt",
    });
  });

  test("a threshold on a missing field halts", () => {
    expect(run({ thresholdGates: [threshold("a", "n", 1)] }, { a: ok() })).toMatchObject({
      decision: "halt",
      rule_fired: "threshold.a.n.missing",
    });
  });

  test("a threshold on text halts", () => {
    expect(run({ thresholdGates: [threshold("a", "n", 1)] }, { a: ok({ n: "9" }) })).toMatchObject({
      decision: "halt",
      rule_fired: "threshold.a.n.non_numeric",
    });
  });

  test("thresholds count only for branches that succeeded, in declaration order", () => {
    const gates = [threshold("b", "n", 0), threshold("a", "n", 0, "escalate"), threshold("a", "m", 0)];
    expect(run({ thresholdGates: gates, strategy: "any" }, { a: ok({ n: 1, m: 1 }), b: broken("x") })).toMatchObject({
      decision: "escalate",
      rule_fired: "threshold.a.n.above",
      reason: "a.n=1 exceeded 0",
    });
  });

  test("a threshold compares integers and floats exactly", () => {
    const gate = { thresholdGates: [threshold("a", "n", 9007199254740992n)] };
    expect(run(gate, { a: ok({ n: 9007199254740993n }) })).toMatchObject({
      decision: "pause",
      reason: "a.n=9007199254740993 exceeded 9007199254740992",
    });
    expect(run(gate, { a: ok({ n: 9007199254740992n }) })).toMatchObject({ decision: "proceed" });
    expect(run({ thresholdGates: [threshold("a", "n", 1)] }, { a: ok({ n: 1.5 }) })).toMatchObject({
      decision: "pause",
      reason: "a.n=1.5 exceeded 1",
    });
  });

  test("a conflict is more than one distinct value, absence included", () => {
    const conflictGates = [{ field: "x.y", steps: ["a", "b"], action: "pause" as const }];
    expect(run({ conflictGates }, { a: ok({ x: { y: 1 } }), b: ok({ x: { y: 1 } }) })).toMatchObject({
      decision: "proceed",
    });
    const found = run({ conflictGates }, { a: ok({ x: { y: 1 } }), b: ok() });
    expect(found).toMatchObject({
      decision: "pause",
      rule_fired: "conflict.x.y",
      reason: "fanout branches disagreed on structured field x.y",
    });
    expect(toPlain(found.gate ?? null)).toEqual({
      type: "conflict",
      field: "x.y",
      values: { a: 1, b: "undefined" },
      action: "pause",
    });
    expect(run({ conflictGates }, { a: ok({ x: { y: "undefined" } }), b: ok() })).toMatchObject({ decision: "pause" });
    expect(run({ conflictGates }, { a: ok(), b: ok() })).toMatchObject({ decision: "proceed" });
    expect(run({ conflictGates, strategy: "any" }, { a: ok({ x: { y: 1 } }), b: broken("x") })).toMatchObject({
      decision: "proceed",
    });
  });

  test("a gate that was let pass is as if it were not there", () => {
    const policy = {
      thresholdGates: [threshold("a", "n", 1)],
      conflictGates: [{ field: "n", steps: ["a", "b"], action: "escalate" as const }],
    };
    const ended = { a: ok({ n: 2 }), b: ok({ n: 3 }) };
    expect(run(policy, ended).rule_fired).toBe("threshold.a.n.above");
    expect(run(policy, ended, ["f:threshold.a.n.above"]).rule_fired).toBe("conflict.n");
    expect(run(policy, ended, ["f:threshold.a.n.above", "f:conflict.n"])).toMatchObject({ decision: "proceed" });
    expect(run(policy, ended, ["g:threshold.a.n.above"]).rule_fired).toBe("threshold.a.n.above");
  });

  test("what a dry run does not know fires no gate and is marked", () => {
    const policy = {
      thresholdGates: [threshold("a", "n", 1)],
      conflictGates: [{ field: "n", steps: ["a", "b"], action: "pause" as const }],
    };
    expect(run(policy, { a: dry(), b: dry() })).toMatchObject({ decision: "proceed", assumed: true });
  });

  test.each([
    ["all", null, 2, "halt"],
    ["all", null, 3, "proceed"],
    ["any", null, 0, "halt"],
    ["any", null, 1, "proceed"],
    ["quorum", 2, 1, "halt"],
    ["quorum", 2, 2, "proceed"],
  ] as const)("%s (%s) with %i of 3 successes: %s", (strategy, minSuccess, good, decision) => {
    const ended = Object.fromEntries(["a", "b", "c"].map((id, i) => [id, i < good ? ok() : broken("x")]));
    const required = strategy === "all" ? 3 : (minSuccess ?? 1);
    expect(run({ strategy, minSuccess }, ended)).toMatchObject({
      decision,
      rule_fired: `${strategy}.min_success`,
      reason: `${good}/3 branches succeeded; required ${required}`,
      success_count: good,
      failure_count: 3 - good,
    });
  });
});

describe("sync properties", () => {
  const value = fc.constantFrom<unknown>(undefined, 0, 1, 7, 1.5, "1", null, true);
  const branch = fc.oneof(
    value.map((n) => (n === undefined ? ok() : ok({ n }))),
    fc.constant(broken("x")),
    fc.constant(dry()),
  );
  const ids = ["a", "b", "c", "d"];
  const scene = fc.record({
    ended: fc
      .array(branch, { minLength: 1, maxLength: 4 })
      .map((list) => Object.fromEntries(list.map((one, i) => [ids[i] as string, one]))),
    policy: fc.record({
      strategy: fc.constantFrom("all", "any", "quorum"),
      onBranchFailure: fc.constantFrom("halt", "continue"),
      gates: fc.array(
        fc.tuple(fc.constantFrom(...ids), fc.integer({ min: -1, max: 9 }), fc.constantFrom("pause", "escalate")),
        { maxLength: 3 },
      ),
      conflict: fc.option(fc.tuple(fc.subarray(ids), fc.constantFrom("pause", "escalate")), { nil: null }),
    }),
  });
  const policyOf = (
    drawn: {
      strategy: string;
      onBranchFailure: string;
      gates: [string, number, string][];
      conflict: [string[], string] | null;
    },
    branches: number,
  ) =>
    ({
      strategy: drawn.strategy,
      minSuccess: drawn.strategy === "quorum" ? Math.min(2, branches) : null,
      onBranchFailure: drawn.onBranchFailure,
      thresholdGates: drawn.gates.map(([step, above, action]) => threshold(step, "n", above, action as "pause")),
      conflictGates:
        drawn.conflict === null ? [] : [{ field: "n", steps: drawn.conflict[0], action: drawn.conflict[1] }],
    }) as Partial<FanoutGroup>;

  test("counts add up, a failure with halt always halts, and proceeding needs enough successes", () => {
    fc.assert(
      fc.property(scene, ({ ended, policy }) => {
        const branches = Object.keys(ended).length;
        const found = run(policyOf(policy, branches), ended);
        expect(found.success_count + found.failure_count).toBe(found.branch_count);
        expect(found.branch_count).toBe(branches);
        if (found.failure_count > 0 && policy.onBranchFailure === "halt")
          expect(found.rule_fired).toBe("branch_failure.halt");
        if (found.decision === "proceed") expect(found.success_count).toBeGreaterThanOrEqual(found.required_successes);
        if (found.decision === "pause" || found.decision === "escalate") expect(found.gate).toBeDefined();
      }),
    );
  });

  test("answering the gates one by one ends in proceed or halt, and never asks the same twice", () => {
    fc.assert(
      fc.property(scene, ({ ended, policy }) => {
        const drawn = policyOf(policy, Object.keys(ended).length);
        const resolved: string[] = [];
        for (;;) {
          const found = run(drawn, ended, resolved);
          if (found.decision === "proceed" || found.decision === "halt") return;
          expect(resolved).not.toContain(`f:${found.rule_fired}`);
          resolved.push(`f:${found.rule_fired}`);
        }
      }),
    );
  });

  test("the order in which branches ended does not matter", () => {
    fc.assert(
      fc.property(scene, ({ ended, policy }) => {
        const drawn = group(policyOf(policy, Object.keys(ended).length));
        const branches = Object.keys(ended);
        const forwards = new Map(Object.entries(ended));
        const backwards = new Map(Object.entries(ended).reverse());
        expect(evaluateSync(drawn, branches, forwards, new Set())).toEqual(
          evaluateSync(drawn, branches, backwards, new Set()),
        );
      }),
    );
  });
});
