import { describe, expect, test } from "vitest";
import { rules, syncPoints } from "../../../src/dialects/skill/walk.ts";
import { toPlain } from "../../../src/graph/value.ts";
import { graphOf } from "./support.ts";
import { broken, dry, ok, skipped, walkOf, type Walk } from "./walks.ts";

const agent = "run: {type: agent-task}";
const line = (...steps: string[]) => graphOf(`name: g\nsteps:\n${steps.map((one) => `  - {${one}}`).join("\n")}\n`);
const guarded = (guard: string) =>
  graphOf(`name: g\npolicy: {guards: [${guard}]}\nsteps:\n  - {id: a, ${agent}}\n  - {id: b, ${agent}}\n`);
const next = (graph: ReturnType<typeof graphOf>, walk: Walk = {}, maxActive = 1) =>
  rules.next(graph, walkOf(walk), { maxActive });
const enters = (...nodes: string[]) => nodes.map((node) => ({ type: "enter", node, edge: null }));
const fails = (reason: string, kind: string) => [
  { type: "finish", status: "failed", reason, failure: { class: kind, message: reason } },
];

describe("a sequence", () => {
  const graph = line(`id: a, ${agent}`, `id: b, ${agent}`);

  test("goes in declaration order, one step at a time", () => {
    expect(next(graph)).toEqual(enters("a"));
    expect(next(graph, { active: ["a"] }, 9)).toEqual([]);
    expect(next(graph, { ended: { a: ok() } })).toEqual(enters("b"));
  });

  test("ends with the payload of the sheet", () => {
    const [end] = next(graph, { ended: { a: ok({ x: 1 }), b: ok() } });
    expect(end).toMatchObject({ type: "finish", status: "completed", lastNode: "b", partial: false, failure: null });
    expect(end?.type === "finish" && toPlain(end.value)).toEqual({
      graph: "g",
      graph_status: "Succeeded",
      steps: [
        { step_id: "a", skill: "agent-task", status: "success" },
        { step_id: "b", skill: "agent-task", status: "success" },
      ],
      step_outputs: { a: { x: 1 }, b: {} },
    });
  });

  test("stops at a step that failed", () => {
    expect(next(graph, { ended: { a: broken("boom") } })).toMatchObject(fails("skill 'a' failed: boom", "tool"));
    expect(next(graph, { ended: { a: broken("graph step 'a' is odd") } })).toMatchObject(
      fails("graph step 'a' is odd", "tool"),
    );
  });

  test("is partial when a step is", () => {
    expect(next(graph, { ended: { a: dry(), b: ok() } })).toMatchObject([{ status: "completed", partial: true }]);
  });
});

describe("when", () => {
  const graph = line(
    `id: a, ${agent}`,
    `id: b, ${agent}, when: {field: a.go.now, equals: true}`,
    `id: c, ${agent}, context: {x: b.y}`,
  );

  test("runs the step when it holds", () => {
    expect(next(graph, { ended: { a: ok({ go: { now: true } }) } })).toEqual(enters("b"));
  });

  test("skips the step when it is resolved and false", () => {
    expect(next(graph, { ended: { a: ok({ go: { now: false } }) } })).toEqual([
      { type: "skip", node: "b", reason: "when 'a.go.now' expected true" },
    ]);
  });

  test("runs the step when it is unresolved", () => {
    expect(next(graph, { ended: { a: ok() } })).toEqual(enters("b"));
  });

  test("is assumed to hold where a dry run does not know", () => {
    expect(next(graph, { ended: { a: dry() } })).toEqual([{ type: "enter", node: "b", edge: null, assumed: true }]);
  });

  test("a step that reads a skipped step is blocked", () => {
    const walk = { ended: { a: ok(), b: skipped } };
    expect(next(graph, walk)).toMatchObject(fails("graph step 'c' is blocked: waiting for context from b", "policy"));
  });

  test("a skipped step is not in the payload", () => {
    const two = line(`id: a, ${agent}`, `id: b, ${agent}, when: {field: a.x, not_equals: 1}`);
    const [end] = next(two, { ended: { a: ok({ x: 1 }), b: skipped } });
    expect(end?.type === "finish" && toPlain(end.value)).toMatchObject({
      steps: [{ step_id: "a" }],
      step_outputs: { a: { x: 1 } },
    });
  });

  test("compares values without coercion", () => {
    const one = line(`id: a, ${agent}`, `id: b, ${agent}, when: {field: a.n, equals: 1}`);
    expect(next(one, { ended: { a: ok({ n: 1 }) } })).toEqual(enters("b"));
    for (const n of ["1", 1.5, true, null, [1]])
      expect(next(one, { ended: { a: ok({ n }) } })).toMatchObject([{ type: "skip" }]);
  });
});

