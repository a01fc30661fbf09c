/** What the canvas asks of a document, as text: several elements at once, and steps whose order is that of the text. */
import { describe, expect, test } from "vitest";
import { afterPlan, planOnCanvas, type CanvasPlan } from "../../../src/runtime/canvas/edits.ts";
import { drawDocument, isDrawn, openDocuments, type CanvasState } from "../../../src/runtime/canvas/index.ts";
import { encodeText } from "../../../src/dialects/pipeline/canonical.ts";
import type { OpenLive } from "../../../src/dialects/live/live.ts";
import type { PageIntent } from "../../../src/protocol/webview.ts";

const open = openDocuments();

function drawn(text: string, file: string): CanvasState {
  const state = drawDocument(text, file, open, null);
  if (!isDrawn(state)) throw new Error("it can be drawn");
  return state;
}

function after(text: string, file: string, intent: PageIntent): string {
  const state = drawn(text, file);
  const plan = planOnCanvas(state, intent, open);
  return plan.type === "refused" ? `refused: ${plan.message}` : afterPlan(state.live, plan);
}

const remove = (what: Partial<Extract<PageIntent, { type: "remove" }>>): PageIntent => ({
  ...{ type: "remove", nodes: [], edges: [], starts: [] },
  ...what,
});

const flow = `name = "f" # its name

[[start_nodes]]
name = "s"
source = "manual"
entry_node = "a"

[[start_nodes]]
name = "t"
source = "manual"
entry_node = "b"

# The first.
[[nodes]]
id = "a"
type = "merge"

[[nodes]]
id = "b" # the second
type = "merge"

[[nodes]]
id = "c"
type = "merge"

[[edges]]
from = "a"
to = "b"

# On from b.
[[edges]]
from = "b"
to = "c"
`;

