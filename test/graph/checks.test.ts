import { describe, expect, it } from "vitest";
import { checkGraph, checks, type CheckContext, type FileFacts } from "../../src/graph/checks/check-graph.ts";
import { diagnosticsPage, graphCodes, type GraphCode } from "../../src/graph/codes.ts";
import type { Diagnostic } from "../../src/graph/diagnostic.ts";
import type { Graph } from "../../src/graph/model.ts";
import { noOperation } from "../../src/graph/model.ts";
import { object } from "../../src/graph/value.ts";
import { graph, kinds, policy, type GraphBuilder } from "./builder.ts";

function check(made: GraphBuilder | Graph, context: CheckContext = {}): Diagnostic[] {
  return checkGraph("build" in made ? made.build() : made, kinds, context);
}

function codes(made: GraphBuilder | Graph, context: CheckContext = {}): string[] {
  return check(made, context).map((one) => one.code);
}

function only(made: GraphBuilder | Graph, code: GraphCode, context: CheckContext = {}): Diagnostic {
  const found = check(made, context);
  expect(found.map((one) => one.code)).toEqual([code]);
  return found[0] as Diagnostic;
}

/** Covered by a policy, so that only the check under test speaks. */
const covered = { policy: policy() };

describe("bad references", () => {
  const load = () => graph(covered).start("load").node("load", "read_file");

  it("name a node that does not exist, with the nearest id", () => {
    const found = only(load().node("use").reads("laod.content").chain("load", "use"), "unknown_reference");
    expect(found.message).toBe("`laod.content` leads nowhere: there is no node `laod`; did you mean `load`?");
    expect(found.severity).toBe("warning");
    expect(found.at).toEqual({ path: ["nodes", 1, "input_from"], part: "value" });
    expect(found.fixes).toEqual([
      {
        type: "replace",
        title: "Change to `load`",
        at: { path: ["nodes", 1, "input_from"], part: "value", within: { from: 0, to: 4 } },
        text: "load",
      },
    ]);
  });

  it("are silent for nodes, the trigger and fields that exist", () => {
    const made = load().node("use").reads("load.content").reads("trigger.any.thing", "b").reads("load", "c");
    expect(codes(made.chain("load", "use"))).toEqual([]);
  });

  it("explain ids with dots, and empty references", () => {
    const made = graph().start("a.b").node("a.b").node("use").reads("a.b.c").reads("", "other").chain("a.b", "use");
    expect(check(made).map((one) => one.message)).toEqual([
      "`a.b.c` leads nowhere: the node id `a.b` contains a dot, so no reference can name it",
      "`` names no node: a reference begins with a node's id",
    ]);
  });

  it("name a field that the output lacks, and offer the right one in its place", () => {
    const found = only(load().node("use").reads("load.contents").chain("load", "use"), "unknown_field");
    expect(found.message).toBe(
      "`load.contents` leads nowhere: the output of `load` (read_file) has no field `contents`; did you mean `content`?",
    );
    expect(found.fixes?.[0]).toMatchObject({ at: { within: { from: 5, to: 13 } }, text: "content" });
    const far = only(load().node("use").reads("load.zzz").chain("load", "use"), "unknown_field");
    expect(far.message).toContain("it has `path`, `content` and `bytes`");
    expect(far.fixes).toBeUndefined();
  });

  it("take an element of what is no array, or a name in an array", () => {
    const text = only(load().node("use").reads("load.content.0").chain("load", "use"), "index_into_non_array");
    expect(text.message).toBe(
      "`load.content.0` leads nowhere: `content` in the output of `load` (read_file) is a string, not an array",
    );
    const split = graph().start("s").node("s", "split").node("use");
    const named = only(split.reads("s.results.first").chain("s", "use").edge("s", "use", "error"), "unknown_field");
    expect(named.message).toContain("is an array, and its elements go by number");
  });

  it("follow arrays, open objects and unknown values without a word", () => {
    const made = graph().start("s").node("s", "split").node("h", "http").node("use");
    made.reads("s.results.0.result.deep.er").reads("h.headers.x-id", "b").reads("s.results.+1", "c");
    made.chain("s", "h", "use").edge("s", "h", "error").edge("h", "use", "error");
    expect(codes(made)).toEqual([]);
  });

  it("check templates and paths from the input's shape, and replace the whole marker", () => {
    const made = load().node("t", "template_render").reads("load").template("{{ content }} {{ contnt }}");
    const found = only(made.chain("load", "t"), "unknown_field");
    expect(found.at).toMatchObject({ path: ["nodes", 1, "template"], within: { from: 14, to: 26 } });
    expect(found.fixes?.[0]).toMatchObject({ text: "{{content}}" });
    const path = load().node("j").reads("load").selects(".contents");
    expect(only(path.chain("load", "j"), "unknown_field").fixes?.[0]).toMatchObject({
      at: { within: { from: 0, to: 9 } },
      text: "content",
    });
  });

  it("know nothing of the trigger, and of inputs of inputs that are wrong themselves", () => {
    const made = load().node("t", "template_render").reads("trigger").template("{{a.b.c}}");
    expect(codes(made.chain("load", "t"))).toEqual([]);
    const wrong = load().node("t", "template_render").reads("load.x").template("{{a}}");
    expect(codes(wrong.chain("load", "t"))).toEqual(["unknown_field"]);
  });

  it("say that a template without an input stays as it is, where its input is null", () => {
    const made = graph().start("t").node("t", "template_render").template("Hi {{name}}{{}}");
    const found = only(made, "template_without_input");
    expect(found.message).toContain("`{{name}}` stays as it is");
    expect(found.fixes?.[0]).toMatchObject({ type: "set", key: "input_from", text: '"trigger"' });
    expect(codes(graph().start("r").node("r", "respond").template("{{name}}"))).toEqual([]);
  });

  it("check bare node ids and the steps of guards", () => {
    const made = graph({
      dialect: "skill",
      guards: [{ step: "secnd", field: "first.ok", equals: true, at: ["policy", "guards", 0] }],
    });
    const found = only(made.node("first").node("second"), "unknown_reference");
    expect(found.at).toEqual({ path: ["policy", "guards", 0, "step"], part: "value" });
    expect(found.message).toContain("did you mean `second`?");
  });

  it("take `trigger` for a node's id outside workflows", () => {
    expect(codes(graph({ dialect: "skill" }).node("a").reads("trigger.x"))).toEqual(["unknown_reference"]);
  });

  it("name an input of a skill that is nearly a declared one", () => {
    const input = { type: "string", required: false, description: null, at: [] };
    const skill = { dialect: "skill" as const, inputs: [{ ...input, name: "objective" }] };
    expect(codes(graph(skill).node("a").selects("objectve"))).toEqual(["unknown_input"]);
    expect(codes(graph(skill).node("a").selects("objective.x").selects("anything"))).toEqual([]);
    expect(codes(graph({ dialect: "skill" }).node("a").selects("objectve"))).toEqual([]);
  });
});

