/** A graph in the making: the edits that the palette, the ports and the inspector's forms come to. */
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { beginning, newWorkflow, whyNoGraph } from "../../../src/runtime/begin.ts";
import { afterPlan, planOnCanvas } from "../../../src/runtime/canvas/edits.ts";
import { drawDocument, inspect, isDrawn, offersAt, openDocuments } from "../../../src/runtime/canvas/index.ts";
import type { CanvasState } from "../../../src/runtime/canvas/index.ts";
import type { PageIntent } from "../../../src/protocol/webview.ts";

const open = openDocuments();
const file = "/w/g.toml";

function drawn(text: string, name = file): CanvasState {
  const state = drawDocument(text, name, open, null);
  if (!isDrawn(state)) throw new Error("it can be drawn");
  return state;
}

/** The text after some intents, one after the other. */
function after(text: string, ...intents: readonly PageIntent[]): string {
  return intents.reduce((before, intent) => {
    const state = drawn(before);
    const plan = planOnCanvas(state, intent, open);
    expect(plan).toMatchObject({ type: "edits" });
    return afterPlan(state.live, plan);
  }, text);
}

const add = (kind: string, behind: string | null): PageIntent => ({ type: "add-node", kind, after: behind, at: null });
const set = (element: string | null, path: (string | number)[], value: string): PageIntent => ({
  ...{ type: "set-field", element },
  ...{ path, value },
});

describe("a node from the palette", () => {
  test("is entered by the only start of a graph that has no nodes", () => {
    expect(after(newWorkflow("g"), add("merge", null))).toBe(
      `${newWorkflow("g")}entry_node = "merge"\n\n[[nodes]]\nid = "merge"\ntype = "merge"\n`,
    );
  });

  test("follows a start that is selected and enters nothing yet", () => {
    const text = after(newWorkflow("g"), add("fail", null), { type: "add-start" }, add("fail", "start:start"));
    expect(parse(text)).toMatchObject({
      start_nodes: [{ entry_node: "fail" }, { name: "start", source: "manual", entry_node: "fail_2" }],
    });
  });

  test("goes on from the first way out that leads nowhere yet, and from none when all are taken", () => {
    const text = after(
      newWorkflow("g"),
      ...[add("condition", null), add("merge", "condition"), add("fail", "condition"), add("fail", "condition")],
    );
    expect(parse(text)["edges"]).toEqual([
      { from: "condition", to: "merge", when: "true" },
      { from: "condition", to: "fail", when: "false" },
    ]);
  });
});

describe("the document's own fields", () => {
  test("are shown without what is drawn, unknown keys included", () => {
    const state = drawn(`${newWorkflow("g")}\n[policy.fs]\nread = ["a"]\n\n[extra]\nx = 1\n`);
    const inspected = inspect(state, null);
    expect(inspected).toMatchObject({ element: null, what: "document" });
    expect(inspected?.written.map(({ key, value }) => [key, value])).toEqual([
      ["name", '"g"'],
      ["policy", '{"fs":{"read":["a"]}}'],
      ["extra", '{"x":1}'],
    ]);
    expect(Object.keys(inspected?.form["properties"] ?? {})).toEqual(expect.arrayContaining(["policy", "budget"]));
  });

  test("are written where a careful author would have put them", () => {
    const item = (path: string[], value: string): PageIntent => ({ type: "add-item", element: null, path, value });
    const text = after(
      newWorkflow("untitled"),
      set(null, ["name"], '"g"'),
      set(null, ["description"], '"What for."'),
      item(["policy", "fs", "read"], '"in/**"'),
      item(["policy", "shell", "commands"], '"/usr/bin/git"'),
      item(["policy", "fs", "write"], '"out/**"'),
      item(["policy", "fs", "read"], '"more/**"'),
      item(["mcp_servers"], '{"name":"one","command":["srv"]}'),
      item(["intelligence", "backends"], '{"name":"m","provider":"openai"}'),
      add("fail", null),
    );
    expect(text).toBe(
      [
        ...['name = "g"', 'description = "What for."', ""],
        ...["[[start_nodes]]", 'name = "main"', 'source = "manual"', 'entry_node = "fail"', ""],
        ...["[[nodes]]", 'id = "fail"', 'type = "fail"', ""],
        ...["[policy.fs]", 'read = ["in/**", "more/**"]', 'write = ["out/**"]', ""],
        ...["[policy.shell]", 'commands = ["/usr/bin/git"]', ""],
        ...["[[mcp_servers]]", 'name = "one"', 'command = ["srv"]', ""],
        ...["[[intelligence.backends]]", 'name = "m"', 'provider = "openai"', ""],
      ].join("\n"),
    );
  });

  test("of a start are its own, and its node can be chosen among those that there are", () => {
    const state = drawn(after(newWorkflow("g"), add("fail", null)));
    expect(inspect(state, "start:main")).toMatchObject({
      what: "start",
      written: [{ key: "name" }, { key: "source" }, {}],
    });
    expect(offersAt(state, "start:main", ["entry_node"], "f").map(({ insert }) => insert)).toEqual(["fail"]);
    expect(after(state.live.text, set("start:main", ["source"], '"http"'))).toBe(
      state.live.text.replace('"manual"', '"http"'),
    );
    expect(planOnCanvas(state, { type: "rename", element: "start:main", to: "x" }, open)).toMatchObject({
      type: "rename",
      offset: state.live.text.indexOf("main"),
    });
    expect(after(state.live.text, { type: "remove", nodes: [], edges: [], starts: ["start:main"] })).not.toContain(
      "start_nodes",
    );
  });
});

describe("fields of a node", () => {
  test("of several lines are written on several lines, unless their author has written them otherwise", () => {
    const text = after(newWorkflow("g"), add("fail", null));
    const long = after(text, set("fail", ["reason"], '"one\\ntwo\\n"'));
    expect(long).toBe(`${text}reason = """\none\ntwo\n"""\n`);
    const empty = after(text, set("fail", ["reason"], '""'), set("fail", ["reason"], '"one\\ntwo\\n"'));
    expect(empty).toBe(long);
    const escaped = `${text}reason = "a\\nb"\n`;
    expect(after(escaped, set("fail", ["reason"], '"c\\nd"'))).toBe(`${text}reason = "c\\nd"\n`);
  });

  test("that every node has are offered where they mean something", () => {
    const state = drawn(after(newWorkflow("g"), add("http_request", null), add("fail", null)));
    const keys = (key: string): string[] => Object.keys(inspect(state, key)?.form["properties"] ?? {});
    expect(keys("http_request")).toEqual(expect.arrayContaining(["retry", "on_error", "in_doubt", "idempotency_key"]));
    expect(keys("fail")).not.toContain("idempotency_key");
    const offers = offersAt(state, "http_request", ["idempotency_key"], "release-{{f");
    expect(offers.map(({ insert }) => insert)).toEqual(["fail"]);
  });
});

describe("a blank file", () => {
  test("can become a graph where its name says of which kind, and is not mistaken for a broken one", () => {
    expect([whyNoGraph(" \n", file), whyNoGraph("[package]\n", file), whyNoGraph("", "/w/a.txt")]).toEqual([
      ...["blank", "other", "other"],
    ]);
    expect(beginning("/w/my graph.toml")).toBe(newWorkflow("my graph"));
    expect(isDrawn(drawDocument(beginning(file) ?? "", file, open, null))).toBe(true);
    expect(beginning("/w/tool/graph.yaml")).toBe('name: "tool"\nsteps:\n');
    expect(beginning("/w/fixture.toml")).toBeNull();
  });
});
