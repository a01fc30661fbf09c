import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  skillDocumentCandidates,
  skillDocumentKey,
  splitSkillDocument,
} from "../../../src/dialects/skill/front-end.ts";
import { skillReferenceText, splitRunner } from "../../../src/dialects/skill/reference.ts";
import { rules } from "../../../src/dialects/skill/walk.ts";
import { check, frontEnd, graphOf, kinds, messages, underlined } from "./support.ts";
import { walkOf } from "./walks.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/skills/${name}`, import.meta.url), "utf8");
const manifest = fixture("hello-world/X.yaml");
const markdown = fixture("hello-world/SKILL.md");
const x = (runner: string, top = ""): string =>
  `skill: s\n${top}runners:\n  r:\n    ${runner.split("\n").join("\n    ")}\n`;
const md = (front: string): string => `---\nname: s\n${front}\n---\n\nBody.\n`;

describe("SKILL.md", () => {
  test("a tool becomes a graph of one node", () => {
    const graph = graphOf(markdown, "/skills/hello-world/SKILL.md");
    expect(graph.nodes.map((node) => [node.id, node.kind, node.fields["command"]])).toEqual([
      ["hello-world", "cli-tool", "node"],
    ]);
    expect(graph.inputs?.map((one) => [one.name, one.type, one.required])).toEqual([["message", "string", true]]);
    expect(graph.description).toBe("Prints one message.");
  });

  test("without a source an agent reads it", () => {
    expect(graphOf(md("description: d"), "SKILL.md").nodes[0]?.kind).toBe("agent-task");
  });

  test("a graph source gives the graph's steps", () => {
    const graph = graphOf(
      md("source:\n  type: graph\n  graph:\n    name: g\n    steps:\n      - id: a\n        tool: fs.read"),
      "SKILL.md",
    );
    expect(graph.nodes.map((node) => [node.id, node.kind, node.at])).toEqual([
      ["a", "tool", ["source", "graph", "steps", 0]],
    ]);
    expect(graph.inputs).toEqual([]);
  });

  test("unknown keys are passed over", () => {
    expect(messages(md("licence: MIT\nruntime: {a: 1}"), "SKILL.md")).toEqual([]);
  });

  test("sandbox and artifacts may stand under runx", () => {
    const text = md(
      "source: {type: cli-tool, command: x}\nrunx:\n  sandbox: {profile: network}\n  artifacts: {wrap_as: w}",
    );
    const fields = graphOf(text, "SKILL.md").nodes[0]?.fields;
    expect(fields?.["sandbox"]).toEqual({ profile: "network" });
    expect(fields?.["artifacts"]).toEqual({ wrap_as: "w" });
  });

  test("ranges count from the file's own first line", async () => {
    const text = md("source:\n  type: cli-tool\n  command: 7");
    const [one] = check(text, "SKILL.md");
    expect(one?.message).toBe("source.command must be a string.");
    expect(one && (await underlined(text, one))).toBe("7");
    const [broken] = check(md("a: b: c"), "SKILL.md");
    expect(broken?.message).toBe(
      "skill_frontmatter: YAML parse failed: ambiguous YAML construct at line 3; quote the value or key: b: c",
    );
  });

  const table: readonly (readonly [string, string, string])[] = [
    ["no front matter", "name: s\n", "Skill markdown must start with YAML frontmatter delimited by ---."],
    ["an open front matter", "---\nname: s\n", "Skill markdown must start with YAML frontmatter delimited by ---."],
    ["front matter that is a list", "---\n- a\n---\n", "Skill frontmatter must parse to an object."],
    ["no name", "---\na: b\n---\n", "name is required."],
    ["a tool without a command", md("source: {type: cli-tool}"), "source.command is required."],
    [
      "an unknown source type",
      md("source: {type: agent-step}"),
      "source.type agent-step is not a supported source type.",
    ],
    ["a source without a type", md("source: {}"), "source.type is required."],
    ["an agent task without an agent", md("source: {type: agent-task, task: t}"), "source.agent is required."],
    ["an agent task without a task", md("source: {type: agent-task, agent: t}"), "source.task is required."],
    [
      "an agent task with a command",
      md("source: {type: agent-task, agent: a, task: t, command: c}"),
      "agent-task sources must not declare source.command or source.args.",
    ],
    [
      "a hook with arguments",
      md("source: {type: harness-hook, hook: h, args: []}"),
      "harness-hook sources must not declare source.command or source.args.",
    ],
    ["mcp without a server", md("source: {type: mcp, tool: t}"), "source.server is required."],
    ["mcp without a tool", md("source: {type: mcp, server: {command: c}}"), "source.tool is required."],
    ["a2a without a card", md("source: {type: a2a, task: t}"), "source.agent_card_url is required."],
    ["a catalog without a reference", md("source: {type: catalog}"), "source.catalog_ref is required."],
    ["a hook without a name", md("source: {type: harness-hook}"), "source.hook is required."],
    ["a graph without a graph", md("source: {type: graph}"), "source.graph is required."],
    ["http without a url", md("source: {type: http}"), "source.url is required."],
    [
      "another method",
      md("source: {type: http, url: 'https://x', method: TRACE}"),
      "source.method TRACE is not supported; use GET, POST, PUT, PATCH, or DELETE.",
    ],
    [
      "another input mode",
      md("source: {type: cli-tool, command: c, input_mode: file}"),
      "source.input_mode must be args, stdin, or none.",
    ],
    [
      "a negative time",
      md("source: {type: cli-tool, command: c, timeout_seconds: -1}"),
      "source.timeout_seconds must be a non-negative integer.",
    ],
    [
      "a sandbox without a profile",
      md("source: {type: cli-tool, command: c, sandbox: {}}"),
      "sandbox.profile is required.",
    ],
    [
      "another profile",
      md("source: {type: cli-tool, command: c, sandbox: {profile: none}}"),
      "sandbox.profile must be readonly, workspace-write, network, or unrestricted-local-dev.",
    ],
    [
      "another folder policy",
      md("source: {type: cli-tool, command: c, sandbox: {profile: network, cwd_policy: home}}"),
      "sandbox.cwd_policy must be skill-directory, workspace, or custom.",
    ],
    [
      "a readonly sandbox with network",
      md("source: {type: cli-tool, command: c, sandbox: {profile: readonly, network: true}}"),
      "readonly sandbox cannot declare network access",
    ],
    [
      "a readonly sandbox that writes",
      md("source: {type: cli-tool, command: c, sandbox: {profile: readonly, writable_paths: [a]}}"),
      "readonly sandbox cannot declare writable paths",
    ],
    [
      "a secret variable",
      md("source: {type: cli-tool, command: c, sandbox: {profile: network, env_allowlist: [RUNX_MY_TOKEN]}}"),
      "sandbox.env_allowlist cannot include reserved runx environment variable RUNX_MY_TOKEN.",
    ],
    [
      "the signing variables",
      md("source: {type: cli-tool, command: c, sandbox: {profile: network, env_allowlist: [RUNX_RECEIPT_SIGN_KID]}}"),
      "sandbox.env_allowlist cannot include reserved runx environment variable RUNX_RECEIPT_SIGN_KID.",
    ],
    [
      "a mutating retry (R6)",
      md("source: {type: cli-tool, command: c}\nrisk: {mutating: true}\nretry: {max_attempts: 2}"),
      "step 's' declares mutating retry without an idempotency key",
    ],
    [
      "retry of a graph",
      md("source: {type: graph, graph: {name: g, steps: [{id: a, tool: a.b}]}}\nretry: {max_attempts: 2}"),
      "retry is not supported for a graph source; put retry on its steps.",
    ],
    ["an input that is text", md("inputs: {a: string}"), "inputs.a must be an object."],
  ];
  test.each(table)("refuses %s", (_name, text, message) => {
    expect(messages(text, "SKILL.md")).toContain(message);
  });
});

