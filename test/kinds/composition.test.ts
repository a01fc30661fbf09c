import { describe, expect, it } from "vitest";
import type { FrameResult, Pinned } from "../../src/effects/handler.ts";
import { failure, toolFailure, workflowFailure } from "../../src/graph/failure.ts";
import type { Value } from "../../src/graph/value.ts";
import { drive, graphOf, json, labelOf, outputText, type Case } from "./driver.ts";

const child: Pinned = { ok: true, key: "/k/c.toml", graph: graphOf("c") };
const noStart: Pinned = { ok: true, key: "/k/n.toml", graph: graphOf("x", { starts: [] }) };
const children: Readonly<Record<string, Pinned>> = {
  "c.toml": child,
  "n.toml": noStart,
  "bad.toml": { ok: false, problem: "parse", message: "missing field `name`" },
  "invalid.toml": { ok: false, problem: "invalid", message: "…", name: "inv" },
  "nameless.toml": { ok: false, problem: "invalid", message: "…" },
  "policy.toml": { ok: false, problem: "policy", message: "policy.rego: unexpected token" },
};
const completed = (value: Value): FrameResult => ({ status: "completed", value, partial: false });
const inside = toolFailure("read_file", "path `trigger.zz` is not set in the execution context");

describe("call", () => {
  const call = (fields: Record<string, unknown>, answers: Case["answers"] = [], more: Partial<Case> = {}) =>
    drive({ kind: "call", fields: { workflow: "c.toml", ...fields }, children, input: { raw: 1n }, answers, ...more });

  it("gives the child the raw payload by default and wraps its final value", () => {
    const ran = call({}, [{ frames: [completed({ v: 1n })] }]);
    expect(ran.requests).toEqual([
      { type: "frames", wave: 1, frames: [{ document: "/k/c.toml", start: null, input: { raw: 1n } }] },
    ]);
    expect(outputText(ran)).toBe('{"result":{"v":1}}');
  });

  it.each([
    ["trigger.x", "7"],
    ["zz", "null"],
  ])("gives the child the value at %s", (from, input) => {
    const values = { trigger: { x: 7n } };
    const ran = call({ input_from: from, start: "main" }, [{ frames: [completed(null)] }], { values });
    expect(ran.requests[0]).toMatchObject({ frames: [{ input: json(input), start: "main" }] });
  });

  it.each<[FrameResult, string]>([
    [{ status: "failed", reason: "no" }, '{"error":"no"}'],
    [{ status: "timed_out" }, '{"error":"sub-workflow timed out"}'],
  ])("leads %j to `error`", (result, output) => {
    const ran = call({}, [{ frames: [result] }]);
    expect([labelOf(ran), outputText(ran)]).toEqual(["error", output]);
  });

  it("passes a hard error inside the child on, unchanged", () => {
    expect(call({}, [{ frames: [{ status: "error", failure: inside }] }]).failure).toEqual(inside);
  });

  it("says that members of a dry child's value are unknown", () => {
    const ran = call({}, [{ frames: [{ status: "completed", value: {}, partial: true }] }]);
    expect(ran.result).toMatchObject({ partial: true });
  });

  it.each([
    ["nope.toml", undefined, "w", "call `n`: read child workflow nope.toml: No such file or directory (os error 2)"],
    ["bad.toml", undefined, "w", "call `n`: parse child bad.toml: missing field `name`"],
    ["invalid.toml", undefined, "inv", "call `n`: child invalid.toml failed validation"],
    ["nameless.toml", undefined, "w", "call `n`: child nameless.toml failed validation"],
    ["n.toml", undefined, "x", "child workflow declares no start nodes"],
    ["c.toml", "s", "c", "child start node `s` not found"],
  ])("refuses %s from start %s", (workflow, start, name, text) => {
    const ran = call({ workflow, ...(start === undefined ? {} : { start }) });
    expect(ran.failure).toEqual(workflowFailure(name, text));
  });

  it("denies a child whose policy cannot be used", () => {
    expect(call({ workflow: "policy.toml" }).failure).toEqual({
      class: "policy",
      message: "policy violation: child policy.toml: policy.rego: unexpected token",
    });
  });

  it("is unknown when its payload is", () => {
    const ran = call({ input_from: "a.x" }, [], { values: { a: {} }, partial: ["a"], dryRun: true });
    expect(ran.unknown).toBe(true);
  });
});

