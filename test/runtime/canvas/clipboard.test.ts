import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../src/dialects/edits/edit.ts";
import {
  copyNodes,
  drawDocument,
  isDrawn,
  offersAt,
  openDocuments,
  planOnCanvas,
  type CanvasState,
} from "../../../src/runtime/canvas/index.ts";
import type { PageIntent } from "../../../src/protocol/webview.ts";

const open = openDocuments();

const toml = `name = "g"

[[start_nodes]]
name = "main"
source = "manual"

# Where it comes from.
[[nodes]]
id = "load" # the file
type = "read_file"
path_from = "trigger.path"

[[nodes]]
id = "parse"
type = "parse_json"
input_from = "load.content"

[[edges]]
from = "load"
to = "parse"
`;

const yaml = `name: g
steps:
  # First.
  - id: one
    run:
      type: approval
  - id: two
    run:
      type: approval
`;

function drawn(text: string, file: string): CanvasState {
  const state = drawDocument(text, file, open, null);
  if (!isDrawn(state)) throw new Error("the sample is drawn");
  return state;
}

function after(state: CanvasState, intent: PageIntent): string {
  const plan = planOnCanvas(state, intent, open);
  if (plan.type !== "edits") throw new Error(plan.type === "refused" ? plan.message : plan.type);
  return applyEdits(state.live.text, plan.edits);
}

function copied(state: CanvasState, keys: readonly string[]): string {
  const result = copyNodes(state, keys);
  if (!result.ok) throw new Error(result.message);
  return result.text;
}

describe("copied nodes", () => {
  it("are the text of the document with comments and inner edges", () => {
    const text = copied(drawn(toml, "g.toml"), ["load", "parse"]);
    expect(text).toBe(toml.slice(toml.indexOf("# Where")));
  });

  it("of a skill graph are items of a list, without the indentation of their place", () => {
    expect(copied(drawn(yaml, "graph.yaml"), ["one"])).toBe("# First.\n- id: one\n  run:\n    type: approval\n");
  });

  it("of inline tables are tables of their own", () => {
    const inline = `nodes = [{ id = "a", type = "merge" }]\n`;
    expect(copied(drawn(inline, "g.toml"), ["a"])).toBe(`[[nodes]]\nid = "a"\ntype = "merge"\n`);
  });
});

describe("pasted nodes", () => {
  it("get free ids, and what they read of each other follows", () => {
    const state = drawn(toml, "g.toml");
    const next = drawn(after(state, { type: "paste", text: copied(state, ["load", "parse"]) }), "g.toml");
    expect(next.graph.nodes.map((node) => node.id)).toEqual(["load", "parse", "load_2", "parse_2"]);
    expect(next.graph.nodes[3]?.fields["input_from"]).toBe("load_2.content");
    expect(next.graph.edges.map(({ from, to }) => [from, to])).toEqual([
      ["load", "parse"],
      ["load_2", "parse_2"],
    ]);
    expect(next.live.text.startsWith(toml.slice(0, toml.indexOf("[[edges]]")))).toBe(true);
  });

  it("go into skill graphs too", () => {
    const state = drawn(yaml, "graph.yaml");
    const next = drawn(after(state, { type: "paste", text: copied(state, ["one", "two"]) }), "graph.yaml");
    expect(next.graph.nodes.map((node) => node.id)).toEqual(["one", "two", "one_2", "two_2"]);
  });

  it.each(["", "hello", "= = =", "steps: 1", "[[nodes", "x: y: z"])("are not made of %j", (text) => {
    for (const state of [drawn(toml, "g.toml"), drawn(yaml, "graph.yaml")]) {
      const plan = planOnCanvas(state, { type: "paste", text }, open);
      expect(plan).toMatchObject({ type: "refused" });
    }
  });
});

describe("several nodes", () => {
  it("are duplicated with the edges among them", () => {
    const next = drawn(after(drawn(toml, "g.toml"), { type: "duplicate", nodes: ["load", "parse"] }), "g.toml");
    expect(next.graph.edges.map(({ from, to }) => [from, to])).toContainEqual(["load_2", "parse_2"]);
  });
});

describe("a connection", () => {
  it("from a way out that is not there is refused with those that are", () => {
    const plan = planOnCanvas(drawn(toml, "g.toml"), { type: "connect", from: "load", port: "no", to: "parse" }, open);
    expect(plan).toMatchObject({
      type: "refused",
      message: expect.stringContaining("no way out called `no`") as string,
    });
  });
});

describe("completion in a field", () => {
  it("offers nodes, then members of what they give", () => {
    const state = drawn(toml, "g.toml");
    const labels = (text: string): string[] => offersAt(state, "parse", ["input_from"], text).map((one) => one.insert);
    expect(labels("")).toEqual(["trigger", "load"]);
    expect(labels("load.con")).toEqual(["load.content"]);
    expect(labels("nobody.")).toEqual([]);
    expect(offersAt(state, "gone", ["input_from"], "")).toEqual([]);
  });
});