describe("order-aware references", () => {
  const diamond = (reader: string, optional = false) =>
    graph()
      .start("gate")
      .node("gate", "condition")
      .node("left")
      .node("right")
      .node("join")
      .reads(reader, "input_from", optional)
      .edge("gate", "left", "true")
      .edge("gate", "right", "false")
      .chain("left", "join")
      .chain("right", "join");

  it("warn of a node on one branch only, with the walk that misses it", () => {
    const found = only(diamond("left.x"), "may_not_have_run");
    expect(found.message).toBe(
      "`join` reads `left.x`, but `left` has not run on the walk `gate` → `right` → `join`: the run then ends with an error",
    );
    expect(found.related?.map((one) => one.message)).toEqual([
      "`left` is declared here",
      "step 1 of 3: `gate`",
      "step 2 of 3: `right`",
      "step 3 of 3: `join`",
    ]);
    expect(only(diamond("left.x", true), "may_be_null").message).toContain("it then reads null");
  });

  it("are silent for nodes that every walk has run", () => {
    expect(codes(diamond("gate.value"))).toEqual([]);
  });

  it("say so when the node can never have run before", () => {
    const branch = graph().start("g").node("g", "condition").node("a").node("b").reads("a.x");
    const found = only(branch.edge("g", "a", "true").edge("g", "b", "false"), "never_runs_before");
    expect(found.message).toContain("`a` can never have run before `b`");
    const later = graph().start("a").node("a").reads("b.x").node("b").chain("a", "b");
    expect(codes(later)).toEqual(["never_runs_before"]);
    const itself = graph().start("a").node("a").reads("a.x");
    expect(only(itself, "never_runs_before").message).toContain("it is the node itself");
  });

  it("count loops: what comes later in the body is missing on the first round only", () => {
    const loop = graph()
      .start("draft")
      .node("draft")
      .reads("judge.value", "input_from", true)
      .node("judge", "condition")
      .node("done")
      .reads("judge.value")
      .chain("draft", "judge")
      .edge("judge", "draft", "false", 3)
      .edge("judge", "done", "true");
    const found = only(loop, "may_be_null");
    expect(found.message).toContain("on the walk `draft`");
    const again = graph().start("a").node("a").reads("a.x").node("b", "condition").chain("a", "b");
    expect(codes(again.edge("b", "a", "false", 2).edge("b", "a2", "true").node("a2"))).toEqual(["may_not_have_run"]);
  });

  it("look at every start, and name the one", () => {
    const made = graph().start("a", "one").start("b", "two").node("a").node("b").reads("a.x").chain("a", "b");
    const found = only(made, "may_not_have_run");
    expect(found.message).toContain("on the walk from start `two`, `b`");
  });

  it("leave out edges that are never followed, and nodes that are never reached", () => {
    const dead = graph(covered).start("a").node("a", "read_file").node("b").node("c").reads("b.x");
    expect(codes(dead.chain("a", "b", "c").edge("a", "c", "error"))).toEqual(["impossible_label"]);
    const island = graph().start("a").node("a").node("b").reads("a.x");
    expect(codes(island)).toEqual([]);
    const zero = graph().start("a").node("a").node("b").node("c").reads("b.x");
    expect(codes(zero.chain("a", "b", "c").edge("a", "c", null, 0))).toEqual(["edge_never_followed"]);
  });

  it("report each pair once and shorten long walks", () => {
    const made = graph().start("n0");
    for (let i = 0; i < 20; i++) made.node(`n${i}`);
    for (let i = 1; i < 20; i++) made.edge(`n${i - 1}`, `n${i}`);
    made.node("x").edge("n18", "x").node("end").reads("x.a").reads("x.b", "other").edge("n19", "end").edge("x", "end");
    const found = check(made).filter((one) => one.code === "may_not_have_run");
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain("`n0` → `n1` → `n2` → (13 more) → `n16` → `n17` → `n18` → `n19` → `end`");
    expect(found[0]?.related).toHaveLength(9);
  });

  it("begin at the single root of a start without an entry, and at all roots without starts", () => {
    const single = graph().start(null).node("a").node("b").reads("a.x").chain("a", "b");
    expect(codes(single)).toEqual([]);
    const roots = graph().node("a").node("b").node("c").reads("a.x").chain("a", "c").chain("b", "c");
    expect(codes(roots)).toEqual(["may_not_have_run"]);
  });

  describe("in skill graphs", () => {
    const skill = (extra: Partial<Graph> = {}) => graph({ dialect: "skill", ...extra });
    const when = (field: string, equals: boolean) => ({ field, equals, at: [] });
    const group = (parts: Partial<Graph["groups"][number]>) => ({
      id: "g",
      strategy: "all" as const,
      minSuccess: null,
      onBranchFailure: "halt" as const,
      thresholdGates: [],
      conflictGates: [],
      at: [],
      ...parts,
    });

    it("follow the order of declaration", () => {
      expect(codes(skill().node("a").node("b").reads("a.stdout"))).toEqual([]);
      expect(codes(skill().node("a").reads("b.stdout").node("b"))).toEqual(["never_runs_before"]);
    });

    it("warn of a step that its condition may skip, unless the reader has the same one", () => {
      const made = skill()
        .node("a")
        .node("x", "any", { when: when("a.ok", true) })
        .node("b")
        .reads("x.y");
      const found = only(made, "may_not_have_run");
      expect(found.message).toContain("`a` → `x` (skipped) → `b`: the graph then stops there");
      const same = skill()
        .node("a")
        .node("x", "any", { when: when("a.ok", true) });
      expect(codes(same.node("b", "any", { when: when("a.ok", true) }).reads("x.y"))).toEqual([]);
      const other = skill()
        .node("a")
        .node("x", "any", { when: when("a.ok", true) });
      expect(codes(other.node("b", "any", { when: when("a.ok", false) }).reads("x.y"))).toEqual(["may_not_have_run"]);
    });

    it("know that branches run side by side, and which groups go on without one", () => {
      const made = (parts: Partial<Graph["groups"][number]>) =>
        skill({ groups: [group(parts)] })
          .node("p", "any", { group: "g" })
          .node("q", "any", { group: "g" })
          .node("r")
          .reads("p.x");
      expect(codes(made({}))).toEqual([]);
      expect(codes(made({ strategy: "any", onBranchFailure: "halt" }))).toEqual([]);
      expect(codes(made({ strategy: "quorum", minSuccess: 2, onBranchFailure: "continue" }))).toEqual([]);
      const found = only(made({ strategy: "any", onBranchFailure: "continue" }), "may_not_have_run");
      expect(found.message).toContain("`p` (failed) → `q` → `r`");
      const inside = skill({ groups: [group({})] }).node("p", "any", { group: "g" });
      expect(only(inside.node("q", "any", { group: "g" }).reads("p.x"), "never_runs_before").message).toContain(
        "runs side by side",
      );
    });
  });

  it("know what a pipeline's stage waits for", () => {
    const stages = (after: number[]) =>
      graph({ dialect: "pipeline" })
        .node("a")
        .node("b", "any", { after: [0] })
        .node("c", "any", { after: [0] })
        .node("d", "any", { after })
        .reads("b.x");
    expect(codes(stages([1, 2]))).toEqual([]);
    expect(codes(stages([2]))).toEqual(["may_not_have_run"]);
    const back = graph({ dialect: "pipeline" })
      .node("a")
      .reads("b.x")
      .node("b", "any", { after: [0] });
    expect(codes(back)).toEqual(["never_runs_before"]);
  });
});

