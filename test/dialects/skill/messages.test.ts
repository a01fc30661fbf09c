import { describe, expect, test } from "vitest";
import { skillCodes } from "../../../src/dialects/skill/codes.ts";
import { check, messages, underlined } from "./support.ts";

const run = "run: {type: agent-task}";
/** A graph of these steps, each given as the lines of a mapping. */
const steps = (...list: string[]): string =>
  `name: g\nsteps:\n${list.map((one) => `  - ${one.split("\n").join("\n    ")}`).join("\n")}\n`;
const step = (...lines: string[]): string => [`id: s`, ...lines].join("\n");
const two = (...lines: string[]): string => steps(`id: first\n${run}`, [`id: second`, ...lines].join("\n"));
const group = (policy: string, ...branches: string[]): string =>
  `fanout:\n  groups:\n    g:\n${policy
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n")}\n${steps(...branches.map((id) => `id: ${id}\nfanout_group: g\n${run}`))}`;

/** Document -> a message it must give, and what is underlined. */
const table: readonly (readonly [name: string, text: string, message: string, under?: string])[] = [
  ["a graph without a name", steps(step(run)).replace("name: g\n", ""), "name is required."],
  ["no steps key", "name: g\n", "steps is required."],
  ["an empty list of steps", "name: g\nsteps: []\n", "steps must contain at least one step.", "[]"],
  ["steps that are no list", "name: g\nsteps: 1\n", "steps must be an array.", "1"],
  ["an owner that is no text", `${steps(step(run))}owner: 7\n`, "owner must be a string.", "7"],
  ["a step without an id", steps(run), "steps.0.id is required.", run],
  ["a step that is text", "name: g\nsteps: [x]\n", "steps.0 must be an object.", "x"],
  ["two steps of one id", steps(step(run), step(run)), "steps.1.id 's' must be unique.", "s"],
  [
    "an unknown step key",
    steps(step(run, "inputz: {}")),
    "steps.0.inputz is not supported; did you mean `inputs`?",
    "inputz",
  ],
  [
    "an unknown step key that is near nothing",
    steps(step(run, "zzzzzz: 1")),
    "steps.0.zzzzzz is not supported.",
    "zzzzzz",
  ],
  ["an unknown graph key", `${steps(step(run))}ownr: x\n`, "ownr is not supported; did you mean `owner`?", "ownr"],
  [
    "sync at the top",
    `${steps(step(run))}sync: x\n`,
    "sync is not supported by the local sequential graph runner.",
    "sync",
  ],
  [
    "schedule at the top",
    `${steps(step(run))}schedule: x\n`,
    "schedule is not supported by the local sequential graph runner.",
  ],
  [
    "schedules at the top",
    `${steps(step(run))}schedules: x\n`,
    "schedules is not supported by the local sequential graph runner.",
  ],
  [
    "sync in a step",
    steps(step(run, "sync: x")),
    "steps.0.sync is not supported by the local sequential graph runner.",
    "sync",
  ],
  [
    "stage in a step",
    steps(step(run, "stage: x")),
    "steps.0.stage is not supported by the local sequential graph runner.",
  ],
  [
    "another policy key",
    `${steps(step(run))}policy: {transitions: []}\n`,
    "policy has unknown field 'transitions'; only 'guards' is supported.",
    "transitions",
  ],
  ["no target", steps("id: s"), "steps.0 must declare exactly one of skill, tool, or run."],
  ["two targets", steps(step(run, "skill: ../x")), "steps.0 must not declare more than one of run, skill, or tool."],
  [
    "http and another target",
    steps(step(run, "http: {url: 'https://x'}")),
    "steps.0 must not declare more than one of run, skill, tool, or http.",
  ],
  ["run without a type", steps(step("run: {task: x}")), "steps.0.run.type is required.", "{task: x}"],
  ["a tool without a command", steps(step("run: {type: cli-tool}")), "steps.0.run.command is required."],
  [
    "arguments that are no text",
    steps(step("run: {type: cli-tool, command: x, args: [1]}")),
    "steps.0.run.args must be an array of strings.",
    "[1]",
  ],
  [
    "an unknown key of a run",
    steps(step("run: {type: cli-tool, command: x, arg: []}")),
    "steps.0.run.arg is not supported; did you mean `args`?",
    "arg",
  ],
  [
    "a runner beside run",
    steps(step(run, "runner: x")),
    "steps.0.runner is only valid for nested skill steps.",
    "runner",
  ],
  [
    "context skills of a tool",
    steps(step("run: {type: cli-tool, command: x}", "context_skills: [a]")),
    "steps.0.context_skills is only valid for agent-task steps or nested agent skills.",
  ],
  ["inputs that are a list", steps(step(run, "inputs: []")), "steps.0.inputs must be an object.", "[]"],
  ["a context that is a number", steps(step(run, "context: {a: 1}")), "steps.0.context.a must be a string.", "1"],
  ["an empty label", steps(step(run, "label: ' '")), "steps.0.label must not be empty.", "' '"],
  [
    "a mutation that is text",
    steps(step(run, "mutation: yes please")),
    "steps.0.mutation must be a boolean.",
    "yes please",
  ],
  [
    "no attempts",
    steps(step(run, "retry: {max_attempts: 0}")),
    "steps.0.retry.max_attempts must be a positive integer.",
    "0",
  ],
  [
    "half a wait",
    steps(step(run, "retry: {backoff_ms: 0.5}")),
    "steps.0.retry.backoff_ms must be a non-negative integer.",
    "0.5",
  ],
  [
    "a mutating retry (R6)",
    steps("id: deploy\nrun: {type: agent-task}\nmutation: true\nretry: {max_attempts: 2}"),
    "step 'deploy' declares mutating retry without an idempotency key",
    "retry: {max_attempts: 2}",
  ],
  [
    "another mode",
    steps(step(run, "mode: parallel")),
    "steps.0.mode 'parallel' is not supported by the local graph runner.",
    "parallel",
  ],
  ["fanout without a group", steps(step(run, "mode: fanout")), "steps.0.fanout_group is required when mode is fanout."],
  [
    "a tool without a namespace",
    steps(step("tool: read")),
    'steps.0.tool "read" is not an admissible catalog tool ref: tool ref must include a namespace, for example fs.read.',
    "read",
  ],
  [
    "a tool that is a path",
    steps(step("tool: a/b.c")),
    'steps.0.tool "a/b.c" is not an admissible catalog tool ref: tool ref must not contain path traversal or separators.',
  ],
  [
    "a tool that is a file",
    steps(step("tool: a.JSON")),
    'steps.0.tool "a.JSON" is not an admissible catalog tool ref: tool ref must not look like a manifest or data file path.',
  ],
  [
    "a tool with a bad segment",
    steps(step("tool: a.b c")),
    'steps.0.tool "a.b c" is not an admissible catalog tool ref: tool ref segments must contain only letters, numbers, hyphens, or underscores.',
  ],
  [
    "an absolute tool",
    steps(step("tool: /a.b")),
    'steps.0.tool "/a.b" is not an admissible catalog tool ref: tool ref must not be an absolute path.',
  ],
  [
    "an agent's bad tool",
    steps(step(run, "allowed_tools: [fs.read, x]")),
    'steps.0.allowed_tools entry "x" is not an admissible agent tool ref: tool ref must include a namespace, for example fs.read.',
    "x",
  ],
  [
    "a when with both",
    two(run, "when: {field: first.a, equals: 1, not_equals: 2}"),
    "steps.1.when must not declare both equals and not_equals.",
  ],
  ["a when with neither", two(run, "when: {field: first.a}"), "steps.1.when must declare equals or not_equals."],
  ["a when without a field", two(run, "when: {equals: 1}"), "steps.1.when.field is required."],
  [
    "a context without a dot",
    two(run, "context: {m: first}"),
    "steps.1.context.m must use '<step-id>.<output-field>' syntax.",
    "first",
  ],
  [
    "a context without a path",
    two(run, "context: {m: first.}"),
    "steps.1.context.m must use '<step-id>.<output-field>' syntax.",
  ],
  [
    "a context of nobody",
    two(run, "context: {m: third.x}"),
    "steps.1.context.m references unknown or later step 'third'.",
    "third.x",
  ],
  [
    "a context of itself",
    two(run, "context: {m: second.x}"),
    "steps.1.context.m references unknown or later step 'second'.",
  ],
  [
    "an input that is a reference",
    two(run, "inputs: {bounty: first.result}"),
    'steps.1.inputs.bounty looks like step output reference "first.result"; move it to context if you meant to read a previous step output.',
    "first.result",
  ],
  [
    "such an input deep inside",
    two(run, "inputs: {a: [1, {b: first.x}]}"),
    'steps.1.inputs.a.1.b looks like step output reference "first.x"; move it to context if you meant to read a previous step output.',
  ],
  [
    "a guard with both",
    `${two(run)}policy: {guards: [{step: second, field: first.a, equals: 1, not_equals: 1}]}\n`,
    "policy.guards.0 must not declare both equals and not_equals.",
  ],
  [
    "a guard with neither",
    `${two(run)}policy: {guards: [{step: second, field: first.a}]}\n`,
    "policy.guards.0 must declare equals or not_equals.",
  ],
  [
    "a guard of nobody",
    `${two(run)}policy: {guards: [{step: third, field: first.a, equals: 1}]}\n`,
    "policy.guards.0.step references unknown step 'third'.",
    "third",
  ],
  [
    "a context within a group",
    `fanout: {groups: {g: {}}}\n${steps(`id: a\nfanout_group: g\n${run}`, `id: b\nfanout_group: g\n${run}\ncontext: {m: a.x}`)}`,
    "steps.1.context.m cannot depend on another branch in the same fanout group.",
  ],
  [
    "a quorum without a number",
    group("strategy: quorum", "a", "b"),
    "fanout.groups.g.min_success must be a positive integer for quorum sync.",
  ],
  [
    "a quorum of zero",
    group("strategy: quorum\nmin_success: 0", "a"),
    "fanout.groups.g.min_success must be a positive integer for quorum sync.",
    "0",
  ],
  [
    "more than all",
    group("strategy: quorum\nmin_success: 3", "a", "b"),
    "fanout.groups.g.min_success must not exceed the branch count 2.",
    "3",
  ],
  ["another strategy", group("strategy: most", "a"), "fanout.groups.g.strategy must be all, any, or quorum.", "most"],
  [
    "another failure policy",
    group("on_branch_failure: stop", "a"),
    "fanout.groups.g.on_branch_failure must be halt or continue.",
    "stop",
  ],
  [
    "another action",
    group("conflict_gates: [{field: x, steps: [a], action: shout}]", "a"),
    "fanout.groups.g.conflict_gates.0.action must be pause or escalate.",
    "shout",
  ],
  [
    "a gate on prose",
    group("threshold_gates: [{step: a, field: x, above: 1, action: pause, sentiment: bad}]", "a"),
    "fanout.groups.g.threshold_gates.0.sentiment is not supported; graph policy must evaluate structured fields.",
    "sentiment",
  ],
  [
    "a limit that is text",
    group("threshold_gates: [{step: a, field: x, above: '1', action: pause}]", "a"),
    "fanout.groups.g.threshold_gates.0.above must be a number.",
    "'1'",
  ],
  [
    "a gate on a stranger",
    group("threshold_gates: [{step: z, field: x, above: 1, action: pause}]", "a"),
    "fanout.groups.g.threshold_gates.0.step references 'z', which is not a branch of the fanout group.",
  ],
  [
    "a group nobody uses",
    `fanout: {groups: {g: {}}}\n${steps(step(run))}`,
    "fanout.groups.g is declared but no step uses it.",
    "g",
  ],
  [
    "a group nobody declared",
    steps(step(run, "fanout_group: g")),
    "steps.0.fanout_group references unknown fanout group 'g'.",
    "g",
  ],
  [
    "a group with a gap",
    `fanout: {groups: {g: {}}}\n${steps(`id: a\nfanout_group: g\n${run}`, `id: b\n${run}`, `id: c\nfanout_group: g\n${run}`)}`,
    "fanout group 'g' steps must be contiguous.",
  ],
  [
    "a reserved artifact",
    steps(step(run, "artifacts: {wrap_as: stdout}")),
    'steps.0.artifacts.wrap_as name "stdout" is reserved.',
    "stdout",
  ],
  [
    "a reserved output",
    steps(step("run: {type: agent-task, outputs: {raw: string}}")),
    'steps.0.run.outputs.raw name "raw" is reserved.',
    "raw",
  ],
  [
    "an output of no type",
    steps(step("run: {type: agent-task, outputs: {a: text}}")),
    "steps.0.run.outputs.a must be string, number, integer, boolean, array, object, or null.",
    "text",
  ],
  [
    "inputs of a stage",
    steps(step("run: {type: stage, key: identity}", "inputs: {a: 1}")),
    "steps.0.inputs is not valid for a stage step; name what it reads with run.input_from.",
    "inputs",
  ],
  [
    "an unknown key of a stage",
    steps(step("run: {type: stage, key: identity, colour: red}")),
    'steps.0: Unrecognized key: "colour".',
  ],
  ["a stage without a key", steps(step("run: {type: stage}")), "steps.0.run.key is required."],
  ["http without a url", steps(step("http: {method: GET}")), "steps.0.http.url is required."],
  [
    "an http method",
    steps(step("http: {url: 'https://x', method: HEAD}")),
    "steps.0.http.method HEAD is not supported; use GET, POST, PUT, PATCH, or DELETE.",
    "HEAD",
  ],
  [
    "a secret in a url (R8)",
    steps(step("http: {url: 'https://x/${secret:K}'}")),
    "steps.0.http.url must not hold ${secret:…}; secrets are substituted in headers only.",
  ],
  [
    "a source that is not http (R12)",
    steps(step("source: {type: cli-tool, command: x}")),
    "steps.0.source.type 'cli-tool' is not supported; a step's source is http, other targets are skill, tool, or run.",
  ],
];