describe("X.yaml", () => {
  test("without a runner the default one is meant", () => {
    const graph = graphOf(manifest, "hello-world/X.yaml");
    expect(graph.nodes.map((node) => [node.id, node.kind])).toEqual([["default", "cli-tool"]]);
    expect(graph.starts.map((start) => start.name)).toEqual(["default"]);
    expect(graph.file).toBe("hello-world/X.yaml");
  });

  test("a runner is named behind a hash", () => {
    expect(graphOf(manifest, "hello-world/X.yaml#loud").nodes[0]?.fields["args"]).toEqual(["run.mjs", "--loud"]);
    expect(graphOf(manifest, "hello-world/X.yaml#twice").nodes.map((node) => node.id)).toEqual(["one", "two"]);
  });

  test("the only runner needs no default", () => {
    expect(graphOf(x("type: cli-tool\ncommand: c"), "X.yaml").nodes[0]?.id).toBe("r");
  });

  test("several runners without a default are valid, and running them says what to choose", () => {
    const text = "skill: s\nrunners:\n  a: {type: agent}\n  b: {type: agent}\n";
    const graph = graphOf(text, "X.yaml");
    expect(rules.next(graph, walkOf(), { maxActive: 1 })).toMatchObject([
      { type: "finish", status: "failed", reason: "runner manifest has no default runner; choose one of: a, b" },
    ]);
  });

  test("fields may stand under source", async () => {
    const text = x("source:\n  type: cli-tool\n  comand: c");
    const [one] = check(text, "X.yaml");
    expect(one?.message).toBe("source.command is required.");
    expect(one && (await underlined(text, one))).toBe("type: cli-tool\n      comand: c");
  });

  const table: readonly (readonly [string, string, string])[] = [
    [
      "an unknown key",
      "skill: s\nrunner: {}\nrunners: {}\n",
      "runner_manifest.runner is not supported; allowed fields: skill, version, runx, policy, emits, catalog, runners, harness.",
    ],
    ["no runners", "skill: s\n", "runners is required."],
    ["an unknown act", x("type: agent\nact: {shape: x}"), "source.act is malformed: unknown field `shape`"],
    ["an act that is a number", x("type: agent\nact: {purpose: 1}"), "source.act.purpose must be a string."],
    [
      "another reflection",
      x("type: agent\nrunx: {post_run: {reflect: maybe}}"),
      "runners.r.runx.post_run.reflect must be auto, always, or never.",
    ],
    [
      "two defaults",
      "skill: s\nrunners:\n  a: {type: agent, default: true}\n  b: {type: agent, default: true}\n",
      "runner manifest declares multiple default runners",
    ],
    ["a catalog without a role", x("type: agent", "catalog: {kind: skill}\n"), "catalog.role is required."],
    [
      "another role",
      x("type: agent", "catalog: {role: main}\n"),
      "catalog.role must be canonical, branded, context, graph-stage, runtime-path, or harness-fixture.",
    ],
    [
      "another audience",
      x("type: agent", "catalog: {role: context, audience: all}\n"),
      "catalog.audience must be public, builder, operator, or system.",
    ],
    [
      "another kind",
      x("type: agent", "catalog: {role: context, kind: tool}\n"),
      "catalog.kind must be skill or graph.",
    ],
    [
      "another visibility",
      x("type: agent", "catalog: {role: context, visibility: secret}\n"),
      "catalog.visibility must be public or internal.",
    ],
    [
      "a public stage",
      x("type: agent", "catalog: {role: graph-stage, part_of: [g]}\n"),
      "catalog.role graph-stage cannot be public.",
    ],
    [
      "a stage of nothing",
      x("type: agent", "catalog: {role: graph-stage, visibility: internal}\n"),
      "catalog.part_of is required.",
    ],
    [
      "a brand of nothing",
      x("type: agent", "catalog: {role: branded, provider: p}\n"),
      "catalog.canonical_skill is required.",
    ],
    [
      "a case of no runner",
      x("type: agent", "harness: {cases: [{name: c, runner: z}]}\n"),
      "harness.cases runner z is not declared in runners.",
    ],
    [
      "a bad step of another runner",
      "skill: s\nrunners:\n  a: {type: agent, default: true}\n  b:\n    type: graph\n    graph: {name: g, steps: [{id: q}]}\n",
      "steps.0 must declare exactly one of skill, tool, or run.",
    ],
  ];
  test.each(table)("refuses %s", (_name, text, message) => {
    expect(messages(text, "X.yaml")).toContain(message);
  });

  test("an unknown runner key lists the known ones", () => {
    expect(messages(x("type: agent\ncolour: red"), "X.yaml")[0]).toMatch(
      /^runners\.r\.colour is not supported; allowed fields: act, agent, .*, allow_private_network\.$/,
    );
  });

  test("a runner that does not exist gives no graph", () => {
    for (const [text, file] of [
      [manifest, "X.yaml#fast"],
      [markdown, "SKILL.md#fast"],
    ] as const) {
      expect(frontEnd.parse(text, file).graph).toBeNull();
      expect(messages(text, file)).toEqual(["runner selection 'fast' is not supported by the native runtime yet"]);
    }
  });
});