describe("branch labels", () => {
  it("that the source never gives are named, with the nearest one it does", () => {
    const made = graph().start("g").node("g", "condition").node("a").node("b");
    const found = only(made.edge("g", "a", "True").edge("g", "b", "false").edge("g", "b", "true"), "impossible_label");
    expect(found.message).toContain(
      "waits for `True`, which `g` (condition) never gives: it gives `true` and `false`; did you mean `true`?",
    );
    expect(found.fixes?.[0]).toMatchObject({
      at: { path: ["edges", 0, "when"], within: { from: 0, to: 4 } },
      text: "true",
    });
  });

  it("of hard errors need on_error, which is offered", () => {
    const made = () => graph(covered).start("l").node("l", "read_file", { onError }).node("a").node("b");
    let onError: "stop" | "branch" = "stop";
    const found = only(made().chain("l", "a").edge("l", "b", "error"), "impossible_label");
    expect(found.fixes?.[0]).toMatchObject({
      type: "set",
      key: "on_error",
      text: '"branch"',
      at: { path: ["nodes", 0] },
    });
    onError = "branch";
    expect(codes(made().chain("l", "a").edge("l", "b", "error"))).toEqual([]);
  });

  it("do not make an unlabelled edge a fallback: the seed page's mTLS example", () => {
    const made = graph().start("audit").node("audit", "condition").node("allow").node("deny");
    const found = check(made.edge("audit", "allow", "sha256:abc").edge("audit", "deny"));
    expect(found.map((one) => one.code)).toEqual([
      "impossible_label",
      "unlabelled_branch",
      "unhandled_branch",
      "unhandled_branch",
    ]);
    expect(found[0]?.message).toContain("a `switch` branches on other values");
    expect(found[1]?.message).toContain("an edge without `when` is not a fallback");
    const route = graph().start("r").node("r", "switch").node("a").node("b");
    expect(codes(route.edge("r", "a", "x").edge("r", "b"))).toEqual(["unlabelled_branch"]);
  });

  it("never leave terminate and fail", () => {
    const made = graph().start("t").node("t", "terminate").node("a");
    expect(codes(made.chain("t", "a"))).toEqual(["edge_never_followed"]);
  });

  it("are checked for a switch whose value has a known type", () => {
    const made = (when: string) =>
      graph(covered)
        .start("l")
        .node("l", "read_file")
        .node("s", "switch")
        .reads("l.bytes", "expr", true)
        .node("a")
        .chain("l", "s")
        .edge("s", "a", when);
    expect(codes(made("12"))).toEqual([]);
    expect(codes(made("null"))).toEqual([]);
    const found = only(made("many"), "impossible_label");
    expect(found.message).toContain("the value that `s` switches on is a number");
  });
});

