/** Fields on the canvas, in every dialect: written where the dialect keeps them, and shown as what they are. */
import { describe, expect, test } from "vitest";
import { afterPlan, planOnCanvas } from "../../src/runtime/canvas/edits.ts";
import { drawDocument, inspect, isDrawn, openDocuments, paletteOf } from "../../src/runtime/canvas/index.ts";
import type { CanvasState } from "../../src/runtime/canvas/index.ts";
import type { PageIntent } from "../../src/protocol/webview.ts";

const open = openDocuments();
const graph = `name: g
steps:
  # Says something.
  - id: say
    run:
      type: cli-tool
      command: echo
      colour: red
    inputs:
      text: hi
  - id: ask
    http:
      url: https://example.test/a
`;
const pipeline = [
  "v=1",
  "model=single_ring",
  "name=p",
  "single_ring.shards=1",
  "single_ring.ordering=strict",
  "single_ring.producer=single",
  "single_ring.scheduling=dedicated",
  "single_ring.stages.0.id=a",
  "single_ring.stages.0.stage=identity",
  "single_ring.stages.0.depends_on.count=0",
  "",
].join("\n");

function drawn(text: string, file: string): CanvasState {
  const state = drawDocument(text, file, open, null);
  if (!isDrawn(state)) throw new Error("it can be drawn");
  return state;
}

function after(text: string, file: string, intent: PageIntent): string {
  const state = drawn(text, file);
  const plan = planOnCanvas(state, intent, open);
  expect(plan).toMatchObject({ type: "edits" });
  return afterPlan(state.live, plan);
}

describe("a step of a skill graph", () => {
  test("shows what it runs beside what every step has, and keys that nobody knows", () => {
    const inspected = inspect(drawn(graph, "/w/graph.yaml"), "say");
    expect(inspected?.written.map(({ key, value }) => [key, value])).toEqual([
      ["id", '"say"'],
      ["command", '"echo"'],
      ["run.colour", '"red"'],
      ["inputs", '{"text":"hi"}'],
    ]);
    expect(Object.keys(inspected?.form["properties"] ?? {})).not.toContain("skill_retry");
  });

  test.each([
    ["command", "echo", "printf", "say", graph.replace("command: echo", "command: printf")],
    ["url", "a", "https://example.test/b", "ask", graph.replace("test/a", "test/b")],
    ["run.colour", "red", "blue", "say", graph.replace("red", "blue")],
  ])("has %s changed from %s to %s where it stands", (field, _old, value, element, expected) => {
    const intent: PageIntent = { type: "set-field", element, path: [field], value: JSON.stringify(value) };
    expect(after(graph, "/w/graph.yaml", intent)).toBe(expected);
  });

  test("gets a field of what it runs below `run`, and one of every step in the step", () => {
    const set = (path: string, value: string): string =>
      after(graph, "/w/graph.yaml", { type: "set-field", element: "say", path: [path], value });
    expect(set("cwd", '"sub"')).toBe(graph.replace("      colour: red\n", "      colour: red\n      cwd: sub\n"));
    expect(set("mutation", "true")).toContain("      text: hi\n    mutation: true\n");
  });

  test("loses a field of what it runs, and nothing else", () => {
    const text = after(graph, "/w/graph.yaml", { type: "remove-field", element: "say", path: ["run.colour"] });
    expect(text).toBe(graph.replace("      colour: red\n", ""));
  });

  test.each(paletteOf("skill").map(({ kind }) => kind))(
    "of the kind %s is added without a key in a wrong place",
    (kind) => {
      const text = after(graph.replace("      colour: red\n", ""), "/w/graph.yaml", {
        ...{ type: "add-node", kind, after: null, at: null },
      });
      const codes = (open(text, "/w/graph.yaml")?.findings ?? []).map(({ code }) => code);
      // What it requires is empty until somebody fills it in.
      expect(codes.filter((code) => !["skill_required", "skill_type", "skill_value"].includes(code))).toEqual([]);
      expect(text.startsWith(graph.replace("      colour: red\n", "").trimEnd())).toBe(true);
    },
  );
});

describe("a stage of a pipeline", () => {
  test("shows its key as the field that it is, and has it changed in its line", () => {
    expect(inspect(drawn(pipeline, "/w/spec.kv"), "a")?.written.find(({ key }) => key === "key")?.value).toBe(
      '"identity"',
    );
    const value = '"http_post:https://example.test/x"';
    const text = after(pipeline, "/w/spec.kv", { type: "set-field", element: "a", path: ["key"], value });
    expect(text).toBe(pipeline.replace("stage=identity", "stage=http_post:https://example.test/x"));
  });
});