describe("references to skills", () => {
  test("name the folder's manifest and its text, in this order", () => {
    expect(skillDocumentCandidates("../hello-world")).toEqual(["../hello-world/X.yaml", "../hello-world/SKILL.md"]);
    expect(skillDocumentCandidates("../hello-world/#loud")).toEqual([
      "../hello-world/X.yaml",
      "../hello-world/SKILL.md",
    ]);
  });

  test("carry the runner into the document's key", () => {
    const text = skillReferenceText("../a#b", null);
    expect(splitRunner(text)).toEqual({ folder: "../a#b", runner: null });
    expect(skillDocumentKey("/w/a#b/X.yaml", text)).toBe("/w/a#b/X.yaml");
    expect(skillDocumentKey("/w/a/X.yaml", skillReferenceText("../a", "r"))).toBe("/w/a/X.yaml#r");
  });

  test("only a skill's documents have runners", () => {
    expect(splitSkillDocument("/a#b/X.yaml#loud")).toEqual({ file: "/a#b/X.yaml", runner: "loud" });
    expect(splitSkillDocument("SKILL.md#r")).toEqual({ file: "SKILL.md", runner: "r" });
    for (const file of ["/a#b/graph.yaml", "flow#1.toml", "/X.yaml#1/graph.yaml", "X.yaml"]) {
      expect(splitSkillDocument(file)).toEqual({ file, runner: null });
    }
  });

  test("are files of the step, and registry references are not", () => {
    const graph = graphOf(
      "name: g\nsteps:\n  - {id: a, skill: ../x, runner: r}\n  - {id: b, skill: 'registry:o/n@1.0.0'}\n",
    );
    expect(graph.nodes.map((node) => node.files)).toEqual([
      [{ role: "skill", text: "../x#r", at: { path: ["steps", 0, "skill"], part: "value" } }],
      [],
    ]);
  });
});