describe("messages of a graph", () => {
  const rows = table.map(([name, text, message, under]) => ({ name, text, message, under }));
  test.each(rows)("$name", async ({ text, message, under }) => {
    const found = check(text);
    expect(found.map((one) => one.message)).toContain(message);
    const one = found.find((it) => it.message === message);
    if (one === undefined) throw new Error("not found");
    expect(Object.keys(skillCodes)).toContain(one.code);
    if (under !== undefined) expect(await underlined(text, one)).toBe(under);
  });

  test("a graph that says nothing wrong has no findings", () => {
    const text = steps(
      step(
        run,
        "label: Hello",
        "mode: sequential",
        "scopes: [a:b]",
        "retry: {max_attempts: 3, backoff_ms: 0}",
        "mutation: false",
      ),
      `id: t\nskill: ../x\nrunner: fast\ncontext: {m: s.a.0.b}\nwhen: {field: s.a, not_equals: null}`,
      `id: u\ntool: fs.read\ninputs: {a: other.x, b: "$input.c", url: https://example.com/a.b}`,
      `id: v\nhttp: {url: "https://x/{id}", headers: {Authorization: "Bearer \${secret:K}"}}`,
      `id: w\nsource: {type: http, url: "https://x"}`,
      `id: x\nrun: {type: a2a, anything: 1}`,
      `id: y\nrun: {type: approval}\ninputs: {gate_id: g, reason: r}`,
      `id: z\nrun: {type: stage, key: identity, input_from: u.data}`,
    );
    expect(messages(text)).toEqual([]);
  });

  test("one look finds several problems", () => {
    expect(messages("name: g\nsteps:\n  - id: a\n  - {run: {}}\n  - {id: a, tool: x}\n")).toHaveLength(5);
  });
});
