import { describe, expect, test } from "vitest";
import type { ProcessEffect } from "../../src/effects/effect.ts";
import { fromPlain } from "../../src/graph/value.ts";
import { done, play, type World } from "./skill-driver.ts";
import { failure, md, one, outputs, tool } from "./skill-results.ts";

describe("the command-line ABI", () => {
  const world: World = { run: () => done("") };
  const first = (text: string, more: World = {}): ProcessEffect =>
    play(text, { ...world, ...more }).processes[0] as ProcessEffect;

  test("arguments are templates over the inputs, and there is no shell", () => {
    const text = one(
      `run: {type: cli-tool, command: ./bin/tool, args: ["{{a}}", "-{{ b.c }}-", "{{none}}", "$HOME; ls"], cwd: sub}`,
      `inputs: {a: "{{b}}", b: {c: [1, 2.5]}}`,
    );
    const effect = play(text, world, "dir/graph.yaml").processes[0];
    expect(effect).toMatchObject({
      program: "dir/./bin/tool",
      cwd: "dir/sub",
      args: ["{{b}}", "-[1,2.5]-", "{{none}}", "$HOME; ls"],
      lookup: true,
      graceMs: 100,
      timeoutMs: 60_000,
    });
  });

  test("inputs come as JSON and one by one", () => {
    const { env } = first(tool(`inputs: {thread.title: x, "a--b": 1, n: null, t: true, o: {k: [1.0]}, "§": 1}`), {
      workspace: "/w",
    });
    expect(env).toEqual({
      RUNX_CWD: "/w",
      RUNX_INPUTS_JSON: '{"a--b":1,"n":null,"o":{"k":[1.0]},"t":true,"thread.title":"x","§":1}',
      RUNX_INPUT_THREAD_TITLE: "x",
      RUNX_INPUT_A_B: "1",
      RUNX_INPUT_N: "",
      RUNX_INPUT_T: "true",
      RUNX_INPUT_O: '{"k":[1.0]}',
    });
  });

  test("two inputs of one variable are an error", () => {
    expect(failure(play(tool("inputs: {a.b: 1, a_b: 2}"), world).result).message).toContain(
      "inputs 'a.b' and 'a_b' both become the variable RUNX_INPUT_A_B; rename one of them",
    );
  });

  test("large inputs come in a file, and large ones have no variable", () => {
    const size = (bytes: number) => first(tool(`inputs: {big: "${"é".repeat(bytes / 2)}"}`));
    expect(size(8192).env["RUNX_INPUT_BIG"]).toHaveLength(4096);
    expect(size(8194).env["RUNX_INPUT_BIG"]).toBeUndefined();
    expect(size(8194).env["RUNX_INPUTS_JSON"]).toBeDefined();
    const large = size(49_152);
    expect(large.env["RUNX_INPUTS_JSON"]).toBeUndefined();
    expect(large.inputsFile?.variable).toBe("RUNX_INPUTS_PATH");
    expect(JSON.parse(large.inputsFile?.content ?? "")).toEqual({ big: "é".repeat(24_576) });
  });

  test("only the listed variables are inherited", () => {
    expect(first(tool()).inheritEnv).toEqual([
      "PATH",
      "HOME",
      "TMPDIR",
      "TMP",
      "TEMP",
      "SystemRoot",
      "WINDIR",
      "COMSPEC",
      "PATHEXT",
    ]);
  });

  test("an inherited variable in an argument is read as an effect, any other is refused", () => {
    const text = (name: string) =>
      one(`run: {type: cli-tool, command: c, args: ["{{env.${name}}}/x", "{{env.RUNX_INPUT_A}}"]}`, "inputs: {a: 1}");
    const played = play(text("HOME"), {
      ...world,
      effect: (effect) => ({
        type: "done",
        value: fromPlain({ value: effect.kind === "env.read" ? `/home/${effect.key}` : "" }),
      }),
    });
    expect(played.processes[0]?.args).toEqual(["/home/HOME/x", "1"]);
    expect(failure(play(text("AWS_KEY"), world).result).message).toContain(
      "{{env.AWS_KEY}}, which the tool does not get",
    );
  });

  test("stdin gets the inputs only when the skill says so", () => {
    const skill = (mode: string) => md(`source: {type: cli-tool, command: c, input_mode: ${mode}, timeout_seconds: 5}`);
    const effect = (mode: string) => play(skill(mode), world, "s/SKILL.md", fromPlain({ a: 1 })).processes[0];
    expect(effect("stdin")?.stdin).toBe('{"a":1}');
    expect(effect("args")?.stdin).toBeNull();
    expect(effect("none")).toMatchObject({ stdin: null, timeoutMs: 5000, cwd: "s" });
  });

  const failures: readonly (readonly [string, ReturnType<typeof done>, string, string])[] = [
    ["stderr", done("out", { code: 1n, stderr: " no such thing \n" }), "tool", "skill 's' failed: no such thing"],
    ["no error output", done("out", { code: 1n }), "tool", "skill 's' failed: step failed with no error output"],
    [
      "too much output",
      done("", { truncated: true }),
      "tool",
      "skill 's' failed: runx cli-tool output exceeded 1048576 byte capture limit; stdout/stderr omitted",
    ],
    [
      "a time-out",
      done("", { timedOut: true, code: -1n }),
      "timeout",
      "skill 's' failed: cli-tool 'tool' did not end within 60 s",
    ],
    [
      "a refusal",
      { type: "failed", failure: { class: "policy", message: "policy violation: no" } },
      "policy",
      "skill 's' failed: policy violation: no",
    ],
  ];
  test.each(failures)("a tool that ends with %s is a failed step", (_name, reply, kind, message) => {
    expect(failure(play(tool(), { run: () => reply }).result)).toEqual({ class: kind, message });
  });
});