describe("eight levels of children", () => {
  it.each([
    ["call", { workflow: "c.toml" }],
    ["parallel", { branches: [{ workflow: "c.toml" }] }],
    ["map", { items_from: "a", workflow: "c.toml", max_items: 5n }],
  ])("%s may start the eighth level and not the ninth", (kind, fields) => {
    const given = { kind, fields, children, values: { a: [1n] } };
    const last = drive({ ...given, depth: 7, answers: [{ frames: [completed(1n)] }] });
    expect(last.failure).toBeNull();
    expect(drive({ ...given, depth: 8 }).failure).toEqual(workflowFailure("w", "call depth exceeded 8 at node `n`"));
  });
});

describe("parallel", () => {
  const split = (branches: readonly Record<string, unknown>[], answers: Case["answers"] = []) =>
    drive({ kind: "parallel", fields: { branches }, children, input: 1n, values: { t: { x: 2n } }, answers });

  it("starts all at once and keeps the order of declaration", () => {
    const ran = split(
      [{ workflow: "c.toml" }, { workflow: "c.toml", input_from: "t.x", start: "main" }],
      [{ frames: [completed(1n), completed("two")] }],
    );
    expect(ran.requests).toMatchObject([
      {
        wave: 2,
        frames: [
          { input: 1n, start: null },
          { input: 2n, start: "main" },
        ],
      },
    ]);
    expect(outputText(ran)).toBe('{"ok":true,"results":[{"result":1},{"result":"two"}]}');
    expect(labelOf(ran)).toBeUndefined();
  });

  it("gives an empty list for no branches, without asking for anything", () => {
    const ran = split([]);
    expect([ran.requests.length, outputText(ran)]).toEqual([0, '{"ok":true,"results":[]}']);
  });

  it("keeps every error soft, in its place", () => {
    const start = { workflow: "c.toml", start: "s" };
    const names = ["nope.toml", "bad.toml", "c.toml", "invalid.toml", "n.toml", "c.toml", "c.toml", "c.toml"];
    const ran = split(
      [...names.map((workflow) => ({ workflow })), start, { workflow: "c.toml" }],
      [
        {
          frames: [
            completed(null),
            { status: "failed", reason: "no" },
            { status: "timed_out" },
            { status: "error", failure: inside },
            {
              status: "error",
              failure: workflowFailure("c", "sub-workflow paused; nested pause_for_approval is not supported"),
            },
          ],
        },
      ],
    );
    expect(labelOf(ran)).toBe("error");
    expect(JSON.parse(outputText(ran))).toEqual({
      ok: false,
      results: [
        { error: "read child workflow nope.toml: No such file or directory (os error 2)" },
        { error: "parse child bad.toml: missing field `name`" },
        { result: null },
        { error: "child invalid.toml failed validation" },
        { error: "child workflow declares no start nodes" },
        { error: "sub-workflow failed: no" },
        { error: "sub-workflow timed out" },
        { error: inside.message },
        { error: "child start node `s` not found" },
        { error: "sub-workflow paused; nested pause_for_approval is not supported" },
      ],
    });
  });

  it.each(["approval", "cancelled", "internal"] as const)("ends the run with a failure of class %s", (kind) => {
    const failed = failure(kind, "denied");
    expect(split([{ workflow: "c.toml" }], [{ frames: [{ status: "error", failure: failed }] }]).failure).toEqual(
      failed,
    );
  });
});

