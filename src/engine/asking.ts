/**
 * Asking a person: a request with the terms under which it may be answered (spec/runtime.md §7).
 *
 * Invariant: whatever a signed answer must be bound to is journalled with the request, so that whoever answers it
 * elsewhere needs the journal only.
 */
import { activationKey, type Activation } from "../effects/effect.ts";
import type { ApprovalRequest } from "../effects/events.ts";
import { object, toText } from "../graph/value.ts";
import { bindingIn, questionDigest, type EffectBinding } from "./digests.ts";
import type { Action } from "./plan.ts";
import type { Runner } from "./runner.ts";
import { requestAt } from "./state.ts";

/** What digests of a run's effects and questions bind; null before the run has started. */
export function bindingOf(runner: Runner, activation: Activation): EffectBinding | null {
  const { started, resumed } = runner.state;
  return started === null ? null : bindingIn(started, resumed?.graphDigest ?? started.graphDigest, activation);
}

/** Journals a request. A dry run stops nobody: there it is answered at once, with yes unless it rehearses another answer. */
export function askPerson(runner: Runner, action: Extract<Action, { type: "ask" }>): void {
  const { act, index, request } = action;
  const dry = runner.state.started?.options.dryRun !== "no";
  const asked = dry ? request : withTerms(runner, action);
  runner.append({ type: "approval.requested", act, index, ...asked });
  if (!dry) return;
  const { id } = request;
  const { approved, answer } = runner.input.seam.rehearsal?.answer?.(act, id) ?? { approved: true, answer: null };
  runner.append({ type: "approval.answered", id, approved, by: "dry-run", reason: null, answer });
}

function withTerms(runner: Runner, action: Extract<Action, { type: "ask" }>): ApprovalRequest {
  const { act, request, about } = action;
  const { decider, digest } = runner.input.seam;
  const binding = bindingOf(runner, act);
  if (decider.terms === undefined || binding === null) return request;
  const { subject, id, summary } = request;
  const inputDigest = about.inputDigest ?? digest(toText(summary));
  const nodeId = about.nodeId ?? activationKey(act);
  const at = runner.input.seam.clock.now();
  const terms = decider.terms({ ...about, nodeId, inputDigest, subject, activation: act, at });
  if (subject === "effect") return { ...request, terms };
  // Each doubt is a question of its own, also about the same effect.
  const activation = runner.state.activations.get(action.key);
  const starts = activation === undefined ? 0 : requestAt(activation, action.index).starts;
  const what = object({ effect: request.effectDigest, starts: BigInt(starts) });
  return { ...request, effectDigest: questionDigest(digest, { subject, id, summary, about: what }, binding), terms };
}