describe("guards", () => {
  const table: readonly (readonly [string, string, unknown, string])[] = [
    ["another value", "{step: b, field: a.ok, equals: true}", { ok: false }, "guard 'a.ok' expected true"],
    [
      "a forbidden value",
      "{step: b, field: a.ok, not_equals: 'no'}",
      { ok: "no" },
      "guard 'a.ok' must not equal \"no\"",
    ],
    ["a missing field", "{step: b, field: a.ok, equals: true}", {}, "guard 'a.ok' is unresolved"],
    ["a field without a dot", "{step: b, field: a, equals: 1}", {}, "guard 'a' is unresolved"],
    [
      "an agent's claim",
      "{step: b, field: a.skill_claim.ok, equals: true}",
      { skill_claim: { ok: true } },
      "guard 'a.skill_claim.ok' is unresolved",
    ],
    ["an element of a list", "{step: b, field: a.l.0, equals: 1}", { l: [1] }, "guard 'a.l.0' is unresolved"],
  ];
  test.each(table)("block at %s", (_name, guard, output, reason) => {
    const text = `graph step 'b' is blocked: ${reason}`;
    expect(next(guarded(guard), { ended: { a: ok(output) } })).toMatchObject(fails(text, "policy"));
  });

  test("let pass what they want", () => {
    expect(next(guarded("{step: b, field: a.ok, equals: {x: [1]}}"), { ended: { a: ok({ ok: { x: [1] } }) } })).toEqual(
      enters("b"),
    );
  });

  test("are assumed to hold where a dry run does not know", () => {
    expect(next(guarded("{step: b, field: a.ok, equals: true}"), { ended: { a: dry() } })).toMatchObject([
      { type: "enter", assumed: true },
    ]);
  });

  test("are asked only before their own step", () => {
    expect(next(guarded("{step: b, field: a.ok, equals: true}"))).toEqual(enters("a"));
  });
});

describe("approvals (R4)", () => {
  const gate = "run: {type: approval}, inputs: {gate_id: g1, reason: r}";
  const denied = ok({ approval: { data: { approved: false, gate_id: "g1", actor: "kim" } } });

  test("a denial ends the graph", () => {
    const graph = line(`id: ask, ${gate}`, `id: b, ${agent}`);
    expect(next(graph, { ended: { ask: denied } })).toMatchObject(
      fails("graph step 'ask': approval 'g1' was denied by kim", "approval"),
    );
    expect(next(graph, { ended: { ask: ok({ approval: { data: { approved: true } } }) } })).toEqual(enters("b"));
  });

  test("also under the name that wrap_as gives it", () => {
    const graph = line(`id: ask, ${gate}, artifacts: {wrap_as: verdict}`, `id: b, ${agent}`);
    expect(
      next(graph, { ended: { ask: ok({ verdict: { data: { approved: false, gate_id: "g1" } } }) } }),
    ).toMatchObject(fails("graph step 'ask': approval 'g1' was denied", "approval"));
  });

  test("not when a when reads it", () => {
    const graph = line(
      `id: ask, ${gate}`,
      `id: b, ${agent}, when: {field: ask.approval.data.approved, equals: true}`,
      `id: c, ${agent}`,
    );
    expect(next(graph, { ended: { ask: denied } })).toMatchObject([{ type: "skip", node: "b" }]);
    expect(next(graph, { ended: { ask: denied, b: skipped } })).toEqual(enters("c"));
  });

  test("a guard that reads it blocks with its own words", () => {
    const graph = graphOf(
      `name: g\npolicy: {guards: [{step: b, field: ask.approval.data.approved, equals: true}]}\nsteps:\n  - {id: ask, ${gate}}\n  - {id: b, ${agent}}\n`,
    );
    expect(next(graph, { ended: { ask: denied } })).toMatchObject(
      fails("graph step 'b' is blocked: guard 'ask.approval.data.approved' expected true", "policy"),
    );
  });
});

