/** Completion in skill graphs, skills and pipelines. */
import { describe, expect, test } from "vitest";
import { complete } from "./completing.ts";

const skills = {
  "skills/hello/SKILL.md":
    "---\nname: hello\ninputs:\n  message:\n    required: true\n    description: what to say\nsource:\n  type: cli-tool\n  command: node\n  outputs:\n    greeting: string\n---\nSays hello.\n",
  "skills/many/X.yaml":
    "skill: many\nrunners:\n  fast: { type: cli-tool, command: node }\n  slow: { type: cli-tool, command: node }\n",
  "skills/more/README.md": "",
};
const graph = `name: x
steps:
  - id: first
    run:
      type: cli-tool
      command: node
      outputs:
        score: number
  - id: second
    skill: skills/hello
`;

describe("graph.yaml", () => {
  test("has root keys, and steps by what they do", async () => {
    const root = await complete("graph.yaml", "name: x\n‹|›\n");
    expect(root.labels).toEqual(["steps", "owner", "fanout", "policy"]);
    const item = await complete("graph.yaml", "name: x\nsteps:\n  ‹|›\n");
    expect(item.labels).toContain("- run cli-tool");
    expect(item.accept("- tool")).toBe("name: x\nsteps:\n  - id: $1\n  tool: $2\n");
    expect(item.item("- tool").insertTextMode).toBe(2);
  });
  test("has the keys of a step that are not there, also behind the dash", async () => {
    const found = await complete("graph.yaml", `${graph}    ‹|›\n`);
    expect(found.labels).toContain("inputs");
    expect(found.labels).not.toContain("skill");
    expect(found.labels).not.toContain("sync");
    const dash = await complete("graph.yaml", "name: x\nsteps:\n  - ‹|›\n");
    expect(dash.labels[0]).toBe("id");
    expect(dash.accept("run")).toBe("name: x\nsteps:\n  - run:\n    $1\n");
  });
  test("has types of run with the docs of their kinds, and their fields", async () => {
    const found = await complete("graph.yaml", "name: x\nsteps:\n  - id: a\n    run:\n      type: ‹|›\n");
    expect([...found.labels].sort()).toEqual(["agent-task", "approval", "cli-tool", "http", "stage"]);
    expect(found.item("cli-tool").documentation).toMatchObject({
      value: expect.stringContaining("without a shell") as string,
    });
    const flow = await complete("graph.yaml", "name: x\nsteps:\n  - id: a\n    run: { type: stage, ‹|› }\n");
    expect(flow.labels).toEqual(["key", "input_from"]);
  });
  test("has references to earlier steps only, with the outputs of nested skills", async () => {
    const third = (value: string): string => `${graph}  - id: third\n    tool: a.b\n    context:\n      x: ${value}\n`;
    expect((await complete("graph.yaml", third("‹|›"), skills)).labels).toEqual(["second", "first"]);
    const found = await complete("graph.yaml", third("second.gr‹|›"), skills);
    expect(found.labels).toContain("greeting");
    expect(found.accept("greeting")).toBe(third("second.greeting"));
    expect((await complete("graph.yaml", third('"first.‹|›"'), skills)).labels).toContain("score");
  });
  test("has folders of skills, their runners and their inputs", async () => {
    const step = (text: string): string => `name: x\nsteps:\n  - id: a\n    ${text}\n`;
    const found = await complete("graph.yaml", step("skill: skills/‹|›"), skills);
    expect([...found.labels].sort()).toEqual(["hello", "many", "more/"]);
    expect(found.accept("hello")).toBe(step("skill: skills/hello"));
    expect((await complete("graph.yaml", step("skill: ‹|›"), skills)).labels).toContain("registry:");
    const runner = await complete("graph.yaml", step("skill: skills/many\n    runner: ‹|›"), skills);
    expect(runner.labels).toEqual(["fast", "slow"]);
    const inputs = await complete("graph.yaml", step("skill: skills/hello\n    inputs:\n      ‹|›"), skills);
    expect(inputs.labels).toEqual(["message"]);
    expect(inputs.item("message").detail).toBe("string (required)");
  });
  test("has groups where a group is meant, and its branches in its gates", async () => {
    const steps = "steps:\n  - id: a\n    fanout_group: g\n    tool: a.b\n  - id: b\n    tool: a.b\n";
    expect((await complete("graph.yaml", `name: x\nfanout:\n  groups:\n    ‹|›\n${steps}`)).labels).toContain("g");
    const gate = `name: x\nfanout:\n  groups:\n    g:\n      threshold_gates:\n        - step: ‹|›\n${steps}`;
    expect((await complete("graph.yaml", gate)).labels).toEqual(["a"]);
    const member = `name: x\nfanout: { groups: { g: {} } }\nsteps:\n  - id: a\n    fanout_group: ‹|›\n`;
    expect((await complete("graph.yaml", member)).labels).toEqual(["g"]);
  });
  test("has inputs in the arguments of a tool", async () => {
    const text = `name: x\nsteps:\n  - id: a\n    inputs: { who: me }\n    run:\n      type: cli-tool\n      command: node\n      args: ["{{‹|›}}"]\n`;
    const found = await complete("graph.yaml", text);
    expect(found.accept("who")).toContain('args: ["{{who}}"]');
  });
  test("quotes what YAML would read otherwise", async () => {
    const odd = { "skills/yes/SKILL.md": "---\nname: x\n---\n", "skills/a: b/SKILL.md": "---\nname: x\n---\n" };
    const step = (text: string): string => `name: x\nsteps:\n  - id: a\n    skill: ${text}\n`;
    expect((await complete("graph.yaml", step("skills/‹|›"), odd)).accept("a: b")).toBe(step('"skills/a: b"'));
    expect((await complete("graph.yaml", step("'skills/‹|›'"), odd)).accept("yes")).toBe(step("'skills/yes'"));
  });
});

