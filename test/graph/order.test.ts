import { describe, expect, it } from "vitest";
import type { Graph } from "../../src/graph/model.ts";
import { graph } from "./builder.ts";
import { check, codes, covered, only } from "./checking.ts";

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