describe("several elements that are removed", () => {
  test("go with their edges and comments, and what enters them", () => {
    const { drawing } = drawn(flow, "f.toml");
    const starts = drawing.entries.filter(({ name }) => name === "s").map(({ key }) => key);
    expect(
      after(flow, "f.toml", remove({ nodes: ["a", "b"], edges: drawing.edges.map(({ key }) => key), starts })),
    ).toBe(
      `name = "f" # its name

[[start_nodes]]
name = "t"
source = "manual"

[[nodes]]
id = "c"
type = "merge"
`,
    );
  });

  test("are removed as if they were removed one after the other", () => {
    const { drawing } = drawn(flow, "f.toml");
    const edge = drawing.edges[0]?.key ?? "";
    const one = (text: string, intent: PageIntent): string => after(text, "f.toml", intent);
    const apart = one(one(one(flow, remove({ edges: [edge] })), remove({ nodes: ["b"] })), remove({ nodes: ["c"] }));
    expect(one(flow, remove({ nodes: ["b", "c"], edges: [edge] }))).toBe(apart);
  });

  test("cost one reading of the text, however many they are", () => {
    const nodes = Array.from({ length: 60 }, (_, i) => `\n[[nodes]]\nid = "n${i}"\ntype = "merge"\n`);
    const state = drawn(`name = "f"\nstart_nodes = []\n${nodes.join("")}`, "f.toml");
    let readings = 0;
    const counting: OpenLive = (...given) => {
      readings++;
      return open(...given);
    };
    const plan = planOnCanvas(state, remove({ nodes: state.drawing.nodes.map(({ key }) => key) }), counting);
    expect(afterPlan(state.live, plan)).toBe('name = "f"\nstart_nodes = []\n');
    expect(readings).toBe(1);
  });

  test("stay where the file would be no graph without them, and that is said", () => {
    const text = '[[nodes]]\nid = "a"\ntype = "merge"\n';
    expect(after(text, "f.toml", remove({ nodes: ["a"] }))).toMatch(/^refused: .* no graph any more/);
  });

  test("in lists between brackets go with what lies within them", () => {
    const text = `start_nodes = [{ name = "s", source = "manual", entry_node = "a" }]
nodes = [{ id = "a", type = "merge" }, { id = "b", type = "merge" }]
edges = [{ from = "a", to = "b" }]
`;
    const { drawing } = drawn(text, "f.toml");
    expect(after(text, "f.toml", remove({ nodes: ["a"], starts: [drawing.entries[0]?.key ?? ""] }))).toBe(
      'start_nodes = []\nnodes = [{ id = "b", type = "merge" }]\nedges = []\n',
    );
  });

  test("of a skill graph take the groups that they were alone in", () => {
    const step = (id: string, group: string): string => `  - id: ${id}\n    fanout_group: ${group}\n    tool: t.x\n`;
    const rule = (group: string): string => `    ${group}:\n      strategy: all\n`;
    const text = `name: g\nsteps:\n${["a", "b"].map((id) => step(id, "one")).join("")}${step("c", "two")}fanout:\n  groups:\n${rule("one")}${rule("two")}`;
    expect(after(text, "graph.yaml", remove({ nodes: ["a", "b"] }))).toBe(
      `name: g\nsteps:\n${step("c", "two")}fanout:\n  groups:\n${rule("two")}`,
    );
  });

  test("of a skill graph may be selected with the arrows at them, which alone are not removed", () => {
    const text = "name: g\nsteps:\n  - id: a\n    tool: t.x\n  - id: b\n    tool: t.x\n  - id: c\n    tool: t.x\n";
    const edges = drawn(text, "graph.yaml").drawing.edges.map(({ key }) => key);
    expect(after(text, "graph.yaml", remove({ nodes: ["b"], edges }))).toBe(
      text.replace("  - id: b\n    tool: t.x\n", ""),
    );
    expect(after(text, "graph.yaml", remove({ edges }))).toMatch(/^refused: the order of steps/);
  });

  test("of a pipeline are renumbered together, and never all of them", () => {
    const stages = [[], [0], [1], [0, 2]].map((dependsOn, i) => ({ id: `s${i}`, stage: "identity", dependsOn }));
    const rest = { shards: 1, ordering: "strict", producer: "single", scheduling: "dedicated" } as const;
    const text = encodeText({ name: "p", ...rest, stages });
    const state = drawn(text, "spec.kv");
    const keys = state.drawing.nodes.map(({ key }) => key);
    const left = drawn(after(text, "spec.kv", remove({ nodes: [keys[0] ?? "", keys[2] ?? ""] })), "spec.kv");
    expect(left.graph.nodes.map(({ id, after }) => [id, after])).toEqual([
      ["s1", []],
      ["s3", []],
    ]);
    expect(after(text, "spec.kv", remove({ nodes: keys }))).toMatch(/^refused: a pipeline has at least one stage/);
  });
});

describe("a node on an arrow between steps", () => {
  const step = (id: string, group = ""): string =>
    `  - id: ${id}\n${group === "" ? "" : `    fanout_group: ${group}\n`}    tool: t.x\n`;
  const text = `name: g\nsteps:\n${step("a")}${step("b", "q")}${step("c", "q")}${step("d")}`;
  const made = "  - id: approval\n    run:\n      type: approval\n";
  const on = (from: string, to: string): PageIntent => ({
    ...{ type: "insert-on-edge", kind: "approval", at: null },
    edge: drawn(text, "graph.yaml").drawing.edges.find((one) => one.from === from && one.to === to)?.key ?? "",
  });

  test("stands between them in the text, never within a group", () => {
    const before = text.replace(step("b", "q"), made + step("b", "q"));
    expect(after(text, "graph.yaml", on("a", "b"))).toBe(before);
    expect(after(text, "graph.yaml", on("a", "c"))).toBe(before);
    expect(after(text, "graph.yaml", on("c", "d"))).toBe(text.replace(step("d"), made + step("d")));
  });

  test("is selected by the key that it is drawn with", () => {
    const plan: CanvasPlan = planOnCanvas(drawn(text, "graph.yaml"), on("a", "b"), open);
    expect(plan).toMatchObject({ type: "edits", select: "approval" });
  });
});
