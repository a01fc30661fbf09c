import type { z } from "zod";
import { perform, type Handler, type NodeContext } from "../../effects/handler.ts";
import type { ModelEffect } from "../../effects/effect.ts";
import { failure, NodeFailure } from "../../graph/failure.ts";
import { jsonProblemText, parseJson } from "../../graph/json.ts";
import { renderTemplate } from "../../graph/template.ts";
import { object, type Value } from "../../graph/value.ts";
import { renderBelow, unavailable, UnknownInput } from "../inputs.ts";
import { checkSchema } from "../json-schema.ts";
import { resultInteger, resultMember, resultText } from "../results.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

const MAX_TOKENS = 1024;

/** Effect `model.call`; its result is `{content, usage}` (spec/workflow.md §9.1). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  checkBackend(context, fields.backend);
  const attempts = 1 + (fields.output_repairs ?? 0);
  let messages: ModelEffect["messages"] = [{ role: "user", content: renderPrompt(context, fields) }];
  let rejected = "";
  for (let tries = 0; tries < attempts; tries++) {
    const { backend } = fields;
    const reply = yield* perform({ kind: "model.call", backend, tier: "fast", messages, maxTokens: MAX_TOKENS });
    if (reply === undefined) {
      return {
        outcome: "continue",
        output: object({ content: "<dry-run>", parsed: null, dry_run: true }),
        partial: true,
      };
    }
    const content = resultText(reply, "content");
    const read = parsedReply(context, fields.output_schema, content);
    if (read.ok) {
      return { outcome: "continue", output: object({ content, parsed: read.value, usage: usageOf(reply) }) };
    }
    rejected = read.error;
    const repair = `Your previous output was rejected: ${rejected}. Reply with corrected output only.`;
    messages = [...messages, { role: "assistant", content }, { role: "user", content: repair }];
  }
  const text = `llm_infer node \`${context.node.id}\`: output failed validation after ${attempts} attempt(s): ${rejected}`;
  throw new NodeFailure(failure("schema", text));
};

/** Asked before a dry run, too. */
function checkBackend(context: NodeContext, backend: string): void {
  if (context.backends.length === 0) return unavailable(context, modelRemedy);
  if (context.backends.includes(backend)) return;
  const known = context.backends.join(", ");
  const text = `backend \`${backend}\` is not configured on this runtime; known backends: ${known}`;
  throw new NodeFailure(failure("intelligence", text));
}

/** How a model backend is configured. */
export const modelRemedy =
  "declare a backend in [[intelligence.backends]], or pass --intel-unix PATH or --intel-http URL for the backend `default`";

/** In a dry run a prompt over an unknown input stands as it was written, since only a rehearsal reads it. */
function renderPrompt(context: NodeContext, fields: Fields): string {
  const { input_from: from, prompt } = fields;
  if (from === undefined || context.lookup(from).state === "missing") return renderTemplate(prompt, null);
  try {
    return renderBelow(context, prompt, from);
  } catch (problem) {
    if (problem instanceof UnknownInput) return prompt;
    throw problem;
  }
}

type Reading = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: string };

/** The reply as JSON that fits the schema; null when no schema is asked for. */
function parsedReply(context: NodeContext, schema: string | undefined, content: string): Reading {
  if (schema === undefined) return { ok: true, value: null };
  const read = parseJson(content);
  if (!read.ok) return { ok: false, error: `model returned invalid JSON: ${jsonProblemText(read.problem)}` };
  const text = schema === "" ? null : context.file(schema);
  if (text === null) return read;
  const verdict = checkSchema(text, read.value);
  switch (verdict.status) {
    case "valid":
      return read;
    case "invalid":
      return { ok: false, error: `schema violation: ${verdict.errors.join("; ")}` };
    case "not_json":
      return { ok: false, error: `output_schema \`${schema}\` is not valid JSON: ${verdict.message}` };
    case "not_schema":
      return { ok: false, error: `output_schema \`${schema}\` is not a valid schema: ${verdict.message}` };
  }
}

function usageOf(reply: Value): Value {
  const usage = resultMember(reply, "usage");
  return object({
    completion_tokens: resultInteger(usage, "completion_tokens"),
    prompt_tokens: resultInteger(usage, "prompt_tokens"),
  });
}