describe("map", () => {
  const map = (items: string | undefined, fields: Record<string, unknown> = {}, answers: Case["answers"] = []) =>
    drive({
      kind: "map",
      fields: { items_from: "trigger.x", workflow: "c.toml", max_items: 2n, ...fields },
      values: { trigger: items === undefined ? {} : { x: json(items) } },
      children,
      answers,
    });

  it.each([
    [undefined, 4],
    [9n, 9],
  ])("runs waves of max_concurrent %s", (max_concurrent, wave) => {
    const fields = max_concurrent === undefined ? {} : { max_concurrent };
    const ran = map('[{"a":1},null]', fields, [{ frames: [completed(1n), { status: "failed", reason: "r" }] }]);
    expect(ran.requests).toEqual([
      {
        type: "frames",
        wave,
        frames: [
          { document: "/k/c.toml", start: null, input: json('{"a":1}') },
          { document: "/k/c.toml", start: null, input: null },
        ],
      },
    ]);
    expect([labelOf(ran), outputText(ran)]).toEqual([
      "error",
      '{"ok":false,"results":[{"result":1},{"error":"sub-workflow failed: r"}]}',
    ]);
  });

  it("gives an empty list for an empty array, without looking at the child", () => {
    expect(outputText(map("[]", { workflow: "nope.toml" }))).toBe('{"ok":true,"results":[]}');
  });

  it.each([
    [undefined, "items_from `trigger.x` is not set in the execution context"],
    ["null", "items_from `trigger.x` resolved to null — an array is required"],
    ["true", "items_from `trigger.x` resolved to a boolean — an array is required"],
    ["1", "items_from `trigger.x` resolved to a number — an array is required"],
    ["1.5", "items_from `trigger.x` resolved to a number — an array is required"],
    ['"s"', "items_from `trigger.x` resolved to a string — an array is required"],
    ["{}", "items_from `trigger.x` resolved to an object — an array is required"],
    ["[1,2,3]", "3 items exceed the declared max_items 2 — raise the bound deliberately or shrink the input"],
  ])("refuses %s", (items, text) => {
    expect(map(items).failure).toEqual(workflowFailure("w", `map node \`n\`: ${text}`));
  });

  it("is unknown when its items are", () => {
    const fields = { items_from: "a.x", workflow: "c.toml", max_items: 1n };
    expect(drive({ kind: "map", fields, values: { a: {} }, partial: ["a"], dryRun: true }).unknown).toBe(true);
  });
});

describe("pause_for_approval", () => {
  const answer = (approved: boolean, reason: string | null = null) =>
    ({ ask: { approved, by: "user:ada", reason, answer: null } }) as const;
  const pause = (more: Partial<Case>) => drive({ kind: "pause_for_approval", fields: { reason: "look" }, ...more });
  const edges = [{ to: "go", when: null }];

  it("asks with its reason and what would follow, and goes on when approved", () => {
    const ran = pause({ answers: [answer(true)], edges });
    expect(ran.requests).toMatchObject([
      { type: "ask", subject: "pause", id: null, reason: "look", summary: { node: "n", next: ["go"], reason: "look" } },
    ]);
    expect(ran.result).toEqual({ outcome: "continue", output: null });
  });

  it("follows `denied` where there is such an edge", () => {
    const ran = pause({ answers: [answer(false, "too risky")], edges: [...edges, { to: "stop", when: "denied" }] });
    expect(labelOf(ran)).toBe("denied");
    expect(outputText(ran)).toBe('{"approved":false,"by":"user:ada","reason":"too risky"}');
  });

  it.each([
    [null, "node `n` was denied by user:ada"],
    ["too risky", "node `n` was denied by user:ada: too risky"],
  ])("fails with class approval where there is none (%s)", (reason, message) => {
    expect(pause({ answers: [answer(false, reason)], edges }).failure).toEqual({ class: "approval", message });
  });

  it("refuses where the run cannot be kept", () => {
    expect(pause({ canPause: false }).failure).toEqual(
      workflowFailure(
        "w",
        "node `n` is pause_for_approval but no state directory is configured (set --state-dir) — nowhere to checkpoint the run",
      ),
    );
  });

  it("refuses inside a child, in a dry run too", () => {
    const nested = workflowFailure("w", "sub-workflow paused; nested pause_for_approval is not supported");
    expect(pause({ depth: 1 }).failure).toEqual(nested);
    expect(pause({ depth: 1, dryRun: true }).failure).toEqual(nested);
  });

  it("asks in a dry run without a place to pause, where the answer is yes", () => {
    const ran = pause({ canPause: false, dryRun: true, answers: [answer(true)] });
    expect(ran.result).toEqual({ outcome: "continue", output: null });
  });
});
