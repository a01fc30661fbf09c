import { describe, expect, it } from "vitest";
import { failure } from "../../src/graph/failure.ts";
import { toText, type Value } from "../../src/graph/value.ts";
import { firstObject, parseAction, systemPrompt } from "../../src/kinds/agent_loop/protocol.ts";
import { drive, effectsOf, json, labelOf, outputText, type Answer, type Case, type Drive } from "./driver.ts";

/** A model's reply that cost 3 + 4 tokens. */
const says = (content: string): Answer => ({
  done: { content, usage: { prompt_tokens: 3n, completion_tokens: 4n } },
});
const lastMessages = (ran: Drive) => {
  const calls = effectsOf(ran).flatMap((effect) => (effect.kind === "model.call" ? [effect] : []));
  return calls.at(-1)?.messages ?? [];
};

describe("llm_infer", () => {
  const infer = (fields: Record<string, unknown>, answers: readonly Answer[] = [], more: Partial<Case> = {}) =>
    drive({ kind: "llm_infer", fields: { backend: "default", prompt: "q {{x.0}} é", ...fields }, answers, ...more });
  const schema =
    '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}';
  const files = { "out.json": schema, "broken.json": "{", "odd.json": '{"type":"thing"}' };

  it("sends the filled prompt and hands on content and usage", () => {
    const ran = infer({ input_from: "trigger" }, [says("yes")], { values: { trigger: { x: ["X"] } } });
    expect(effectsOf(ran)).toEqual([
      {
        kind: "model.call",
        backend: "default",
        tier: "fast",
        messages: [{ role: "user", content: "q X é" }],
        maxTokens: 1024,
      },
    ]);
    expect(outputText(ran)).toBe('{"content":"yes","parsed":null,"usage":{"completion_tokens":4,"prompt_tokens":3}}');
  });

  it.each([{}, { input_from: "zz" }])("takes %j as null", (fields) => {
    const ran = infer({ ...fields, prompt: "{{}}" }, [says("yes")]);
    expect(lastMessages(ran)).toEqual([{ role: "user", content: "null" }]);
  });

  it("is unavailable without any backend, in a dry run too", () => {
    const ran = infer({}, [], { backends: [], dryRun: true });
    expect(ran.failure?.class).toBe("capability");
    expect(ran.failure?.message).toMatch(
      /^capability unavailable: no handler registered for node kind `llm_infer` \(node `n`\); /,
    );
  });

  it("refuses an unknown backend, in a dry run too", () => {
    const ran = infer({ backend: "x" }, [], { backends: ["a", "b"], dryRun: true });
    expect(ran.failure).toEqual({
      class: "intelligence",
      message: "intelligence call failed: backend `x` is not configured on this runtime; known backends: a, b",
    });
  });

  it("gives the placeholder in a dry run, also over something unknown", () => {
    const more = { dryRun: true, values: { a: {} }, partial: ["a"] };
    const ran = infer({ input_from: "a", prompt: "q {{t}}" }, [{ dry: {} }], more);
    expect(lastMessages(ran)).toEqual([{ role: "user", content: "q {{t}}" }]);
    expect(outputText(ran)).toBe('{"content":"<dry-run>","dry_run":true,"parsed":null}');
    expect(ran.result).toMatchObject({ partial: true });
  });

  it.each([
    ["", " [1, 2.0] ", "[1,2.0]"],
    ["missing.json", '{"z":1}', '{"z":1}'],
    ["out.json", '{"a":1}', '{"a":1}'],
  ])("parses the whole reply for output_schema %j", (output_schema, reply, parsed) => {
    const ran = infer({ output_schema }, [says(reply)], { files });
    expect(toText((json(outputText(ran)) as { parsed: Value }).parsed)).toBe(parsed);
  });

  it.each([
    ["", "positive", "model returned invalid JSON: expected value at line 1 column 1"],
    ["out.json", "```json\n{}\n```", "model returned invalid JSON: expected value at line 1 column 1"],
    [
      "out.json",
      '{"b":1}',
      "schema violation: $ must have required property 'a'; $ must NOT have additional properties (`b`)",
    ],
    ["out.json", '{"a":"x"}', "schema violation: /a must be integer"],
    [
      "broken.json",
      "{}",
      "output_schema `broken.json` is not valid JSON: EOF while parsing an object at line 1 column 1",
    ],
    ["odd.json", "{}", "output_schema `odd.json` is not a valid schema: "],
  ])("with output_schema %j and the reply %j fails after its attempts", (output_schema, reply, error) => {
    const ran = infer({ output_schema }, [says(reply)], { files });
    expect(ran.failure?.class).toBe("schema");
    expect(ran.failure?.message).toContain(
      `schema validation failed: llm_infer node \`n\`: output failed validation after 1 attempt(s): ${error}`,
    );
  });

  it("sends a rejected reply back, as often as output_repairs says", () => {
    const fields = { output_schema: "", output_repairs: 2n };
    const ran = infer(fields, [says("no"), says("[1"), says("[1]")]);
    expect(lastMessages(ran)).toEqual([
      { role: "user", content: "q {{x.0}} é" },
      { role: "assistant", content: "no" },
      {
        role: "user",
        content:
          "Your previous output was rejected: model returned invalid JSON: expected ident at line 1 column 2. Reply with corrected output only.",
      },
      { role: "assistant", content: "[1" },
      {
        role: "user",
        content:
          "Your previous output was rejected: model returned invalid JSON: EOF while parsing a list at line 1 column 2. Reply with corrected output only.",
      },
    ]);
    expect(outputText(ran)).toContain('"parsed":[1]');
    expect(infer(fields, [says("no"), says("no"), says("no")]).failure?.message).toContain("after 3 attempt(s)");
  });

  it("stops at a failed call between repairs", () => {
    const budget = failure("budget", "tool `llm_infer` failed: budget.max_llm_tokens exceeded: 7 / 7 tokens consumed");
    const ran = infer({ output_schema: "", output_repairs: 5n }, [says("no"), { failed: budget }]);
    expect(ran.failure).toEqual(budget);
  });
});

