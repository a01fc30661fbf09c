import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../src/dialects/edits/edit.ts";
import type { Intent } from "../../../src/dialects/edits/intent.ts";
import { applyFix } from "../../../src/dialects/edits/plan.ts";
import { edited, open } from "./support.ts";

const example = (name: string) =>
  readFileSync(new URL(`../../../examples/${name}/graph.yaml`, import.meta.url), "utf8");
const approval = example("approval-gate");
const fan = example("fan-out-quorum");
const on = (text: string, ...intents: Intent[]) => edited(text, "graph.yaml", ...intents);

describe("steps of a skill graph", () => {
  it("are added behind the last one at its distance, and behind any other", () => {
    const add: Intent = { type: "add-node", id: "tell", kind: "tool", fields: [["tool", "slack.post"]] };
    expect(on(approval, add)).toBe(`${approval}\n  - id: tell\n    tool: slack.post\n`);
    const made = on(approval, { ...add, after: "plan" });
    expect(made).toBe(approval.replace("  - id: ask\n", "  - id: tell\n    tool: slack.post\n\n  - id: ask\n"));
  });

  it("go with the comments above them, and with their guards", () => {
    expect(on(approval, { type: "remove-node", node: "put_back", withEdges: true })).toBe(
      approval.replace(/ {2}# `when` skips[^]*?\n\n(?= {2}# `mutation)/, ""),
    );
    const made = on(approval, { type: "remove-node", node: "deploy", withEdges: true });
    expect(made).toBe(
      approval.replace(/guards:\n[^]*?true\n/, "guards: []\n").replace(/\n {2}# `mutation: true`[^]*$/, ""),
    );
  });

  it("go with the group that nobody else is in", () => {
    const [first, second] = ["style", "security"] as const;
    const two = on(fan, { type: "remove-node", node: "performance", withEdges: true });
    const one = on(two, { type: "remove-node", node: second, withEdges: true });
    const none = on(one, { type: "remove-node", node: first, withEdges: true });
    expect(one).toContain("fanout:");
    expect(none).not.toContain("fanout:");
    expect(open(none, "graph.yaml").accepted).toBe(true);
  });

  it("move with their comments and back again", () => {
    const down: Intent = { type: "reorder-node", node: "put_back", steps: 1 };
    const made = on(approval, down);
    expect(made.indexOf("# `when` skips")).toBeGreaterThan(made.indexOf("id: deploy"));
    expect(on(made, { type: "reorder-node", node: "put_back", steps: -1 })).toBe(approval);
  });

  it("are copied as they are written", () => {
    const made = on(approval, { type: "duplicate-node", node: "plan", id: "plan_2" });
    const copy = "  - id: plan_2\n    run:\n      type: cli-tool\n      command: node\n      args: [plan.mjs]\n\n";
    expect(made).toBe(approval.replace("  - id: ask\n", `${copy}  - id: ask\n`));
  });

  it("go between two others, in front of a whole group", () => {
    const node = { id: "mid", kind: "approval", fields: [] };
    const edge = open(fan, "graph.yaml").graphs[0]?.graph.edges[0];
    expect(edge?.to).toBe("publish");
    const made = on(fan, { type: "insert-on-edge", index: 0, node });
    const ids = open(made, "graph.yaml").graphs[0]?.graph.nodes.map((one) => one.id);
    expect(ids).toEqual(["style", "security", "performance", "mid", "publish"]);
  });

  it("have no edges, starts or policies of their own", () => {
    for (const intent of [
      { type: "add-edge", from: "plan", to: "ask" },
      { type: "remove-edge", index: 0 },
      { type: "add-start", name: "x", source: "manual" },
      { type: "add-policy-entry", family: "fs.read", entry: "x" },
    ] satisfies Intent[])
      expect(on(approval, intent)).toMatch(/^\[edit_not_expressible\] a skill graph/);
  });
});

describe("a step of a group that nobody declares", () => {
  it("goes alone: the groups that are declared are others", () => {
    const text =
      "name: g\nsteps:\n- id: a\n  fanout_group: odd\n  tool: t.x\n- id: b\n  fanout_group: r\n  tool: t.x\nfanout:\n  groups:\n    r:\n      strategy: all\n";
    expect(on(text, { type: "remove-node", node: "a", withEdges: true })).toBe(
      text.replace("- id: a\n  fanout_group: odd\n  tool: t.x\n", ""),
    );
  });
});

describe("a stretch of a string", () => {
  const text =
    "name: g\nsteps:\n  - id: a\n    tool: t.x\n    inputs:\n      q: |\n        one\n        two\n      r: plain words\n";
  const at = (key: string, from: number, to: number, words: string): string =>
    on(text, {
      ...{ type: "replace-text", text: words },
      place: { path: ["steps", 0, "inputs", key], part: "value", within: { from, to } },
    });

  it("is replaced where it stands", () => {
    expect(at("q", 4, 7, "2")).toBe(text.replace("two", "2"));
    expect(at("r", 6, 11, "text")).toBe(text.replace("words", "text"));
  });

  it("that holds the end of a block, or leaves blanks at the end of a plain text, changes nothing behind it", () => {
    expect(at("q", 4, 8, "2")).toBe(text.replace("|\n        one\n        two", "|-\n        one\n        2"));
    expect(at("q", 8, 8, "three")).toBe(
      text.replace("|\n        one\n        two", "|-\n        one\n        two\n        three"),
    );
    expect(at("r", 6, 11, "")).toBe(text.replace("plain words", '"plain "'));
  });
});

describe("a block string that keeps the blank lines behind it", () => {
  const step = (id: string, text = ""): string =>
    `  - id: ${id}\n    tool: t.x\n${text === "" ? "" : `    inputs:\n      text: |+\n        ${text}\n`}`;
  const text = `name: g\nsteps:\n${step("a", "kept")}\n${step("b")}\n${step("c")}`;
  const keptIn = (made: string): unknown =>
    open(made, "graph.yaml").source.element(["steps", 0, "inputs", "text"])?.text ?? made;

  it("stays what it is when its neighbours come and go", () => {
    expect(keptIn(text)).toBe("kept\n\n");
    for (const intent of [
      { type: "add-node", id: "n", kind: "tool", fields: [["tool", "t.y"]], after: "a" },
      { type: "remove-node", node: "b", withEdges: true },
      { type: "reorder-node", node: "b", steps: 1 },
      { type: "reorder-node", node: "c", steps: -1 },
    ] satisfies Intent[])
      expect(keptIn(on(text, intent))).toBe("kept\n\n");
  });

  it("is not moved to where other blank lines would be its text", () => {
    expect(on(text, { type: "reorder-node", node: "a", steps: 1 })).toMatch(/^\[edit_unsafe\] the step has a block/);
    expect(on(text, { type: "reorder-node", node: "a", steps: 2 })).toBe(
      `name: g\nsteps:\n${step("b")}\n${step("c")}${step("a", "kept")}\n`,
    );
  });
});

describe("collections over several lines", () => {
  it("between brackets keep the column of their closing bracket", () => {
    const text = "name: g\nsteps: [\n  {id: a, tool: t.x,\n   inputs: {a: 1, # one\n     b: 2}},\n]\n";
    expect(on(text, { type: "remove-field", node: "a", path: ["inputs", "b"] })).toBe(
      text.replace("a: 1, # one\n     b: 2}", "a: 1 # one\n     }"),
    );
  });

  it("are written below a key that had no value", () => {
    const add: Intent = { type: "add-node", id: "a", kind: "tool", fields: [["tool", "t.x"]] };
    expect(on("name: g\nsteps: # none yet\n", add)).toBe("name: g\nsteps: # none yet\n  - id: a\n    tool: t.x\n");
  });
});

describe("fields of a step", () => {
  it("are set in the style they have", () => {
    const made = on(approval, { type: "set-field", node: "ask", path: ["inputs", "cost_eur"], value: 1n });
    expect(made).toBe(approval.replace("420", "1"));
    const quoted = on(approval, { type: "set-field", node: "ask", path: ["inputs", "reason"], value: "yes" });
    expect(quoted).toBe(approval.replace("Replace the lamp in the harbour light?", '"yes"'));
  });

  it("keep the block form of strings of several lines", () => {
    const text = "name: g\nsteps:\n  - id: a\n    tool: t.x\n    inputs:\n      text: |\n        old\n      n: 1\n";
    const made = on(text, { type: "set-field", node: "a", path: ["inputs", "text"], value: "new\nlines\n" });
    expect(made).toBe(text.replace("old\n", "new\n        lines\n"));
  });

  it("behind an anchor are left alone", () => {
    const text =
      "name: g\nsteps:\n  - id: a\n    tool: t.x\n    inputs: &i\n      x: 1\n  - id: b\n    tool: t.x\n    inputs: *i\n";
    expect(on(text, { type: "set-field", node: "a", path: ["inputs", "x"], value: 2n })).toMatch(/^\[edit_unsafe\]/);
  });

  it("become a flow mapping where the last of them goes", () => {
    const made = on(approval, { type: "remove-field", node: "ask", path: ["context", "parts"] });
    expect(made).toBe(
      approval.replace("    context:\n      parts: plan.parts\n\n  # `when`", "    context: {}\n\n  # `when`"),
    );
  });
});

describe("an input that names a step's output", () => {
  it("moves to the context, which is made where it is missing", () => {
    const text =
      "name: g\nsteps:\n  - id: a\n    tool: t.x\n  - id: b\n    tool: t.x\n    inputs:\n      v: a.out # from a\n      n: 1\n";
    expect(on(text, { type: "move-input-to-context", node: "b", key: "v" })).toBe(
      text.replace("      v: a.out # from a\n", "") + "    context:\n      v: a.out\n",
    );
  });

  it("takes the name of the whole mapping along when it is the only one", () => {
    const text =
      "name: g\nsteps:\n  - id: a\n    tool: t.x\n  - id: b\n    tool: t.x\n    inputs:\n      v: a.out # from a\n";
    const made = on(text, { type: "move-input-to-context", node: "b", key: "v" });
    expect(made).toBe(text.replace("inputs:", "context:"));
    expect(open(text, "graph.yaml").findings.map((one) => one.code)).toEqual(["skill_input_reference"]);
    expect(open(made, "graph.yaml").findings).toEqual([]);
  });
});

describe("graphs within skills", () => {
  it("are edited in an X.yaml and in the front matter of a SKILL.md", () => {
    const add: Intent = { type: "add-node", id: "b", kind: "approval", fields: [] };
    const runner =
      "skill: s\nrunners:\n  r:\n    type: graph\n    graph:\n      name: g\n      steps:\n      - id: a\n        tool: t.x\n";
    expect(edited(runner, "X.yaml", add)).toBe(`${runner}\n      - id: b\n        run:\n          type: approval\n`);
    const skill =
      "---\nname: s\nsource:\n  type: graph\n  graph: {name: g, steps: [{id: a, tool: t.x}]}\n---\n# Text\n";
    expect(edited(skill, "SKILL.md", add)).toBe(skill.replace("t.x}]", "t.x}, {id: b, run: {type: approval}}]"));
  });
});

describe("repairs of a skill graph", () => {
  it("write the nearest key", () => {
    const text = "name: g\nsteps:\n  - id: a\n    tol: t.x\n    tool: t.x\n";
    const document = open(text.replace("tool: t.x", "lable: t"), "graph.yaml");
    const found = document.findings.find((one) => one.message.includes("lable"));
    const fix = found?.fixes?.[0];
    const plan = fix === undefined ? null : applyFix(document, fix);
    expect(plan?.ok === true && applyEdits(document.text, plan.edits)).toBe(document.text.replace("lable", "label"));
  });
});