describe("sandboxes (R15)", () => {
  const skill = (sandbox: string) => md(`source: {type: cli-tool, command: c, sandbox: {${sandbox}}}`);
  const ran = (sandbox: string, more: World) => play(skill(sandbox), { run: () => done(""), ...more }, "s/SKILL.md");

  test("one that cannot be enforced fails the step before anything starts", () => {
    const played = ran("profile: readonly", {});
    expect(failure(played.result)).toEqual({
      class: "capability",
      message: "sandbox profile 'readonly' is declared but cannot be enforced on this host",
    });
    expect(played.requests).toEqual([]);
  });

  test("one that can be enforced goes with the effect", () => {
    const [effect] = ran("profile: network, writable_paths: [out], env_allowlist: [LANG], cwd_policy: workspace", {
      enforcesSandbox: true,
      workspace: "/w",
    }).processes;
    expect(effect?.sandbox).toEqual({ profile: "network", network: true, writablePaths: ["out"] });
    expect(effect?.cwd).toBe("/w");
    expect(effect?.inheritEnv).toContain("LANG");
  });

  test("an unrestricted one is never approved", () => {
    expect(failure(ran("profile: unrestricted-local-dev", { enforcesSandbox: true }).result).message).toBe(
      "unrestricted-local-dev sandbox requires explicit caller approval",
    );
  });

  test("none declared is none", () => {
    expect(play(tool(), { run: () => done("") }).processes[0]).not.toHaveProperty("sandbox");
  });
});

describe("outputs", () => {
  const of = (stdout: string, ...lines: string[]) =>
    outputs(play(tool(...lines), { run: () => done(stdout) }).result)["s"];

  test("text gives the base keys only", () => {
    expect(of("hello\n")).toEqual({ stdout: "hello\n", stderr: "", status: "success" });
  });

  test("JSON is the claim, and its keys are outputs unless they are base keys", () => {
    expect(of('{"a":1,"status":"odd"}')).toEqual({
      stdout: '{"a":1,"status":"odd"}',
      stderr: "",
      status: "success",
      raw: { a: 1, status: "odd" },
      skill_claim: { a: 1, status: "odd" },
      a: 1,
    });
    expect(of("[1]")).toMatchObject({ raw: [1], skill_claim: [1] });
  });

  test("wrap_as takes the claim's key of that name, else the whole claim", () => {
    expect(of('{"w":{"k":1}}', "artifacts: {wrap_as: w}")?.["w"]).toEqual({ k: 1 });
    expect(of('{"k":1}', "artifacts: {wrap_as: w}")?.["w"]).toEqual({ data: { k: 1 } });
  });

  test("named_emits wraps what has no data yet", () => {
    const found = of('{"a":1,"b":{"data":2,"x":3}}', "artifacts: {named_emits: {a: first, b: second, c: third}}");
    expect(found?.["first"]).toEqual({ data: 1 });
    expect(found?.["second"]).toEqual({ data: 2, x: 3 });
    expect(found).not.toHaveProperty("third");
  });

  const declared = (stdout: string) =>
    play(one("run: {type: cli-tool, command: c, outputs: {x: integer}}"), { run: () => done(stdout) }).result;

  test.each(['{"x":7}', '{"output":{"x":7}}', '{"outputs":{"x":7}}', '{"payload":{"x":7}}'])(
    "a declared output is found in %s",
    (stdout) => {
      expect(outputs(declared(stdout))["s"]?.["x"]).toBe(7);
    },
  );

  test.each(["text", "{}", "[]"])("a declared output that is not in %s fails the step", (stdout) => {
    expect(failure(declared(stdout)).message).toBe(
      "skill 's' failed: declared run output \"x\" was not returned by the step",
    );
  });
});

describe("context", () => {
  const two = (reference: string, stdout: string) =>
    play(
      `name: g\nsteps:\n  - {id: a, run: {type: cli-tool, command: c}}\n  - {id: b, run: {type: cli-tool, command: c}, inputs: {m: under}, context: {m: ${reference}}}\n`,
      { run: () => done(stdout) },
    );

  test("wins over inputs and keeps the value's type", () => {
    expect(two("a.n", '{"n":9007199254740993}').processes[1]?.env["RUNX_INPUTS_JSON"]).toBe('{"m":9007199254740993}');
  });

  test("may index arrays (R2)", () => {
    expect(two("a.l.1.k", '{"l":[0,{"k":"x"}]}').processes[1]?.env["RUNX_INPUT_M"]).toBe("x");
  });

  test("a path that was not produced is an error that names step and path (R2)", () => {
    expect(failure(two("a.l.7", '{"l":[]}').result).message).toBe(
      "graph step 'b' reads context 'm', but output path 'l.7' was not produced by the source step 'a'",
    );
  });
});