describe("skills", () => {
  test("X.yaml has runners by type, and graphs with what the skill declares", async () => {
    const found = await complete("X.yaml", "skill: x\nrunners:\n  a:\n    type: ‹|›\n");
    expect(found.labels).toContain("graph");
    expect((await complete("X.yaml", "skill: x\nrunners:\n  a:\n    type: cli-tool\n    ‹|›\n")).labels[0]).toBe(
      "command",
    );
    const inner = await complete(
      "X.yaml",
      "skill: x\nrunners:\n  a:\n    type: graph\n    inputs:\n      q: { type: string }\n    graph:\n      name: g\n      steps:\n        - id: s\n          tool: a.b\n          inputs:\n            m: ‹|›\n",
    );
    expect(inner.accept("$input.q")).toContain("m: $input.q");
  });
  test("SKILL.md has keys in its front matter and nothing in its text", async () => {
    expect((await complete("SKILL.md", "---\nname: x\n‹|›\n---\nSome text.\n")).labels).toContain("source");
    expect((await complete("SKILL.md", "---\nname: x\n---\nSome text. ‹|›\n")).labels).toEqual([]);
    expect((await complete("SKILL.md", "---\nname: x\n---\n# A title ‹|›\n")).labels).toEqual([]);
  });
  test("comments offer codes, and prose nothing", async () => {
    expect((await complete("graph.yaml", `${graph}# countersign: ignore ‹|›\n`)).labels).toContain("may_not_have_run");
    expect((await complete("graph.yaml", "name: ‹|›\nsteps: []\n")).labels).toEqual([]);
  });
});

describe("acts", () => {
  const acts = (line: string): string => `skill: acts
runners:
  main:
    source:
      type: graph
      act:
        ${line}
      graph:
        name: inner
        steps:
          - id: look
            run: { type: agent-task }
          - id: publish
            run: { type: cli-tool, command: node }
    inputs:
      why: { type: string, description: What for. }
`;
  test("have the steps and inputs of their runner, and the words that receipts know", async () => {
    expect((await complete("X.yaml", acts("reason_step: ‹|›"))).labels).toEqual(["look", "publish"]);
    expect((await complete("X.yaml", acts("effect_step: p‹|›"))).accept("publish")).toBe(acts("effect_step: publish"));
    const inputs = await complete("X.yaml", acts("purpose_from: ‹|›"));
    expect(inputs.labels).toEqual(["why"]);
    expect(inputs.item("why").detail).toBe("What for.");
    const forms = await complete("X.yaml", acts("form: ‹|›"));
    expect(forms.labels).toEqual(["revision", "reply", "review", "observation", "verification"]);
    expect((await complete("X.yaml", acts("decision: ‹|›"))).labels).toContain("reject");
    expect((await complete("X.yaml", acts("effect_type: ‹|›"))).labels).toContain("github_issue");
    const flat =
      "skill: f\nrunners:\n  a:\n    type: cli-tool\n    command: x\n    act: { purpose_from: ‹|› }\n    inputs: { why: { type: string } }\n";
    expect((await complete("X.yaml", flat)).labels).toEqual(["why"]);
  });
});

describe("spec.kv", () => {
  const ring = "single_ring.stages.0.id=a\nsingle_ring.stages.0.stage=identity\nsingle_ring.stages.1.id=b\n";
  test("has the keys that are missing, in the format's order", async () => {
    const found = await complete("spec.kv", "v=1\nmodel=single_ring\n‹|›\n");
    expect(found.labels[0]).toBe("name");
    expect(found.accept("single_ring.shards")).toBe("v=1\nmodel=single_ring\nsingle_ring.shards=\n");
    const half = await complete("spec.kv", `${ring}single_ring.stages.1.st‹|›\n`);
    expect(half.accept("single_ring.stages.1.stage")).toBe(`${ring}single_ring.stages.1.stage=\n`);
    expect(half.labels).not.toContain("single_ring.stages.1.id");
  });
  test("has words, families of stage keys, and numbers of earlier stages", async () => {
    expect((await complete("spec.kv", "single_ring.ordering=‹|›\n")).labels).toEqual(["strict", "per_key"]);
    expect((await complete("spec.kv", `${ring}single_ring.stages.1.stage=e‹|›\n`)).accept("exec:")).toContain(
      "stage=exec:\n",
    );
    const numbers = await complete(
      "spec.kv",
      `${ring}single_ring.stages.1.depends_on.count=1\nsingle_ring.stages.1.depends_on.0=‹|›\n`,
    );
    expect(numbers.labels).toEqual(["0  a"]);
    expect(numbers.accept("0  a")).toContain("depends_on.0=0\n");
  });
});