describe("fan-out", () => {
  const group = (policy: string, ...branches: string[]) =>
    graphOf(
      `name: g\nfanout: {groups: {f: {${policy}}}}\nsteps:\n  - {id: z, ${agent}}\n${branches.map((one) => `  - {${one}, fanout_group: f, ${agent}}`).join("\n")}\n  - {id: end, ${agent}}\n`,
    );
  const three = group("", "id: a", "id: b", "id: c");
  const z = { z: ok() };

  test("starts as many branches as the limit allows, in order", () => {
    expect(next(three, { ended: z }, 1)).toEqual(enters("a"));
    expect(next(three, { ended: z }, 2)).toEqual(enters("a", "b"));
    expect(next(three, { ended: z }, 9)).toEqual(enters("a", "b", "c"));
    expect(next(three, { ended: { ...z, a: ok() }, active: ["b"] }, 2)).toEqual(enters("c"));
    expect(next(three, { ended: z, active: ["a", "b"] }, 2)).toEqual([]);
  });

  test("a branch that mutates runs alone", () => {
    const mixed = group("", "id: a", "id: b, mutation: true", "id: c");
    expect(next(mixed, { ended: z }, 9)).toEqual(enters("a"));
    expect(next(mixed, { ended: { ...z, a: ok() } }, 9)).toEqual(enters("b"));
    expect(next(mixed, { ended: { ...z, a: ok() }, active: ["b"] }, 9)).toEqual([]);
    expect(next(mixed, { ended: { ...z, a: ok(), b: ok() } }, 9)).toEqual(enters("c"));
  });

  test("waits for all branches, also when one has failed", () => {
    expect(next(three, { ended: { ...z, a: broken("x") } })).toEqual(enters("b"));
  });

  test("halts when a branch failed and the policy says so", () => {
    const ended = { ...z, a: ok(), b: broken("x"), c: ok() };
    expect(next(three, { ended })).toMatchObject(
      fails("graph step 'a' failed planning: 1/3 branches failed and on_branch_failure is halt", "workflow"),
    );
  });

  test("goes on with a failed branch when enough succeeded, and says so in the payload", () => {
    const any = group("strategy: any", "id: a", "id: b");
    const ended = { ...z, a: broken("no answer"), b: ok({ p: 1 }) };
    expect(next(any, { ended })).toEqual(enters("end"));
    const [end] = next(any, { ended: { ...ended, end: ok() } });
    expect(end?.type === "finish" && toPlain(end.value)).toMatchObject({
      steps: [{}, { step_id: "a", status: "failure" }, { step_id: "b", status: "success" }, {}],
      step_outputs: { a: { stdout: "", stderr: "no answer", status: "failure" } },
    });
  });

  test("does not honour when inside a group", () => {
    const graph = group("", "id: a, when: {field: z.x, equals: 1}", "id: b");
    expect(next(graph, { ended: { z: ok({ x: 2 }) } })).toEqual(enters("a"));
  });

  test("a blocked branch ends the walk when nothing is under way", () => {
    const graph = group("", "id: a", "id: b, context: {x: z.y}");
    const reason = "graph step 'b' is blocked: waiting for context from z";
    expect(next(graph, { ended: { z: skipped }, active: ["a"] }, 2)).toEqual([]);
    expect(next(graph, { ended: { z: skipped, a: ok() } }, 2)).toMatchObject(fails(reason, "policy"));
  });

  const gated = group("threshold_gates: [{step: a, field: n, above: 5, action: pause}]", "id: a", "id: b");
  const high = { ...z, a: ok({ n: 6 }), b: ok() };

  test("a gate that pauses is a question, and goes on when it is answered", () => {
    const [gate] = next(gated, { ended: high });
    expect(gate).toMatchObject({ type: "gate", group: "f", rule: "threshold.a.n.above", reason: "a.n=6 exceeded 5" });
    expect(gate?.type === "gate" && toPlain(gate.gate)).toEqual({
      type: "threshold",
      stepId: "a",
      field: "n",
      value: 6,
      comparedTo: 5,
      action: "pause",
    });
    expect(next(gated, { ended: high, resolved: ["f:threshold.a.n.above"] })).toEqual(enters("end"));
  });

  test("a gate that is denied ends the graph", () => {
    expect(next(gated, { ended: high, denied: ["f:threshold.a.n.above"] })).toMatchObject(
      fails("graph step 'a' paused: a.n=6 exceeded 5; the gate 'fanout.f.threshold.a.n.above' was denied", "approval"),
    );
  });

  test("a gate that escalates ends the graph", () => {
    const graph = group("conflict_gates: [{field: n, steps: [a, b], action: escalate}]", "id: a", "id: b");
    expect(next(graph, { ended: high })).toMatchObject(
      fails("graph step 'a' escalated: fanout branches disagreed on structured field n", "policy"),
    );
  });

  test("sync points are kept for receipts", () => {
    expect(syncPoints(three, walkOf({ ended: { ...z, a: ok(), b: ok() } }))).toEqual([]);
    expect(syncPoints(three, walkOf({ ended: { ...z, a: ok(), b: ok(), c: ok() } }))).toEqual([
      {
        group_id: "f",
        strategy: "all",
        decision: "proceed",
        rule_fired: "all.min_success",
        reason: "3/3 branches succeeded; required 3",
        branch_count: 3,
        success_count: 3,
        failure_count: 0,
        required_successes: 3,
      },
    ]);
  });
});

describe("skills", () => {
  test("the value of a single tool is its output", () => {
    const graph = graphOf("---\nname: t\nsource: {type: cli-tool, command: c}\n---\n", "SKILL.md");
    expect(next(graph)).toEqual(enters("t"));
    const [end] = next(graph, { ended: { t: ok({ stdout: "x" }) } });
    expect(end?.type === "finish" && toPlain(end.value)).toEqual({ stdout: "x" });
    expect(next(graph, { ended: { t: broken("boom") } })).toMatchObject(fails("boom", "tool"));
  });

  test("a graph that needs inputs says which are missing before anything runs", () => {
    const text =
      "---\nname: t\ninputs:\n  a: {required: true}\n  b: {required: true, default: 1}\n  c: {type: number, required: true}\nsource: {type: graph, graph: {name: g, steps: [{id: s, tool: a.b}]}}\n---\n";
    const graph = graphOf(text, "SKILL.md");
    expect(next(graph, { input: { c: null } })).toMatchObject(
      fails("graph 'g' needs inputs that were not given: a (string), c (number)", "config"),
    );
    expect(next(graph, { input: { a: "x", c: 1 } })).toEqual(enters("s"));
  });
});