describe("unhandled outcomes", () => {
  it("that end the run are named, with an edge to a fail node on offer", () => {
    const made = graph().start("h").node("h", "http").node("a").node("no", "fail").chain("h", "a", "no");
    const found = only(made, "unhandled_outcome");
    expect(found.message).toBe("no edge takes `error` of `h` (http): the run then ends at `h` as completed");
    expect(found.fixes?.[0]).toMatchObject({
      type: "append",
      table: "edges",
      entries: { from: '"h"', to: '"no"', when: '"error"' },
    });
    expect(codes(graph().start("l").node("l", "agent_loop").node("a").chain("l", "a"))).toEqual(["unhandled_outcome"]);
  });

  it("are silent for ends, for handled labels, for loops and for a denial", () => {
    expect(codes(graph().start("h").node("h", "http"))).toEqual([]);
    expect(codes(graph().start("h").node("h", "http").node("a").chain("h", "a").edge("h", "a", "error"))).toEqual([]);
    const loop = graph().start("d").node("d").node("c", "condition").node("z").chain("d", "c");
    expect(codes(loop.edge("c", "d", "false", 3).edge("c", "z", "true"))).toEqual([]);
    const pause = graph().start("p").node("p", "pause_for_approval").node("a").chain("p", "a");
    expect(codes(pause)).toEqual([]);
  });

  it("of decisions have their own code", () => {
    const made = graph().start("g").node("g", "condition").node("a").edge("g", "a", "true");
    expect(only(made, "unhandled_branch").message).toContain("no edge takes `false` of `g` (condition)");
  });

  it("of a switch are named only where its value has few texts", () => {
    const made = (kind: string, expr: string) =>
      graph(covered)
        .start("r")
        .node("r", kind)
        .node("s", "switch")
        .reads(expr, "expr", true)
        .node("a")
        .chain("r", "s")
        .edge("r", "a", "error")
        .edge("s", "a", "true");
    const found = only(made("split", "r.ok"), "switch_value_unhandled");
    expect(found.severity).toBe("information");
    expect(found.message).toContain("no edge takes `false`");
    expect(codes(made("shell_run", "r.stdout"))).toEqual([]);
    expect(codes(made("split", "trigger.x"))).toEqual([]);
  });
});

