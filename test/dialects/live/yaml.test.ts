import { describe, expect, test } from "vitest";
import { frontEnd, open } from "./yaml-support.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";

/** Opens a text at the bar in it. */
function at(marked: string, file = "graph.yaml") {
  const offset = marked.indexOf("▮");
  return open(marked.replace("▮", ""), file).source.at(offset);
}

const codes = (live: LiveDocument): string[] => live.findings.map((one) => one.code);
const nodes = (live: LiveDocument) => live.graphs[0]?.graph.nodes.map(({ id, kind }) => [id, kind]);

describe("what stands at an offset", () => {
  const rows: readonly (readonly [string, string, object])[] = [
    ["a key", "name: g\nsteps:\n  - i▮d: a\n", { path: ["steps", 0, "id"], part: "key", table: ["steps", 0] }],
    [
      "half a key in a step",
      "name: g\nsteps:\n  - id: a\n    ski▮\n    label: L\n  - id: b\n",
      { path: ["steps", 0, "ski"], part: "key", table: ["steps", 0], replace: [29, 32] },
    ],
    [
      "half a key at the root",
      "name: g\nste▮\nowner: o\n",
      { path: ["ste"], part: "key", table: [], replace: [8, 11] },
    ],
    ["the only word of a text", "nam▮", { path: [], table: [], replace: [0, 3] }],
    ["a key without a value", "name: ▮\nsteps: []\n", { path: ["name"], part: "value", replace: [6, 6], table: null }],
    ["a key whose value is on the next lines", "steps:▮\n  - id: a\n", { path: ["steps"], part: "value" }],
    [
      "a quoted value",
      'steps:\n  - id: a\n    skill: "../▮x"\n',
      { path: ["steps", 0, "skill"], part: "value", replace: [28, 34], string: { text: "../x", offset: 3 } },
    ],
    [
      "an open quote",
      'steps:\n  - id: "a▮\n    skill: ../x\n',
      { path: ["steps", 0, "id"], part: "value", string: { text: "a", offset: 1 }, replace: [15, 17] },
    ],
    ["an escape", 'name: "a\\tb▮c"\n', { string: { text: "a\tbc", offset: 3 } }],
    ["a dash alone", "steps:\n  - id: a\n  - ▮\n", { path: ["steps", 1], part: "space", table: ["steps", 1] }],
    ["half a key behind a dash", "steps:\n  - sk▮\n", { path: ["steps", 0], table: ["steps", 0], replace: [11, 13] }],
    [
      "a blank line in a step's column",
      "steps:\n  - id: a\n    ▮\n  - id: b\n",
      { path: ["steps", 0], part: "space", table: ["steps", 0] },
    ],
    ["a blank line in the dash's column", "steps:\n  - id: a\n  ▮\n", { path: ["steps"], part: "space", table: null }],
    ["a blank line at the root", "steps:\n  - id: a\n▮\n", { path: [], part: "space", table: [] }],
    [
      "a blank line below a key without a value",
      "steps:\n  - id: a\n    inputs:\n      ▮\n",
      { path: ["steps", 0, "inputs"], part: "space", table: ["steps", 0, "inputs"] },
    ],
    [
      "a blank line below a nested table",
      "steps:\n  - id: a\n    inputs:\n      k: 1\n      ▮\n    skill: x\n",
      { path: ["steps", 0, "inputs"], table: ["steps", 0, "inputs"] },
    ],
    ["a list in its key's column", "steps:\n- id: a\n▮", { path: ["steps"], table: [] }],
    ["a comment", "steps:\n  - id: a # no▮te\n", { part: "comment", table: null }],
    ["a comment line", "steps:\n  - id: a\n    # no▮te\n    skill: x\n", { path: ["steps", 0], part: "comment" }],
    [
      "between brackets",
      "steps:\n  - id: a\n    inputs: {k: 1, ▮}\n",
      { path: ["steps", 0, "inputs"], part: "space", table: ["steps", 0, "inputs"] },
    ],
    [
      "an open bracket",
      "steps:\n  - id: a\n    scopes: [x, ▮\n    skill: x\n",
      { path: ["steps", 0, "scopes"], part: "space", table: null },
    ],
    [
      "a block scalar",
      "name: |\n  one\n  t▮wo\n",
      { path: ["name"], part: "value", string: { text: "one\ntwo\n", offset: 5 } },
    ],
    ["nothing at all", "▮", { path: [], part: "space", table: [] }],
  ];
  test.each(rows)("%s", (_name, text, expected) => {
    expect(at(text)).toMatchObject(expected);
  });

  test("only the front matter of a SKILL.md has structure", () => {
    expect(at("---\nname: ▮x\n---\n# T\n", "SKILL.md")).toMatchObject({ path: ["name"], part: "value" });
    expect(at("---\nname: x\n---\n# T\nna▮me: y\n", "SKILL.md")).toMatchObject({ path: [], table: null });
    expect(at("---\nname: x\ndesc▮\n# T\n", "SKILL.md")).toMatchObject({ path: ["desc"], part: "key", table: [] });
  });
});

