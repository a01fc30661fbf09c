/** The tools of an agent loop as effects that a model chose (spec/workflow.md §10). */
import { attempt, type NodeContext, type Request, type Response } from "../../effects/handler.ts";
import type { Effect } from "../../effects/effect.ts";
import { NodeFailure, type Failure } from "../../graph/failure.ts";
import { isArray, isObject, member, object, type Value } from "../../graph/value.ts";
import { exchange, exchangeOutput } from "../http_request/exchange.ts";
import { endsTheRun, problemOf } from "../inputs.ts";
import { serverFor } from "../mcp.ts";
import { variable } from "../read_env/handler.ts";
import { resultFlag, resultInteger, resultMember, resultText } from "../results.ts";
import { commandProblem, DEFAULT_TIMEOUT_SECS, processEffect } from "../shell_run/process.ts";
import { isLoopTool, type LoopTool } from "./definition.ts";

/** What a tool gave, or why it could not be used. */
export type ToolAnswer = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: string };

/** A tool call that could be understood: its effect, what is wrong with it, and how its result is shown. */
interface ToolCall {
  readonly effect: Effect;
  readonly problem?: string;
  readonly show: (result: Value) => Value;
}

/** Uses a tool. Refusals and failures are answers, but for those that only the run may answer. */
export function* useTool(
  context: NodeContext,
  allowed: readonly string[],
  tool: string,
  args: Value,
): Generator<Request, ToolAnswer, Response> {
  if (!allowed.includes(tool) || !isLoopTool(tool)) {
    return { ok: false, error: `tool \`${tool}\` is not in this loop's allowed set: ${allowed.join(", ")}` };
  }
  const call = toolCall(context, tool, args);
  if ("message" in call) return { ok: false, error: call.message };
  const problem = call.problem === undefined ? {} : { problem: problemOf(context, call.problem) };
  const reply = yield* attempt(call.effect, { ...problem, chosenByModel: true });
  if (reply.type === "done") return { ok: true, value: call.show(reply.value) };
  if (reply.type === "dry") return { ok: true, value: object({ dry_run: true }) };
  // An effect in doubt must not be repeated by a model that was told it failed.
  if (endsTheRun(reply.failure) || reply.failure.class === "in_doubt") throw new NodeFailure(reply.failure);
  return { ok: false, error: reply.failure.message };
}

function toolCall(context: NodeContext, tool: LoopTool, args: Value): ToolCall | Failure {
  const read = readArguments(context, args);
  switch (tool) {
    case "read_file": {
      const path = read("path");
      if (typeof path !== "string") return path;
      return {
        effect: { kind: "fs.read", path },
        show: (done) => object({ path, content: resultText(done, "content") }),
      };
    }
    case "write_file": {
      const path = read("path");
      if (typeof path !== "string") return path;
      const content = read("content");
      if (typeof content !== "string") return content;
      return {
        effect: { kind: "fs.write", path, content },
        show: (done) => object({ path, bytes: resultInteger(done, "bytes") }),
      };
    }
    case "read_env": {
      const key = read("key");
      if (typeof key !== "string") return key;
      return { effect: { kind: "env.read", key }, show: (done) => variable(key, done) };
    }
    case "http_request": {
      const method = read("method");
      if (typeof method !== "string") return method;
      const url = read("url");
      if (typeof url !== "string") return url;
      const { effect, problem } = exchange(method, url, argument(args, "body"), {});
      return { effect, ...(problem === null ? {} : { problem }), show: (done) => exchangeOutput(done).output };
    }
    case "shell_run": {
      const command = read("command");
      if (typeof command !== "string") return command;
      const wrong = commandProblem(command);
      if (wrong !== null) return problemOf(context, wrong);
      const list = argument(args, "args");
      const texts = isArray(list) ? list.filter((one) => typeof one === "string") : [];
      return { effect: processEffect(command, texts, DEFAULT_TIMEOUT_SECS), show: programOutput };
    }
    case "call_mcp_tool": {
      const name = read("tool");
      if (typeof name !== "string") return name;
      const server = argument(args, "server");
      const chosen = serverFor(context, typeof server === "string" ? server : undefined);
      if (!chosen.ok) return chosen.failure;
      return {
        effect: { kind: "mcp.tool", server: chosen.server, tool: name, args: argument(args, "args") ?? object() },
        show: (done) => mcpOutput(name, done),
      };
    }
  }
}

function argument(args: Value, name: string): Value | undefined {
  return isObject(args) ? member(args, name) : undefined;
}

/** Reads string arguments; a missing one is the answer to the model. */
function readArguments(context: NodeContext, args: Value): (name: string) => string | Failure {
  return (name) => {
    const value = argument(args, name);
    return typeof value === "string" ? value : problemOf(context, `tool args missing string field \`${name}\``);
  };
}

function programOutput(done: Value): Value {
  return object({
    exit_code: resultInteger(done, "exit_code"),
    stdout: resultText(done, "stdout"),
    stderr: resultText(done, "stderr"),
    timed_out: resultFlag(done, "timed_out"),
  });
}

function mcpOutput(tool: string, done: Value): Value {
  return object({
    tool,
    content: resultMember(done, "content"),
    structured: resultMember(done, "structured"),
    is_error: resultFlag(done, "is_error"),
  });
}
