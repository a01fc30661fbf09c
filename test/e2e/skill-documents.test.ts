import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith } from "../cli/terminal.ts";
import { js, outputs, ranSteps, Shop } from "./commands.ts";

const say = (who: string): string =>
  `command: node\n    args: [-e, "process.stdout.write(JSON.stringify({who: '${who}', got: JSON.parse(process.env.RUNX_INPUTS_JSON)}))"]\n`;

const manifest = `skill: multi
runners:
  fast:
    default: true
    type: cli-tool
    ${say("fast")}    inputs:
      message: {default: preset}
  slow:
    type: cli-tool
    ${say("slow")}  flow:
    type: graph
    inputs:
      topic: {type: string, required: true}
    graph:
      name: flow-graph
      steps:
        - id: a
          skill: ../multi
          runner: slow
        - id: b
          skill: .
          runner: fast
          inputs:
            message: $input.topic
            list: ["{{ topic }}", $input.nope, 1]
          context:
            message: a.who
`;

const files = {
  "multi/X.yaml": manifest,
  "multi/SKILL.md": "---\nname: multi\n---\nText.\n",
  "plain/SKILL.md": `---\nname: plain\nsource:\n    type: cli-tool\n    ${say("plain")}---\n`,
  "graph.yaml":
    "name: outer\nsteps:\n  - {id: one, skill: multi, runner: flow, inputs: {topic: T}}\n  - {id: two, skill: ./multi, runner: slow}\n  - {id: three, skill: multi}\n  - {id: four, skill: plain, context: {who: one.step_outputs.b.who}}\n",
};

describe("documents of the skill dialect", () => {
  it("runs the seed page's two-step graph as it is printed there", async () => {
    const examples = path.resolve(import.meta.dirname, "..", "..", "examples");
    const shop = new Shop(await folderWith());
    for (const name of ["hello-graph", "hello-world"])
      await cp(path.join(examples, name), path.join(shop.folder, name), { recursive: true });
    const text = await readFile(path.join(shop.folder, "hello-graph/graph.yaml"), "utf8");
    expect(text.replaceAll(/\s+/g, " ").trim()).toBe(
      "name: hello-graph owner: runx steps: - id: first skill: ../hello-world inputs: message: hello from graph - id: second skill: ../hello-world context: message: first.stdout",
    );
    const ran = await shop.run(["run", "hello-graph/graph.yaml"]);
    expect(ran.exit, ran.err).toBe(0);
    const step = { status: "success", stderr: "", stdout: "hello from graph" };
    expect(ran.outcome["final_value"]).toEqual({
      graph: "hello-graph",
      graph_status: "Succeeded",
      step_outputs: { first: step, second: step },
      steps: [
        { step_id: "first", skill: "../hello-world", status: "success" },
        { step_id: "second", skill: "../hello-world", status: "success" },
      ],
    });
  });

  it("runs graphs two deep, each step with the runner it names", async () => {
    const shop = await Shop.with(files);
    const ran = await shop.run(["run", "graph.yaml"]);
    expect(ran.exit, ran.err).toBe(0);
    expect(ranSteps(ran)).toEqual(["one", "two", "three", "four"]);
    expect(outputs(ran, "one", "a")["who"]).toBe("slow");
    // The context wins over an input of the same name; a binding that leads nowhere takes its element away.
    expect(outputs(ran, "one", "b")["got"]).toEqual({ topic: "T", message: "slow", list: ["T", 1] });
    expect(outputs(ran, "three")).toMatchObject({ who: "fast", got: { message: "preset" } });
    expect(outputs(ran, "four")).toMatchObject({ who: "plain", got: { who: "fast" } });
  });

  it.each([
    ["plain", "plain"],
    ["plain/SKILL.md", "plain"],
    ["multi", "fast"],
    ["multi#slow", "slow"],
    ["multi/X.yaml", "fast"],
    ["multi/X.yaml#slow", "slow"],
    ["./multi/", "fast"],
  ])("takes %s for a document everywhere", async (named, who) => {
    const shop = await Shop.with(files);
    const ran = await shop.run(["run", named]);
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.outcome["final_value"]).toMatchObject({ who });
    expect((await shop.run(["validate", named])).out).toMatch(/: valid, 1 node\n$/);
    expect((await shop.run(["describe", named])).out).toContain("shell.run  node  Allow (allow_all)");
    expect((await shop.run(["graph", named])).out).toContain("flowchart");
  });

  it("runs a graph runner at the root, and names the inputs that it lacks", async () => {
    const shop = await Shop.with(files);
    const ran = await shop.run(["run", "multi#flow", "--input", '{"topic":"root"}']);
    expect(outputs(ran, "b")["got"]).toMatchObject({ topic: "root", list: ["root", 1] });
    const bare = await shop.run(["run", "multi/X.yaml#flow"]);
    expect([bare.exit, bare.outcome["reason"]]).toEqual([
      5,
      "graph 'flow-graph' needs inputs that were not given: topic (string)",
    ]);
  });

  it("pauses and resumes a runner of a manifest, from another folder", async () => {
    const asking = `runners:\n  main:\n    type: graph\n    graph:\n      name: asks\n      steps:\n        - {id: ask, run: {type: approval}, inputs: {gate_id: go, reason: Go?}}\n        - {id: then, skill: ., runner: say}\n  say:\n    type: cli-tool\n    ${say("said")}`;
    const shop = await Shop.with({ "skill/X.yaml": asking, "elsewhere/x": "" });
    const state = path.join(shop.folder, "state");
    const paused = await shop.run(["run", "skill#main", "--state-dir", state, "--run-id", "r"]);
    expect(paused.exit, paused.err).toBe(7);
    const done = await shop.run(
      ["resume", "r", "--state-dir", state, "--approve"],
      {},
      path.join(shop.folder, "elsewhere"),
    );
    expect(done.exit, done.err).toBe(0);
    expect(outputs(done, "then")["who"]).toBe("said");
    expect((await shop.run(["inspect", "r", "--state-dir", state])).out).toContain("✓ then skill");
  });

  it("refuses a runner that is not there and a folder without a document", async () => {
    const shop = await Shop.with({ ...files, "empty/x": "" });
    const wrong = await shop.run(["validate", "multi#nope", "multi/X.yaml#nope"]);
    expect(wrong.exit).toBe(2);
    expect(wrong.out.match(/runner selection 'nope' is not supported by the native runtime yet/g)).toHaveLength(2);
    const empty = await shop.run(["validate", "empty"]);
    expect([empty.exit, empty.out]).toEqual([2, expect.stringContaining("a directory without X.yaml, SKILL.md")]);
  });
});

