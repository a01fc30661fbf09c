import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ProcessEffect } from "../../src/effects/effect.ts";
import { fromPlain, toPlain } from "../../src/graph/value.ts";
import { done, play, type World } from "./skill-driver.ts";
import { failure, md, one, outputs, tool, value } from "./skill-results.ts";

const root = fileURLToPath(new URL("../fixtures/skills/", import.meta.url)).replace(/^\//, "");
const names = ["hello-graph/graph.yaml", "hello-world/X.yaml", "hello-world/SKILL.md", "fan-out/graph.yaml"];
const fixtures = Object.fromEntries(names.map((name) => [root + name, readFileSync(`/${root}${name}`, "utf8")]));
const fixture = (name: string): string => fixtures[root + name] as string;

/** Really starts the program, as the performer would. */
function start(effect: ProcessEffect): ReturnType<NonNullable<World["run"]>> {
  const inherited = Object.fromEntries(
    effect.inheritEnv.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
  );
  const ran = spawnSync(effect.program, [...effect.args], {
    env: { ...inherited, ...effect.env },
    cwd: `/${effect.cwd ?? ""}`,
    input: (effect.stdin as string | null) ?? "",
    encoding: "utf8",
  });
  return done(ran.stdout, { stderr: ran.stderr, code: BigInt(ran.status ?? -1) });
}

describe("the seed page's graph", () => {
  test("runs unchanged: the second step prints what the first one printed", () => {
    const { result, processes } = play(
      fixture("hello-graph/graph.yaml"),
      { documents: fixtures, run: start },
      `${root}hello-graph/graph.yaml`,
    );
    expect(value(result)).toEqual({
      graph: "hello-graph",
      graph_status: "Succeeded",
      steps: [
        { step_id: "first", skill: "../hello-world", status: "success" },
        { step_id: "second", skill: "../hello-world", status: "success" },
      ],
      step_outputs: {
        first: { stdout: "hello from graph", stderr: "", status: "success" },
        second: { stdout: "hello from graph", stderr: "", status: "success" },
      },
    });
    expect(processes.map((effect) => effect.cwd)).toEqual([`${root}hello-world`, `${root}hello-world`]);
  });

  test("runs with the skill's SKILL.md alone", () => {
    const { [`${root}hello-world/X.yaml`]: _left, ...documents } = fixtures;
    const { result } = play(
      fixture("hello-graph/graph.yaml"),
      { documents, run: start },
      `${root}hello-graph/graph.yaml`,
    );
    expect(outputs(result)["second"]?.["stdout"]).toBe("hello from graph");
  });

  test("a dry run starts nothing and leaves the outputs unknown", () => {
    const { result, processes } = play(
      fixture("hello-graph/graph.yaml"),
      { documents: fixtures, dryRun: true },
      `${root}hello-graph/graph.yaml`,
    );
    expect(result).toMatchObject({ status: "completed", partial: true });
    expect(outputs(result)["first"]).toEqual({ command: "node", args: ["run.mjs"], dry_run: true });
    expect(processes.map((effect) => effect.env["RUNX_INPUT_MESSAGE"])).toEqual(["hello from graph", undefined]);
  });
});

describe("a fan-out", () => {
  const file = `${root}fan-out/graph.yaml`;

  test("stops at its gate", () => {
    expect(() => play(fixture("fan-out/graph.yaml"), { run: start }, file)).toThrow(
      "gate offers:threshold.north.price.above",
    );
  });

  test("goes on with a quorum when the gate is let pass, and hands on a number", () => {
    const { result } = play(
      fixture("fan-out/graph.yaml"),
      { run: start, gates: ["offers:threshold.north.price.above"] },
      file,
    );
    expect(outputs(result)["west"]).toEqual({ stdout: "", stderr: "no answer", status: "failure" });
    expect(outputs(result)["report"]).toMatchObject({ stdout: "90 EUR\n" });
  });
});

describe("nested skills", () => {
  const documents = (more: Record<string, string>): World => ({
    documents: more,
    run: (effect) => done(JSON.stringify({ got: effect.env })),
  });
  const nested = (step: string): string => `name: g\nsteps:\n  - {id: s, ${step}}\n`;

  test("a runner is chosen by the step", () => {
    const { result } = play(
      `name: g\nsteps:\n  - {id: s, skill: ../hello-world, runner: loud, inputs: {message: hi}}\n`,
      { documents: fixtures, run: start },
      `${root}hello-graph/graph.yaml`,
    );
    expect(outputs(result)["s"]).toEqual({
      stdout: '{"message":"HI"}',
      stderr: "",
      status: "success",
      raw: { message: "HI" },
      skill_claim: { message: "HI" },
      message: "HI",
      greeting: { data: "HI" },
    });
  });

  test("the step's artifacts replace the skill's", () => {
    const { result } = play(
      `name: g\nsteps:\n  - {id: s, skill: ../hello-world, runner: loud, inputs: {message: hi}, artifacts: {wrap_as: all}}\n`,
      { documents: fixtures, run: start },
      `${root}hello-graph/graph.yaml`,
    );
    expect(outputs(result)["s"]).toMatchObject({ all: { data: { message: "HI" } } });
    expect(outputs(result)["s"]).not.toHaveProperty("greeting");
  });

  test("a graph runner is walked and gives its payload as stdout", () => {
    const { result } = play(
      `name: g\nsteps:\n  - {id: s, skill: ../hello-world, runner: twice, inputs: {message: hi}}\n`,
      { documents: fixtures, run: start },
      `${root}hello-graph/graph.yaml`,
    );
    const step = outputs(result)["s"] as {
      stdout: string;
      graph: string;
      step_outputs: Record<string, { stdout: string }>;
    };
    expect(step.graph).toBe("twice");
    expect(step.step_outputs["two"]?.stdout).toBe("hi");
    expect(JSON.parse(step.stdout)).toMatchObject({ graph: "twice", graph_status: "Succeeded" });
  });

  test("a graph skill sees its input in every step; a bare graph leaves bindings as they are", () => {
    const steps = `steps:\n  - id: s\n    run: {type: cli-tool, command: tool}\n    inputs: {a: "$input.deep.x", b: ["{{ deep.y }}", "$input.none", "x $input.deep.x"], c: $input.none}\n`;
    const asSkill = md(`source:\n  type: graph\n  graph:\n    name: g\n    ${steps.split("\n").join("\n    ")}`);
    const world: World = { run: () => done("") };
    const input = fromPlain({ deep: { x: 1, y: "why" }, extra: true, c: "from the graph" });
    const skill = play(asSkill, world, "SKILL.md", input).processes[0];
    expect(JSON.parse(skill?.env["RUNX_INPUTS_JSON"] ?? "")).toEqual({
      a: 1,
      b: ["why", "x $input.deep.x"],
      deep: { x: 1, y: "why" },
      extra: true,
    });
    const bare = play(`name: g\n${steps}`, world, "graph.yaml", input).processes[0];
    expect(JSON.parse(bare?.env["RUNX_INPUTS_JSON"] ?? "")).toEqual({
      a: "$input.deep.x",
      b: ["{{ deep.y }}", "$input.none", "x $input.deep.x"],
      c: "$input.none",
    });
  });

  test("declared defaults stand in for inputs of a graph that were not given", () => {
    const text = md(
      `inputs:\n  who: {default: world}\nsource: {type: graph, graph: {name: g, steps: [{id: s, run: {type: cli-tool, command: c}}]}}`,
    );
    const { processes } = play(text, { run: () => done("") }, "SKILL.md");
    expect(processes[0]?.env["RUNX_INPUT_WHO"]).toBe("world");
  });

  const table: readonly (readonly [string, string, Record<string, string>, string, string])[] = [
    [
      "a folder without a skill",
      "skill: ../x",
      {},
      "config",
      "graph step 's' has invalid run configuration: skill file is missing at ../x/SKILL.md",
    ],
    [
      "a runner that does not exist",
      "skill: x, runner: fast",
      { "x/SKILL.md": md("source: {type: cli-tool, command: c}") },
      "config",
      "graph step 's' has invalid run configuration: runner selection 'fast' is not supported by the native runtime yet",
    ],
    [
      "a skill that is not valid",
      "skill: x",
      { "x/SKILL.md": md("source: {type: cli-tool}") },
      "config",
      "graph step 's' has invalid run configuration: source.command is required.",
    ],
    [
      "a registry reference",
      "skill: 'registry:o/n@1.0.0'",
      {},
      "capability",
      "graph step 's' has invalid run configuration: nested skill 'registry:o/n@1.0.0' is a registry ref, and registries are not available yet",
    ],
    [
      "an agent skill",
      "skill: x",
      { "x/SKILL.md": md("description: d") },
      "capability",
      "skill 's' failed: skill 't' is an agent task, which is not available yet; use a cli-tool step, a skill or an approval instead",
    ],
    [
      "a source that does not run",
      "skill: x",
      { "x/SKILL.md": md("source: {type: mcp, tool: t, server: {command: c}}") },
      "capability",
      "skill 's' failed: skill 't' uses unsupported run type 'mcp'",
    ],
    [
      "context skills of a tool",
      "skill: x, context_skills: [y]",
      { "x/SKILL.md": md("source: {type: cli-tool, command: c}") },
      "config",
      "graph step 's' has invalid run configuration: context_skills is only supported for agent and agent-task steps",
    ],
    [
      "a skill within itself",
      "skill: x",
      { "x/SKILL.md": md("source: {type: graph, graph: {name: g, steps: [{id: in, skill: .}]}}") },
      "config",
      "skills are nested more than 16 levels deep",
    ],
  ];
  test.each(table)("%s ends the run with a sentence", (_name, step, files, kind, message) => {
    const found = failure(play(nested(step), documents(files)).result);
    expect(found.message).toContain(message);
    expect(found.class).toBe(kind);
  });

  test("a failure inside the skill fails the step with the tool's words", () => {
    const world: World = {
      documents: { "x/SKILL.md": md("source: {type: cli-tool, command: c}") },
      run: () => done("", { stderr: "boom\n", code: 3n }),
    };
    expect(failure(play(nested("skill: x"), world).result)).toEqual({
      class: "tool",
      message: "skill 's' failed: boom",
    });
  });
});

describe("retry that a skill declares (R6)", () => {
  const skill = md("source: {type: cli-tool, command: c}\nretry: {max_attempts: 3, backoff_ms: 20}");
  const failing = (times: number): World & { runs: number } => ({
    runs: 0,
    documents: { "x/SKILL.md": skill },
    run() {
      return ++this.runs <= times ? done("", { code: 1n, stderr: "again" }) : done("fine");
    },
  });

  test("counts when the step has none, with its wait", () => {
    const played = play("name: g\nsteps:\n  - {id: s, skill: x}\n", failing(2));
    expect(outputs(played.result)["s"]?.["stdout"]).toBe("fine");
    expect(played.requests.flatMap((request) => (request.type === "wait" ? [request.ms] : []))).toEqual([20, 40]);
  });

  test("ends with the last failure", () => {
    expect(failure(play("name: g\nsteps:\n  - {id: s, skill: x}\n", failing(9)).result).message).toBe(
      "skill 's' failed: again",
    );
  });

  test("gives way to the step's own", () => {
    const played = play("name: g\nsteps:\n  - {id: s, skill: x, retry: {max_attempts: 2}}\n", failing(1));
    expect(played.processes).toHaveLength(1);
    expect(failure(played.result).message).toBe("skill 's' failed: again");
  });

  test("counts at the root as well", () => {
    expect(play(skill, failing(1), "SKILL.md").processes).toHaveLength(2);
  });
});

describe("approvals", () => {
  const gate = (inputs: string, ...lines: string[]) => one("run: {type: approval}", `inputs: {${inputs}}`, ...lines);
  const asked = gate("gate_id: release, reason: Publish, gate_type: manual, version: 3");

  test("ask with the gate's id and everything that is known", () => {
    const { requests, result } = play(asked, { answer: () => ({}) });
    const [request] = requests;
    expect(request).toMatchObject({ type: "ask", subject: "approval", id: "release", reason: "Publish" });
    expect(request?.type === "ask" && toPlain(request.summary)).toEqual({
      id: "release",
      reason: "Publish",
      type: "manual",
      summary: { version: 3 },
    });
    const gateText = '{"id":"release","reason":"Publish","summary":{"version":3},"type":"manual"}';
    expect(outputs(result)["s"]).toEqual({
      approval: {
        data: {
          approved: true,
          gate_id: "release",
          idempotency_key: `sha256:${gateText.length}`,
          status: "approved",
          actor: "kim",
        },
      },
    });
  });

  test("artifacts name the output and its packet", () => {
    const text = gate("gate_id: g, reason: r", "artifacts: {wrap_as: verdict, packet: p.v1}");
    expect(outputs(play(text, { answer: () => ({}) }).result)["s"]).toMatchObject({
      verdict: { packet: "p.v1", data: { approved: true } },
    });
  });

  test("a denial ends the graph", () => {
    expect(failure(play(asked, { answer: () => ({ approved: false }) }).result)).toEqual({
      class: "approval",
      message: "graph step 's': approval 'release' was denied by kim",
    });
  });

  test("a payload of false is a denial too", () => {
    expect(failure(play(asked, { answer: () => ({ answer: false }) }).result).class).toBe("approval");
  });

  test("a payload that is no boolean is refused", () => {
    expect(failure(play(asked, { answer: () => ({ answer: "yes" }) }).result).message).toContain(
      "approval response payload from kim must be boolean, got string",
    );
    expect(failure(play(asked, { answer: () => ({ answer: [1n] }) }).result).message).toContain(
      "must be boolean, got array",
    );
  });

  test.each([
    ["reason: r", "gate_id input is required"],
    ["gate_id: g", "reason input is required"],
    ["gate_id: 7, reason: r", "gate_id input is required"],
  ])("inputs {%s}: %s", (inputs, message) => {
    expect(failure(play(gate(inputs), {}).result).message).toContain(message);
  });

  test("a dry run asks nobody and leaves the answer unknown", () => {
    const { result, requests } = play(asked, { dryRun: true });
    expect(requests).toEqual([]);
    expect(result).toMatchObject({ partial: true });
    expect(outputs(result)["s"]).toEqual({
      approval: { data: { gate_id: "release", status: "pending" } },
      dry_run: true,
    });
  });
});

describe("what is not available yet", () => {
  const table: readonly (readonly [string, string])[] = [
    [
      "tool: fs.read",
      "graph step 's' calls the catalog tool 'fs.read', which is not available yet; use a cli-tool step or a skill instead",
    ],
    [
      "run: {type: agent-task, task: t}",
      "graph step 's' is an agent task, which is not available yet; use a cli-tool step, a skill or an approval instead",
    ],
    [
      "http: {url: 'https://x'}",
      "graph step 's' is a governed HTTP call, which is not available yet; use a cli-tool step instead",
    ],
    [
      "run: {type: http, url: 'https://x'}",
      "graph step 's' is a governed HTTP call, which is not available yet; use a cli-tool step instead",
    ],
    ["run: {type: x402-pay}", "graph step 's' uses unsupported run type 'x402-pay'"],
  ];
  test.each(table)("%s ends the run and says so, also in a dry run", (step, message) => {
    for (const dryRun of [false, true])
      expect(failure(play(one(step), { dryRun }).result)).toEqual({ class: "capability", message });
  });

  test("a permission that nobody checks is not granted", () => {
    const text = tool("policy: {provider_permission: {verb: read}}");
    expect(failure(play(text, {}).result)).toMatchObject({
      class: "capability",
      message:
        "graph step 's' declares policy.provider_permission, which is not available yet; remove it to run the step without that check",
    });
  });
});