describe("a graph with something broken in it", () => {
  const sound =
    "name: g\nsteps:\n  - id: a\n    tool: fs.read\n  - id: b\n    tool: fs.read\n    context:\n      x: a.stdout\n";

  test.each([
    ["half a key", "    tool: fs.read\n  - id: b", "    tool: fs.read\n    labe\n  - id: b"],
    ["an open quote", "tool: fs.read\n  - id: b", 'tool: "fs.read\n  - id: b'],
    ["an open bracket", "tool: fs.read\n  - id: b", "tool: fs.read\n    scopes: [x\n  - id: b"],
    ["a key in a column of its own", "tool: fs.read\n  - id: b", "tool: fs.read\n     label: x\n  - id: b"],
  ])("%s spoils its own step only", (_name, from, to) => {
    const live = open(sound.replace(from, to));
    expect(live.accepted).toBe(false);
    expect(nodes(live)).toEqual([
      ["a", ""],
      ["b", "tool"],
    ]);
    expect(live.graphs[0]?.whole).toBe(false);
    expect(codes(live).filter((code) => !code.startsWith("skill_yaml_"))).toEqual([]);
  });

  test("several broken steps are all reported, and faults of sound ones too", () => {
    const live = open(
      "name: g\nsteps:\n  - id: a\n    scopes: [x\n  - id: b\n    colour: red\n    tool: fs.read\n  - id: c\n    scopes: {y\n  - id: d\n    tool: fs.read\n",
    );
    expect(nodes(live)?.map(([id, kind]) => `${id}:${kind}`)).toEqual(["a:", "b:tool", "c:", "d:tool"]);
    expect(codes(live).filter((code) => code.startsWith("skill_yaml_")).length).toBeGreaterThanOrEqual(2);
    expect(codes(live)).toContain("skill_unknown_key");
  });

  test("references of a broken step are there where they can be read", () => {
    const live = open(`${sound}    labe\n`);
    expect(nodes(live)).toEqual([
      ["a", "tool"],
      ["b", ""],
    ]);
    expect(live.graphs[0]?.graph.nodes[1]?.references.map((one) => one.text)).toEqual(["a.stdout"]);
  });

  test("half a root key leaves the steps as they are", () => {
    const live = open(`${sound}fan\n`);
    expect(nodes(live)).toEqual([
      ["a", "tool"],
      ["b", "tool"],
    ]);
    expect(codes(live).every((code) => code.startsWith("skill_yaml_"))).toBe(true);
  });

  test("a broken runner leaves the others as they are", () => {
    const live = open(
      "skill: s\nrunners:\n  main:\n    type: cli-tool\n    command: echo\n  other:\n    type: cli-tool\n    command: 'echo\n",
      "X.yaml",
    );
    expect(live.accepted).toBe(false);
    expect(live.graphs.map((one) => one.runner)).toContain("main");
    expect(live.graphs.find((one) => one.runner === "main")?.graph.nodes[0]?.kind).toBe("cli-tool");
  });
});

