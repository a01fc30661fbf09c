import { describe, expect, it } from "vitest";
import { graph } from "./builder.ts";
import { check, codes, covered, only } from "./checking.ts";

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
      value: "branch",
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
      entries: { from: "h", to: "no", when: "error" },
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