describe("ambiguous edges", () => {
  it("match the same outcome", () => {
    const made = graph().start("a").node("a").node("b").node("c").edge("a", "b").edge("a", "c");
    const found = only(made, "ambiguous_edges");
    expect(found.message).toContain("2 edges match when `a` ends without a label (to `b` and `c`)");
    expect(found.at).toMatchObject({ path: ["edges", 1, "from"] });
    expect(found.related?.[0]?.at).toMatchObject({ path: ["edges", 0, "from"] });
  });

  it("may be a loop edge beside a plain one, until it is used up", () => {
    const made = graph().start("a").node("a").node("c", "condition").node("z").chain("a", "c").edge("c", "z", "true");
    const found = only(made.edge("c", "a", "false", 3).edge("c", "z", "false"), "ambiguous_edges");
    expect(found.message).toContain("until the iterations of the loop edge are used up");
  });

  it("are no two edges with different labels, nor one that is never followed", () => {
    const made = graph().start("c").node("c", "condition").node("a").node("b");
    expect(codes(made.edge("c", "a", "true").edge("c", "b", "false").edge("c", "b", "false", 0))).toEqual([
      "edge_never_followed",
    ]);
  });
});

describe("effects", () => {
  const git = (extra: Partial<Graph> = {}) =>
    graph(extra)
      .start("run")
      .node("run", "shell_run", { fields: { command: "/usr/bin/git" } });

  it("without any policy are reported once, with a policy of what is named on offer", () => {
    const found = only(git().node("l", "read_file").chain("run", "l").edge("run", "l", "error"), "no_policy");
    expect(found.at).toEqual({ path: ["name"], part: "value" });
    expect(found.message).toContain("`run` (shell_run) and 1 more can act on the world");
    expect(found.fixes?.[0]).toMatchObject({
      type: "append",
      table: "policy",
      entries: { shell: '{ commands = ["/usr/bin/git"] }', fs: "{ read = [] }" },
    });
  });

  it("need a policy only where there are some, and only in workflows", () => {
    expect(codes(git(covered))).toEqual([]);
    expect(codes(graph().start("a").node("a"))).toEqual([]);
    expect(codes(git({ dialect: "skill" }))).toEqual([]);
  });

  it("that the policy denies are reported with its reason", () => {
    const decide: CheckContext["decide"] = (effect) =>
      effect.target === "/usr/bin/git"
        ? { decision: "Deny", code: "policy", reason: "no allow list is configured" }
        : { decision: "Allow", code: "allow_all", reason: "" };
    const found = only(git(covered), "effect_denied", { decide });
    expect(found.message).toBe(
      "shell.run on `/usr/bin/git` of `run` would be denied (policy): no allow list is configured",
    );
    expect(found.at).toEqual({ path: ["nodes", 0, "command"], part: "value" });
    const other = graph(covered)
      .start("run")
      .node("run", "shell_run", { fields: { command: "/bin/true" } });
    expect(codes(other, { decide })).toEqual([]);
    expect(codes(git(covered), { decide: () => null })).toEqual([]);
    expect(codes(git(covered), { decide: () => ({ decision: "RequireApproval", code: "x", reason: "" }) })).toEqual([]);
  });
});

