/**
 * The envelope of spec/workflow.md §9.3, which both `default` transports carry: one JSON-RPC-like request, one reply.
 */
import type { ModelEffect } from "../../effects/effect.ts";
import { failure } from "../../graph/failure.ts";
import { jsonProblemText, parseJson } from "../../graph/json.ts";
import { isObject, member, type ObjectValue, type Value } from "../../graph/value.ts";
import { unanswered, type Completion } from "./backend.ts";
import { tokensAt } from "./providers.ts";

/** The request's text. `id` counts from 1 per transport; `max_tokens` is left out when the call names none. */
export function requestText(id: number, effect: ModelEffect): string {
  const params = {
    model: effect.tier,
    messages: effect.messages.map(({ role, content }) => ({ role, content })),
    ...(effect.maxTokens === null ? {} : { max_tokens: effect.maxTokens }),
  };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "complete", params });
}

/** What a reply says. `jsonrpc` must be there; the id is not looked at. */
export function readReply(bytes: Uint8Array): Completion {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return malformed("the response is not UTF-8");
    throw error;
  }
  const parsed = parseJson(text);
  if (!parsed.ok) return malformed(jsonProblemText(parsed.problem));
  if (!isObject(parsed.value)) return malformed("the response is not an object");
  const reply = parsed.value;
  if (typeof member(reply, "jsonrpc") !== "string") return malformed("missing field `jsonrpc`");
  const error = member(reply, "error") ?? null;
  if (error !== null) return backendError(error);
  const result = member(reply, "result") ?? null;
  if (result === null) return unanswered("intelligence response contained neither `result` nor `error`");
  return isObject(result) ? completion(result) : malformed("`result` is not an object");
}

function completion(result: ObjectValue): Completion {
  const content = member(result, "content");
  if (typeof content !== "string")
    return malformed(content === undefined ? "missing field `content`" : "`content` is not a string");
  return {
    ok: true,
    content,
    promptTokens: tokensAt(result, ["usage", "prompt_tokens"]),
    completionTokens: tokensAt(result, ["usage", "completion_tokens"]),
  };
}

function backendError(error: Value): Completion {
  if (!isObject(error)) return malformed("`error` is not an object");
  const code = member(error, "code");
  const message = member(error, "message");
  if (typeof code !== "bigint") return malformed("`error.code` is not an integer");
  if (typeof message !== "string") return malformed("`error.message` is not a string");
  return unanswered(`backend error ${code}: ${message}`);
}

function malformed(detail: string): Completion {
  return { ok: false, failure: failure("json", detail) };
}
