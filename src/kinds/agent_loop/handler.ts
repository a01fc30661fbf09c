import type { z } from "zod";
import { attempt, type Handler, type NodeContext, type NodeResult } from "../../effects/handler.ts";
import type { ModelEffect } from "../../effects/effect.ts";
import { failure, NodeFailure } from "../../graph/failure.ts";
import { displayText, object, toText, type Value } from "../../graph/value.ts";
import { fails, missText, unavailable } from "../inputs.ts";
import { modelRemedy } from "../llm_infer/handler.ts";
import { resultInteger, resultMember, resultText } from "../results.ts";
import type { definition } from "./definition.ts";
import { correction, parseAction, systemPrompt } from "./protocol.ts";
import { useTool } from "./tools.ts";

type Fields = z.output<(typeof definition)["fields"]>;
type Message = ModelEffect["messages"][number];

/** spec/workflow.md §10. The order is: dry run, backend, instructions, then the turns. */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  if (context.backends.length === 0) return unavailable(context, modelRemedy);
  const task = context.dryRun && !rehearsable(context, fields) ? null : instructionsOf(context, fields);
  if (task === null) return dryResult();
  const { backend } = fields;
  const messages: Message[] = [
    { role: "system", content: systemPrompt(context.standingSystem, fields.tools) },
    { role: "user", content: task },
  ];
  const transcript: Value[] = [];
  let tokens = 0n;
  for (let step = 1; step <= fields.max_steps; step++) {
    if (fields.max_tokens !== undefined && tokens >= BigInt(fields.max_tokens)) {
      return exhausted("token budget exhausted", step - 1, transcript);
    }
    const turn: ModelEffect = { kind: "model.call", backend, tier: "fast", messages: [...messages], maxTokens: null };
    const reply = yield* attempt(turn);
    if (reply.type === "dry") return dryResult();
    if (reply.type === "failed") {
      if (reply.failure.class !== "budget") throw new NodeFailure(reply.failure);
      return exhausted("run token budget exhausted", step - 1, transcript);
    }
    tokens += tokensOf(reply.value);
    const content = resultText(reply.value, "content");
    const action = parseAction(content);
    if (action.type === "final") {
      transcript.push(object({ step: BigInt(step), action: "final" }));
      const output = object({ result: action.result, steps: BigInt(step), tokens, transcript });
      return { outcome: "continue", output };
    }
    messages.push({ role: "assistant", content });
    if (action.type === "malformed") {
      transcript.push(object({ step: BigInt(step), action: "malformed" }));
      messages.push({ role: "user", content: toText(correction(action.problem)) });
      continue;
    }
    const { tool, args } = action;
    const answer = yield* useTool(context, fields.tools, tool, args);
    transcript.push(object({ step: BigInt(step), action: "tool", tool, args, ok: answer.ok }));
    const shown = answer.ok ? answer.value : object({ error: answer.error });
    messages.push({ role: "user", content: toText(object({ tool_result: shown })) });
  }
  return exhausted("step cap exhausted", fields.max_steps, transcript);
};

function dryResult(): NodeResult {
  return { outcome: "continue", output: object({ result: null, steps: 0n, dry_run: true }), partial: true };
}

function exhausted(reason: string, steps: number, transcript: readonly Value[]): NodeResult {
  const output = object({ result: null, reason, steps: BigInt(steps), transcript });
  return { outcome: "continue", output, label: "exhausted" };
}

/** A dry run comes before the checks of backend and instructions: only a loop that passes them can use a mock. */
function rehearsable(context: NodeContext, fields: Fields): boolean {
  if (!context.backends.includes(fields.backend)) return false;
  if (fields.instructions !== undefined) return true;
  return fields.instructions_from !== undefined && context.lookup(fields.instructions_from).state === "found";
}

function instructionsOf(context: NodeContext, fields: Fields): string {
  if (!context.backends.includes(fields.backend)) {
    const text = `agent_loop node \`${context.node.id}\`: backend \`${fields.backend}\` is not configured`;
    throw new NodeFailure(failure("intelligence", text));
  }
  if (fields.instructions !== undefined) return fields.instructions;
  const from = fields.instructions_from;
  if (from === undefined) return fails(context, "one of `instructions` / `instructions_from` is required");
  const found = context.lookup(from);
  return found.state === "found" ? displayText(found.value) : fails(context, missText(from, "instructions_from"));
}

function tokensOf(reply: Value): bigint {
  const usage = resultMember(reply, "usage");
  return resultInteger(usage, "prompt_tokens") + resultInteger(usage, "completion_tokens");
}