describe("files", () => {
  const child = (starts: readonly string[], kind = "any"): Graph => {
    const made = graph({ file: "child.toml" }).node("first", kind);
    for (const name of starts) made.start("first", name);
    return made.build();
  };
  const caller = (start?: string) =>
    graph({ file: "parent.toml" })
      .start("c")
      .node("c", "any", { fields: { workflow: "child.toml", ...(start === undefined ? {} : { start }) } })
      .names("child", "child.toml");
  const with_ = (facts: FileFacts): CheckContext => ({ files: () => facts });

  it("that do not exist are named", () => {
    const found = only(caller(), "missing_file", with_({ exists: false }));
    expect(found.message).toBe("the child document `child.toml` does not exist");
    expect(found.at).toEqual({ path: ["nodes", 0, "workflow"], part: "value" });
    expect(codes(caller(), { files: () => null })).toEqual([]);
    expect(codes(caller())).toEqual([]);
  });

  it("that cannot be used are named with the reason", () => {
    const found = only(caller(), "unusable_file", with_({ exists: true, problem: "it is no TOML", graph: null }));
    expect(found.message).toContain("cannot be used: it is no TOML");
  });

  it("must declare the start they are called at", () => {
    const found = only(caller("mian"), "unknown_child_start", with_({ exists: true, graph: child(["main", "other"]) }));
    expect(found.message).toBe("`child.toml` declares no start `mian`; did you mean `main`?");
    expect(found.at).toEqual({ path: ["nodes", 0, "start"], part: "value" });
    expect(codes(caller("main"), with_({ exists: true, graph: child(["main"]) }))).toEqual([]);
    expect(codes(caller(), with_({ exists: true, graph: child(["main"]) }))).toEqual([]);
    expect(codes(caller(), with_({ exists: true, graph: child([]) }))).toEqual(["child_without_start"]);
  });

  it("take the start of their own branch in parallel", () => {
    const fields = {
      branches: [
        { workflow: "child.toml", start: "main" },
        { workflow: "child.toml", start: "nope" },
      ],
    };
    const made = graph({ file: "parent.toml" }).start("p").node("p", "any", { fields });
    made
      .names("child", "child.toml", ["branches", 0, "workflow"])
      .names("child", "child.toml", ["branches", 1, "workflow"]);
    const found = only(made, "unknown_child_start", with_({ exists: true, graph: child(["main"]) }));
    expect(found.at).toEqual({ path: ["nodes", 0, "branches", 1, "start"], part: "value" });
  });

  it("cannot pause for approval as children", () => {
    const found = only(caller(), "child_pauses", with_({ exists: true, graph: child(["main"], "pause_for_approval") }));
    expect(found.related?.[0]).toMatchObject({ file: "child.toml", at: { path: ["nodes", 0, "id"] } });
  });

  it("that lead back to the document are named, however long the way", () => {
    const link = (file: string, to: string) => graph({ file }).start("n").node("n").names("child", to).build();
    const all = new Map(
      ["b.toml", "c.toml", "d.toml"].map((file, i) => [file, link(file, ["c.toml", "a.toml", "d.toml"][i] as string)]),
    );
    const root = link("a.toml", "b.toml");
    all.set("a.toml", root);
    const files: CheckContext["files"] = (_node, reference) => ({
      exists: true,
      graph: all.get(reference.text) ?? null,
    });
    const found = only(root, "child_cycle", { files });
    expect(found.message).toContain("`b.toml` leads back to this document through `c.toml`;");
    // A cycle among children that does not include the document is theirs to report.
    expect(codes(link("e.toml", "d.toml"), { files })).toEqual([]);
    expect(codes(link("a.toml", "a.toml"), { files })).toEqual(["child_cycle"]);
  });
});

