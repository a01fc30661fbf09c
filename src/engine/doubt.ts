/**
 * Which effects may be repeated when nobody knows whether they happened (spec/runtime.md §4), and what one that
 * somebody vouches for came to.
 */
import type { Effect } from "../effects/effect.ts";
import type { ApprovalAnswer } from "../effects/events.ts";
import type { Node } from "../graph/model.ts";
import { isObject, member, object, type Value } from "../graph/value.ts";
import { completedResult } from "./ordinary-result.ts";

/** True for reads, `create_dir`, a write of the same content, GET and HEAD, and anything with an idempotency key. */
export function isSafeToRepeat(effect: Effect, node: Node | undefined): boolean {
  if (node !== undefined && node.idempotencyKey !== null && effect.kind === "http.request") return true;
  switch (effect.kind) {
    case "fs.read":
    case "fs.write":
    case "fs.mkdir":
    case "env.read":
    case "mcp.resource":
    case "model.call":
      return true;
    case "http.request":
      return effect.method === "GET" || effect.method === "HEAD";
    case "shell.run":
    case "mcp.tool":
      return false;
  }
}

/**
 * The result of an effect in doubt that a person says did happen (`{"happened": true}`): the `value` that the answer
 * declares, else what the kind gives when all went well and nothing is known of the reply. null: nobody says so.
 */
export function happenedValue(effect: Effect, answer: ApprovalAnswer | null): { readonly value: Value } | null {
  if (answer === null || !answer.approved || !saysHappened(answer.answer)) return null;
  const declared = isObject(answer.answer) ? member(answer.answer, "value") : undefined;
  return { value: declared ?? completedResult(effect, object()) };
}

/** True for the answer that an effect in doubt did happen. */
export function saysHappened(answer: Value): boolean {
  return isObject(answer) && member(answer, "happened") === true;
}