describe("the compiled graph", () => {
  test("context, conditions and bindings are references with their places", async () => {
    const text = fixture("fan-out/graph.yaml");
    const locator = frontEnd.locator(text);
    const { slice } = await import("./support.ts");
    const found = graphOf(text).nodes.flatMap((node) =>
      node.references.map((one) => [node.id, one.role, one.text, slice(text, locator.range(one.at))]),
    );
    expect(found).toEqual([
      ["report", "context", "south.price", "south.price"],
      ["report", "context", "seed.go", "seed.go"],
      ["report", "input", "cheapest", "{{cheapest}}"],
      ["report", "input", "label", "{{label}}"],
    ]);
  });

  test("edges show the order, with groups side by side", () => {
    const edges = graphOf(fixture("fan-out/graph.yaml")).edges.map((edge) => `${edge.from}>${edge.to}`);
    expect(edges).toEqual(["seed>north", "seed>south", "seed>west", "north>report", "south>report", "west>report"]);
  });

  test("every kind's example is a step of the dialect", () => {
    for (const kind of kinds.values()) {
      if (kind.kind === "stage") continue;
      const text = `name: g\nsteps:\n${kind.example.replace(/^/gm, "  ")}\n`;
      expect(messages(text), kind.kind).toEqual([]);
      expect(graphOf(text).nodes[0]?.kind).toBe(kind.kind);
    }
  });
});