describe("targets that this version cannot run", () => {
  const targets: readonly (readonly [string, string])[] = [
    ["skill: registry:runx/sourcey@1.0.0", "runs 'registry:runx/sourcey@1.0.0' of a registry"],
    ["tool: fs.read", "calls the catalog tool 'fs.read'"],
    ["run: {type: agent-task, agent: a, task: t, outputs: {summary: string}}", "is an agent task"],
    ["http: {url: 'http://127.0.0.1:1/x'}", "is a governed HTTP call"],
    ["run: {type: mcp, server: {command: x}, tool: y}", "uses unsupported run type 'mcp'"],
    ["run: {type: a2a}", "uses unsupported run type 'a2a'"],
  ];

  it.each(targets)("%s parses, is described as such, and ends a run with class capability", async (target, what) => {
    const shop = await Shop.with({ "graph.yaml": `name: g\nsteps:\n  - id: x\n    ${target}\n` });
    expect((await shop.run(["validate", "graph.yaml"])).exit).toBe(0);
    const described = await shop.run(["describe", "graph.yaml"]);
    expect(described.out).toContain(`Not available in this version (1)`);
    expect(described.out).toContain(`  x  ${what}\n`);
    const json = await shop.run(["describe", "graph.yaml", "--json"]);
    expect(json.outcome["unavailable"]).toEqual([{ document: null, node: "x", what }]);
    const ran = await shop.run(["run", "graph.yaml"]);
    expect([ran.exit, ran.outcome["error"]]).toEqual([5, { class: "capability" }]);
  });

  it("finds them in nested skills too", async () => {
    const shop = await Shop.with({
      "graph.yaml": "name: g\nsteps:\n  - {id: x, skill: agent}\n",
      "agent/SKILL.md": "---\nname: agent\n---\n",
    });
    const { out } = await shop.run(["describe", "graph.yaml"]);
    expect(out).toContain("agent/SKILL.md: agent  is an agent task");
  });
});

describe("retries of what changes the world", () => {
  const skill = (more: string): string =>
    `---\nname: deploy\n${more}source: {type: cli-tool, command: node, args: [-e, "require('fs').appendFileSync('done', 'x'); process.exit(1)"]}\n---\n`;

  it.each([
    [
      "on a step",
      "  - id: s\n    mutation: true\n    retry: {max_attempts: 2}\n    run: {type: cli-tool, command: x}\n",
      "",
    ],
    ["of a step around a mutating skill", "  - {id: s, skill: deploy, retry: {max_attempts: 2}}\n", "mutating: true\n"],
    [
      "of a step around a risky skill",
      "  - {id: s, skill: deploy, retry: {max_attempts: 2}}\n",
      "risk: {mutating: true}\n",
    ],
  ])("are refused without an idempotency key before anything runs: %s", async (_where, step, more) => {
    const graph = `name: g\nsteps:\n${js("first", "require('fs').appendFileSync('first', 'x')")}${step}`;
    const shop = await Shop.with({ "graph.yaml": graph, "deploy/SKILL.md": skill(more) });
    const message = "step 's' declares mutating retry without an idempotency key";
    const checked = await shop.run(["validate", "graph.yaml"]);
    expect([checked.exit, checked.out]).toEqual([
      5,
      expect.stringMatching(/graph\.yaml:\d+:\d+ error skill_retry_mutation/),
    ]);
    expect(checked.out).toContain(message);
    const ran = await shop.run(["run", "graph.yaml"]);
    expect([ran.exit, ran.err]).toEqual([5, expect.stringContaining(message)]);
    expect(() => shop.read("first")).toThrow(/ENOENT/);
  });

  it.each([
    ["the step has a key", "retry: {max_attempts: 2}, idempotency_key: k", "mutating: true\n"],
    ["the skill has a key", "retry: {max_attempts: 2}", "mutating: true\nidempotency: {key: k}\n"],
    ["the skill does not mutate", "retry: {max_attempts: 2}", ""],
  ])("happen when %s", async (_why, step, more) => {
    const shop = await Shop.with({
      "graph.yaml": `name: g\nsteps:\n  - {id: s, skill: deploy, ${step}}\n`,
      "deploy/SKILL.md": skill(more),
    });
    const ran = await shop.run(["run", "graph.yaml"]);
    expect(ran.exit, ran.err).toBe(5);
    expect(shop.read("deploy/done").toString()).toBe("xx");
  });
});