describe("names", () => {
  it("of secrets that are not declared are mentioned", () => {
    const secret = { name: "API_TOKEN", source: "env", var: "T", at: [] } as const;
    const made = (text: string) =>
      graph({ secrets: [secret] })
        .start("h")
        .node("h", "http")
        .template(text, "headers", "secret");
    const found = only(made("Bearer {{secret:API_TOKN}}"), "undeclared_secret");
    expect(found.severity).toBe("information");
    expect(found.fixes?.[0]).toMatchObject({ text: "{{secret:API_TOKEN}}", at: { within: { from: 7, to: 26 } } });
    expect(codes(made("Bearer {{secret:API_TOKEN}}"))).toEqual([]);
  });

  it("of model backends must be configured; `default` comes from the command line", () => {
    const backend = {
      name: "claude",
      provider: "anthropic",
      model: "m",
      apiKeyEnv: null,
      baseUrl: null,
      maxTokens: null,
      at: [],
    } as const;
    const made = (name: string) =>
      graph({ backends: [backend] })
        .start("l")
        .node("l", "llm_infer", { fields: { backend: name } });
    expect(codes(made("claude"))).toEqual([]);
    expect(only(made("cluade"), "unknown_backend").message).toContain("did you mean `claude`?");
    expect(only(made("gpt-x"), "unknown_backend").message).toContain("configured: `claude`");
    expect(codes(made("gpt-x"), { backends: ["gpt-x"] })).toEqual([]);
    const twice = made("default")
      .node("m", "llm_infer", { fields: { backend: "default" } })
      .chain("l", "m");
    expect(only(twice, "default_backend").severity).toBe("information");
    expect(codes(made("default"), { backends: ["default"] })).toEqual([]);
  });

  it("of auth bindings must be defined", () => {
    const route = (auth: string | null) => ({
      method: "POST",
      path: "/x",
      start: "main",
      inputSchema: null,
      auth,
      rateLimit: null,
      idempotencyKey: null,
      idempotencyTtlSecs: 86400,
      at: ["http_routes", 0],
    });
    const made = (auth: string | null, tls = false) =>
      graph({
        operation: {
          ...noOperation,
          routes: [route(auth)],
          auth: object({ bearer: object({ ops: object(), default: object() }) }),
          server: tls ? object({ tls: object({ client_auth: object({ mode: "required" }) }) }) : null,
        },
      });
    for (const fine of [null, "", "none", "NONE", "bearer", "bearer:ops"]) expect(codes(made(fine))).toEqual([]);
    expect(codes(made("mtls", true))).toEqual([]);
    const found = only(made("bearer:opps"), "undefined_auth");
    expect(found.message).toBe(
      "the server refuses to start on the route `POST /x`: `bearer:opps` is not defined in `[auth.bearer]`; did you mean `ops`?",
    );
    for (const bad of ["basic", "hmac:x", "beerer", "mtls", "mtls:x"])
      expect(codes(made(bad, bad === "mtls:x"))).toEqual(["undefined_auth"]);
  });
});

