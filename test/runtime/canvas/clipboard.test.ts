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

  it("keep their comments, their quoting and their order, in the form of the document", () => {
    const copy = `# Why.\n[[nodes]]\ntype = 'template_render' # first\nid = "notes"\n# Of the release.\ntemplate = """\nA\n\n[[nodes]] B"""\n\n[nodes.retry] # patient\nmax_attempts = 0x3\n`;
    const pasted = after(drawn(toml, "g.toml"), { type: "paste", text: copy });
    expect(pasted).toContain(copy);
    const wrapped = `[[workflows]]\nname = "w"\n\n  [[workflows.nodes]]\n  id = "notes"\n  type = "merge"\n`;
    const state = drawn(wrapped, "g.toml");
    const text = after(state, { type: "paste", text: copy.replace(/template = [^]*?"""\n\n/, "template = 'A'\n") });
    expect(text).toBe(
      `${wrapped}\n  # Why.\n  [[workflows.nodes]]\n  type = 'template_render' # first\n  id = "notes_2"\n  # Of the release.\n  template = 'A'\n  [workflows.nodes.retry] # patient\n  max_attempts = 0x3\n`,
    );
    expect(drawn(text, "g.toml").graph.nodes[1]).toMatchObject({ id: "notes_2", retry: { maxAttempts: 3 } });
  });

  it("stay plain where their text would mean something else in the document", () => {
    const copy = `[[nodes]]\nid = "long" # lost\ntype = "template_render"\ntemplate = """\nA\n  B"""\n`;
    const wrapped = `[[workflows]]\nname = "w"\n\n  [[workflows.nodes]]\n  id = "a"\n  type = "merge"\n`;
    const next = drawn(after(drawn(wrapped, "g.toml"), { type: "paste", text: copy }), "g.toml");
    expect(next.graph.nodes[1]?.fields["template"]).toBe("A\n  B");
  });

  it("keep their comments in skill graphs", () => {
    const copy = "# Why.\n- id: one # here\n  # An approval.\n  run:\n    type: approval\n";
    const pasted = after(drawn(yaml, "graph.yaml"), { type: "paste", text: copy });
    expect(pasted.slice(yaml.length)).toBe(
      "  # Why.\n  - id: one_2 # here\n    # An approval.\n    run:\n      type: approval\n",
    );
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