describe("agent_loop", () => {
  const tools = ["read_file", "write_file", "read_env", "http_request", "shell_run", "call_mcp_tool"];
  const loop = (answers: readonly Answer[], fields: Record<string, unknown> = {}, more: Partial<Case> = {}) =>
    drive({
      kind: "agent_loop",
      fields: { backend: "default", instructions: "do it", tools, max_steps: 5n, ...fields },
      answers,
      ...more,
    });
  const use = (tool: string, args: string) => says(`{"action":"tool","tool":"${tool}","args":${args}}`);
  const final = says('{"action":"final","result":{"b":1}}');
  const shown = (ran: Drive) => lastMessages(ran).at(-1)?.content;

  it("ends with the model's result, its steps and tokens", () => {
    const ran = loop([final]);
    expect(effectsOf(ran)[0]).toMatchObject({ kind: "model.call", backend: "default", tier: "fast", maxTokens: null });
    expect(lastMessages(ran).map((one) => one.role)).toEqual(["system", "user"]);
    expect(lastMessages(ran)[1]?.content).toBe("do it");
    expect(outputText(ran)).toBe('{"result":{"b":1},"steps":1,"tokens":7,"transcript":[{"action":"final","step":1}]}');
  });

  it("marks every tool as chosen by the model, and no model call", () => {
    const ran = loop([use("read_env", '{"key":"K"}'), { done: { value: "v" } }, final]);
    expect(ran.requests.map((one) => one.type === "effect" && (one.chosenByModel ?? false))).toEqual([
      false,
      true,
      false,
    ]);
    expect(outputText(ran)).toBe(
      '{"result":{"b":1},"steps":2,"tokens":14,"transcript":[{"action":"tool","args":{"key":"K"},"ok":true,"step":1,"tool":"read_env"},{"action":"final","step":2}]}',
    );
  });

  it.each([
    ["read_file", '{"path":"p"}', '{"content":"c","bytes":1}', '{"content":"c","path":"p"}'],
    ["write_file", '{"path":"p","content":"c"}', '{"bytes":1}', '{"bytes":1,"path":"p"}'],
    ["read_env", '{"key":"K"}', '{"value":null}', '{"key":"K","missing":true,"value":null}'],
    [
      "http_request",
      '{"method":"get","url":"http://h/","body":{"z":1}}',
      '{"status":500,"headers":{},"body":"","bytes":0,"truncated":false}',
      '{"body":"","bytes":0,"headers":{},"status":500}',
    ],
    [
      "shell_run",
      '{"command":"/bin/x","args":["a",1]}',
      '{"program":"/bin/x","exit_code":1,"signal":null,"stdout":"o","stderr":"e","truncated":false,"timed_out":false,"duration_ms":1}',
      '{"exit_code":1,"stderr":"e","stdout":"o","timed_out":false}',
    ],
    [
      "call_mcp_tool",
      '{"tool":"t"}',
      '{"server":"docs","content":[],"is_error":false,"structured":null}',
      '{"content":[],"is_error":false,"structured":null,"tool":"t"}',
    ],
  ])("shows the model what %s gave", (tool, args, done, result) => {
    const ran = loop([use(tool, args), { done: json(done) }, final]);
    expect(shown(ran)).toBe(`{"tool_result":${result}}`);
  });

  it("performs what the model asked for", () => {
    const call = (tool: string, args: string) =>
      effectsOf(loop([use(tool, args), { failed: failure("mcp", "x") }, final]))[1];
    expect(call("http_request", '{"method":"put","url":"http://h/","body":{"z":1}}')).toMatchObject({
      method: "PUT",
      body: '{"z":1}',
      headers: [["Content-Type", "application/json"]],
    });
    expect(call("shell_run", '{"command":"/bin/x","args":["a",1]}')).toMatchObject({ args: ["a"], timeoutMs: 30_000 });
    expect(call("call_mcp_tool", '{"tool":"t"}')).toEqual({
      kind: "mcp.tool",
      server: "docs",
      tool: "t",
      args: json("{}"),
    });
  });

  it.each([
    ["shell_run", '{"command":"x"}', "tool `agent_loop` failed: shell_run requires an absolute path; got `x`"],
    ["read_file", '{"path":1}', "tool `agent_loop` failed: tool args missing string field `path`"],
    ["write_file", '{"path":"p"}', "tool `agent_loop` failed: tool args missing string field `content`"],
    ["http_request", '{"method":"GET"}', "tool `agent_loop` failed: tool args missing string field `url`"],
    ["read_env", "[]", "tool `agent_loop` failed: tool args missing string field `key`"],
    ["call_mcp_tool", '{"tool":"t","server":"x"}', "workflow ``: unknown mcp server `x`; configured: [docs]"],
  ])("feeds back why %s %s cannot be done", (tool, args, error) => {
    const ran = loop([use(tool, args), final]);
    expect(JSON.parse(shown(ran) ?? "")).toEqual({ tool_result: { error } });
    expect(outputText(ran)).toContain('"ok":false');
  });

  it("feeds back a tool that is not declared", () => {
    const ran = loop([use("shell_run", '{"command":"/bin/x"}'), final], { tools: ["read_file", "read_env"] });
    const error = "tool `shell_run` is not in this loop's allowed set: read_file, read_env";
    expect(JSON.parse(shown(ran) ?? "")).toEqual({ tool_result: { error } });
  });

  it.each(["policy", "tool", "mcp", "timeout", "budget"] as const)("feeds a failure of class %s back", (kind) => {
    const failed = failure(kind, "why");
    const ran = loop([use("read_env", '{"key":"K"}'), { failed }, final]);
    expect(JSON.parse(shown(ran) ?? "")).toEqual({ tool_result: { error: failed.message } });
  });

  it.each(["approval", "cancelled", "internal", "in_doubt"] as const)("ends with a failure of class %s", (kind) => {
    const failed = failure(kind, "why");
    expect(loop([use("read_env", '{"key":"K"}'), { failed }]).failure).toEqual(failed);
  });

  it.each([
    ["just words", "no JSON object found"],
    ["{'a':1}", "invalid JSON: key must be a string at line 1 column 2"],
    ['{"action":"tool"}', "`tool` must be a string"],
    ['{"action":"think"}', '`action` must be "tool" or "final"'],
  ])("corrects the reply %s and counts the step", (reply, problem) => {
    const ran = loop([says(reply), final]);
    expect(JSON.parse(shown(ran) ?? "")).toEqual({
      error: `your reply was not a valid action object: ${problem}. Reply with exactly one JSON object.`,
    });
    expect(outputText(ran)).toContain('"steps":2,"tokens":14,"transcript":[{"action":"malformed","step":1}');
  });

  it("is exhausted when its steps are spent", () => {
    const ran = loop([says("x"), says("y")], { max_steps: 2n });
    expect(labelOf(ran)).toBe("exhausted");
    expect(outputText(ran)).toBe(
      '{"reason":"step cap exhausted","result":null,"steps":2,"transcript":[{"action":"malformed","step":1},{"action":"malformed","step":2}]}',
    );
  });

  it.each([
    [0n, [], 0],
    [7n, [says("x")], 1],
    [8n, [says("x"), says("y")], 2],
  ])("is exhausted before a turn when %i tokens are spent", (max_tokens, answers, steps) => {
    const ran = loop(answers, { max_tokens });
    expect(labelOf(ran)).toBe("exhausted");
    expect(outputText(ran)).toContain(`{"reason":"token budget exhausted","result":null,"steps":${steps},`);
  });

  it("is exhausted when the run's budget is, and fails when the model does", () => {
    const ran = loop([says("x"), { failed: failure("budget", "spent") }]);
    expect([labelOf(ran), outputText(ran)]).toEqual([
      "exhausted",
      '{"reason":"run token budget exhausted","result":null,"steps":1,"transcript":[{"action":"malformed","step":1}]}',
    ]);
    const lost = failure("intelligence", "dial: refused");
    expect(loop([{ failed: lost }]).failure).toEqual(lost);
  });

  it("takes its instructions from the context, values as JSON", () => {
    const given = { instructions: undefined, instructions_from: "t" };
    expect(lastMessages(loop([final], given, { values: { t: { b: 1n } } }))[1]?.content).toBe('{"b":1}');
    expect(loop([], given).failure?.message).toBe(
      "tool `agent_loop` failed: instructions_from `t` is not set in the execution context",
    );
    expect(loop([], { instructions: undefined }).failure?.message).toBe(
      "tool `agent_loop` failed: one of `instructions` / `instructions_from` is required",
    );
  });

  it("refuses an unknown backend, but not in a dry run", () => {
    const ran = loop([], { backend: "x" });
    expect(ran.failure).toEqual({
      class: "intelligence",
      message: "intelligence call failed: agent_loop node `n`: backend `x` is not configured",
    });
    const stub = '{"dry_run":true,"result":null,"steps":0}';
    expect(outputText(loop([], { backend: "x" }, { dryRun: true }))).toBe(stub);
    expect(outputText(loop([], { instructions: undefined }, { dryRun: true }))).toBe(stub);
    expect(outputText(loop([{ dry: {} }], {}, { dryRun: true }))).toBe(stub);
    expect(loop([], {}, { backends: [], dryRun: true }).failure?.class).toBe("capability");
  });

  it("uses a mock in a dry run", () => {
    const ran = loop([use("read_file", '{"path":"p"}'), { dry: {} }, final], {}, { dryRun: true });
    expect(shown(ran)).toBe('{"tool_result":{"dry_run":true}}');
    expect(outputText(ran)).toContain('"steps":2');
  });

  it("puts the operator's standing prompt first and names only declared tools", () => {
    const ran = loop([final], { tools: ["read_env"] }, { standingSystem: "Be brief." });
    const system = lastMessages(ran)[0]?.content ?? "";
    expect(system.startsWith("Be brief.\n\n")).toBe(true);
    expect(system).toContain("- read_env");
    expect(system).not.toContain("shell_run");
    expect(systemPrompt(undefined, [])).not.toContain("undefined");
  });
});

describe("the first object of a reply", () => {
  it.each([
    ['ok: {"a":{"b":"}"}} and {"c":1}', '{"a":{"b":"}"}}'],
    ['```json\n{"a":"\\"}"}\n```', '{"a":"\\"}"}'],
    ["{", null],
    ["none", null],
  ])("of %j is %j", (text, found) => {
    expect(firstObject(text)).toBe(found);
  });

  it("has empty arguments and a null result by default", () => {
    expect(toText((parseAction('{"action":"tool","tool":"t"}') as { args: Value }).args)).toBe("{}");
    expect(parseAction('{"action":"final"}')).toEqual({ type: "final", result: null });
  });
});