describe("URL patterns", () => {
  it.each([
    "http://127.0.0.1*",
    "https://*/**",
    "https://api.*.example/**",
    "http://localhost:*",
    "https://a*b.example/",
  ])("%s is an error", (url) => {
    const found = only(graph({ policy: policy(["*", url]) }), "policy_url_pattern");
    expect(found.severity).toBe("error");
    expect(found.at).toEqual({ path: ["policy", "http", "urls", 1], part: "value" });
  });

  it.each(["*", "https://*.internal/**", "http://api.internal.example/*", "https://h/a*", "https://h/?q=*"])(
    "%s is fine",
    (url) => {
      expect(codes(graph({ policy: policy([url]) }))).toEqual([]);
    },
  );

  it("are found in wrapped documents", () => {
    const made = graph({ policy: policy(["https://*/"]) }, ["workflows", 0])
      .start("a")
      .node("a");
    expect(only(made, "policy_url_pattern").at).toMatchObject({ path: ["workflows", 0, "policy", "http", "urls", 0] });
  });
});

describe("checkGraph", () => {
  it("leaves a warning out where an error stands already", () => {
    const made = graph().start("a").node("a").reads("x.y");
    const error: Diagnostic = {
      code: "reference",
      severity: "error",
      message: "",
      file: "test.toml",
      at: { path: ["nodes", 0, "input_from"], part: "value" },
    };
    expect(codes(made, { found: [error] })).toEqual([]);
    expect(codes(made, { found: [{ ...error, severity: "warning" }] })).toEqual(["unknown_reference"]);
  });

  it("runs only fast checks when asked", () => {
    const made = graph().start("a").node("a").reads("b.x").reads("nope", "c").node("b").chain("a", "b");
    expect(codes(made, { fastOnly: true })).toEqual(["unknown_reference"]);
    expect(codes(made)).toEqual(["unknown_reference", "never_runs_before"]);
  });

  it("says nothing of kinds it does not know", () => {
    const made = graph()
      .start("a")
      .node("a", "mystery")
      .node("b")
      .reads("a.what.ever")
      .chain("a", "b")
      .edge("a", "b", "x");
    expect(codes(made)).toEqual([]);
  });

  it("has every code in exactly one check, and every code documented on its page", () => {
    const listed = checks.flatMap((one) => one.codes);
    expect([...listed].sort()).toEqual(Object.keys(graphCodes).sort());
    const page = diagnosticsPage([{ title: "Other", codes: { x_code: { severity: "error", text: "X." } } }]);
    for (const code of [...listed, "x_code"]) expect(page).toContain(`\n### ${code}\n`);
  });
});
