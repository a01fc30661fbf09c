/**
 * Whether what a request shows is what its digest binds. A journal can be rewritten by whoever can write its folder, so
 * what an approver reads is digested again before they sign. Pure.
 */
import { bindingIn, effectDigest, questionDigest } from "../../engine/digests.ts";
import type { AskedRequest } from "../../engine/state.ts";
import { sha256 } from "../../governance/credentials/rules.ts";
import { isObject, member, object, toText, type Value } from "../../graph/value.ts";
import type { AskingRecord } from "./recorded.ts";

/**
 * - `bound`: it is;
 * - `masked`: it holds secrets, which stand in it by name, or only its beginning is there, so that only the run itself
 *   can tell; it compares the digest before the effect;
 * - `forged`: it is not.
 */
export type Bound = "bound" | "masked" | "forged";

/** Looks. */
export function boundTo(record: Pick<AskingRecord, "started" | "graphDigest">, asked: AskedRequest): Bound {
  const { subject, effectDigest: digest, id, summary } = asked.request;
  // What a doubt is about is known to the run only.
  if (digest === null || subject === "doubt") return "masked";
  const binding = (attempt: number) => bindingIn(record.started, record.graphDigest, { ...asked.act, attempt });
  const masked = toText(summary).includes("{secret:");
  if (subject !== "effect") {
    const about = object({ effect: null, starts: 0n });
    const own = questionDigest(sha256, { subject, id, summary, about }, binding(asked.act.attempt));
    return own === digest ? "bound" : masked ? "masked" : "forged";
  }
  const effect = isObject(summary) ? member(summary, "effect") : undefined;
  const kind = isObject(summary) ? member(summary, "kind") : undefined;
  if (!isObject(summary) || !isObject(effect) || typeof kind !== "string") return "forged";
  const prepared = { description: effect, effect: { kind } };
  // Attempts under one idempotency key are the first one.
  const same = [asked.act.attempt, 1].some((attempt) => effectDigest(sha256, prepared, binding(attempt)) === digest);
  if (!same) return masked ? "masked" : "forged";
  return contentBound(effect, member(summary, "preview"));
}

/** The shown content against its digest among the facts, where it has one. */
function contentBound(effect: { readonly [key: string]: Value }, preview: Value | undefined): Bound {
  if (!isObject(preview)) return "bound";
  const text = member(preview, "text");
  const digest = member(effect, "content_digest") ?? member(effect, "body_digest");
  if (typeof text !== "string" || typeof digest !== "string" || sha256(text) === digest) return "bound";
  return member(preview, "truncated") === true || text.includes("{secret:") ? "masked" : "forged";
}