describe("other documents", () => {
  test("a manifest has a graph for each runner, and each finding once", () => {
    const live = open("skill: s\nextra: 1\nrunners:\n  a: {type: agent}\n  b: {type: agent}\n", "X.yaml");
    expect(live.graphs.map((one) => one.runner)).toEqual(["a", "b"]);
    expect(live.findings.map((one) => one.message).filter((one) => one.includes("extra"))).toHaveLength(1);
  });

  test("a harness file has a tree and only faults of its syntax", () => {
    const live = open("name: x\nexpect:\n  status: closed\n", "harness.yaml");
    expect(live.accepted).toBe(true);
    expect(live.graphs).toEqual([]);
    expect(live.source.element(["expect", "status"])?.text).toBe("closed");
    expect(codes(open("name: 'x\n", "harness.yaml"))).toEqual(["skill_yaml_syntax"]);
  });
});

describe("hostile texts", () => {
  test.each([
    ["deep brackets", `steps: ${"[".repeat(10_000)}`],
    ["deep dashes", "- ".repeat(5_000)],
    ["deep keys", Array.from({ length: 1_000 }, (_, i) => `${" ".repeat(i % 400)}k:`).join("\n")],
    ["many anchors", Array.from({ length: 600 }, (_, i) => `k${i}: &a${i} [*a${Math.max(0, i - 1)}]`).join("\n")],
    ["many open quotes", `steps:\n${"  - id: 'a\n".repeat(501)}`],
    ["many half keys", `steps:\n${"  - id: a\n    sk\n".repeat(300)}`],
    ["a long line", `name: ${"a: ".repeat(4_000)}`],
  ])("%s open", (_name, text) => {
    const live = open(text);
    expect(live.accepted).toBe(false);
    expect(live.findings.length).toBeGreaterThan(0);
    for (const offset of [0, text.length >> 1, text.length])
      expect(live.source.at(offset).replace[1]).toBeLessThanOrEqual(text.length);
  });
});

describe("keys that only begin like words of ours", () => {
  const likeFrontEnd = (file: string, text: string): void => {
    const { graph, diagnostics } = frontEnd.parse(text, file);
    const found = graph === null ? diagnostics : [...diagnostics, ...frontEnd.validate(graph)];
    expect(open(text, file).findings).toEqual(found);
  };
  const runner = (key: string): string =>
    `skill: s\nrunners:\n  ${key}:\n    type: graph\n    default: true\n    graph:\n      name: g\n      steps:\n  other:\n    type: cli-tool\n    command: x\n`;
  const steps = (key: string): string => `name: g\n${key}:\n  - id: a\n    run: {type: agent-task}\n`;

  test.for(["mäin", "m\ufeffain", "m$n", "m😀", "main", "main ", "'main'", "a.b", "__proto__"])(
    "a runner `%s` is called so",
    (key) => {
      const [{ runner: name } = { runner: null }] = open(runner(key), "X.yaml").graphs;
      expect(name).toBe(key.trim().replaceAll("'", ""));
      likeFrontEnd("X.yaml", runner(key));
    },
  );

  test.for(["null", "True", "false", "~", "1", ".inf"])("a runner `%s` is refused as by the front end", (key) => {
    const live = open(runner(key), "X.yaml");
    expect(live.accepted).toBe(false);
    expect(codes(live)).toContain("skill_yaml_syntax");
    likeFrontEnd("X.yaml", runner(key));
  });

  test.for(["stepsä", "steps$", "steps\ufeff", "graphé"])("`%s` is no key of a graph", (key) => {
    const live = open(steps(key));
    expect(codes(live)).toContain("skill_unknown_key");
    expect(live.graphs[0]?.graph.nodes).toEqual([]);
    likeFrontEnd("graph.yaml", steps(key));
  });
});
