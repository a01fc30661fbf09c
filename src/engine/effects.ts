/**
 * One effect's way: prepared, decided, started durably, performed, ended durably (spec/runtime.md §2, §5).
 */
import type { ApprovalQuestion, Decider, Decision, DecisionRequest } from "../effects/decision.ts";
import { activationKey, type Effect, type EffectResult, type PreparedEffect } from "../effects/effect.ts";
import type { EffectScope, Performer } from "../effects/seam.ts";
import type { Failure } from "../graph/failure.ts";
import { displayText } from "../graph/value.ts";
import { templateParts } from "../graph/template.ts";
import { bindingOf } from "./asking.ts";
import { tokensLeft, writesLeft } from "./budget.ts";
import { effectDigest, requestDigest } from "./digests.ts";
import { lookup, policyScopes } from "./documents.ts";
import type { OpenRequest } from "./plan.ts";
import { effectScope, type Runner } from "./runner.ts";
import { requestAt, type ActivationState } from "./state.ts";

/** Prepares an effect and journals what governance decides about it. */
export async function decideEffect(runner: Runner, activation: ActivationState, open: OpenRequest): Promise<void> {
  if (open.request.type !== "effect") return;
  const { effect } = open.request;
  const { act } = activation;
  const { seam } = runner.input;
  const scope = effectScope(runner, act, idempotencyKey(runner, activation));
  const prepared = await prepare(seam.performer, effect, scope);
  if (runner.work.abandoned) return;
  if (isFailure(prepared)) {
    end(runner, activation, open, { ok: false, failure: prepared }, "engine");
    return;
  }
  const asked = decisionRequest(runner, activation, { ...open, prepared }, scope);
  if (asked === null) return;
  const { request, approval, digest } = asked;
  const { dryRun } = request;
  const decision = await decide(seam.decider, request);
  const live: Decision | null = dryRun ? await decide(seam.decider, { ...request, dryRun: false }) : null;
  if (runner.work.abandoned) return;
  const decided = {
    type: "effect.decided",
    act,
    index: open.index,
    kind: effect.kind,
    request: approval.inputDigest,
    description: prepared.description,
    digest,
    decision: decision.decision,
    code: decision.code,
    reason: decision.reason,
    ...(live === null ? {} : { live: { decision: live.decision, code: live.code } }),
    ...(decision.capability === undefined ? {} : { capability: decision.capability }),
    ...(decision.approvals === undefined ? {} : { approvals: decision.approvals }),
  } as const;
  runner.append(decided);
  runner.handlers.prepared(activation.key, { ...open, prepared, approval });
}

/** An effect as governance is asked about it, with its own digest. */
interface AskedEffect {
  readonly request: DecisionRequest;
  readonly approval: ApprovalQuestion;
  readonly digest: string;
}

/** The question to governance about a prepared effect; null when its frame is gone. */
function decisionRequest(
  runner: Runner,
  activation: ActivationState,
  open: OpenRequest & { readonly prepared: PreparedEffect },
  scope: EffectScope,
): AskedEffect | null {
  const { act } = activation;
  const frame = runner.state.frames.get(act.frame);
  const { started } = runner.state;
  const bound = approvalQuestion(runner, activation, open, scope);
  if (frame === undefined || started === null || bound === null) return null;
  const { approval } = bound;
  const key = scope.nodeKind === "stage" ? runner.documents.node(frame.document, act.node)?.fields["key"] : null;
  const request: DecisionRequest = {
    prepared: open.prepared,
    activation: act,
    nodeKind: scope.nodeKind,
    scopes: policyScopes(runner.documents, runner.state, frame),
    dryRun: started.options.dryRun !== "no",
    replay: started.options.replay,
    chosenByModel: open.request.type === "effect" && open.request.chosenByModel === true,
    at: runner.state.at,
    stageKey: typeof key === "string" ? key : null,
    approval,
  };
  return { request, ...bound };
}

/** What approvals of this effect must be bound to, and which the run was given (spec/runtime.md §7). */
function approvalQuestion(
  runner: Runner,
  activation: ActivationState,
  open: OpenRequest & { readonly prepared: PreparedEffect },
  scope: EffectScope,
): Omit<AskedEffect, "request"> | null {
  const { state } = runner;
  const { digest, clock } = runner.input.seam;
  const keyed = scope.idempotencyKey !== null && open.prepared.effect.kind === "http.request";
  // Attempts under one idempotency key are one use, so they are what the first one was.
  const act = keyed ? { ...activation.act, attempt: 1 } : activation.act;
  const binding = bindingOf(runner, activation.act);
  if (binding === null || open.request.type !== "effect") return null;
  const request = requestAt(activation, open.index);
  const nodeId = activationKey(act);
  const effect = effectDigest(digest, open.prepared, binding);
  const own =
    act.attempt === activation.act.attempt
      ? effect
      : effectDigest(digest, open.prepared, { ...binding, activation: act });
  const once = keyed ? [own, scope.idempotencyKey] : [String(open.index), String(request.starts + 1)];
  const digests = request.doubtAnswer?.approved === true && request.doubtDigest !== null ? [request.doubtDigest] : [];
  const approval: ApprovalQuestion = {
    nodeId,
    digest: own,
    inputDigest: requestDigest(digest, open.request.effect),
    use: JSON.stringify([binding.run, nodeId, ...once]),
    granted: [own, ...digests].flatMap((about) =>
      (state.granted.get(about) ?? []).map((one) => ({ credential: one.digest, digest: about })),
    ),
    now: clock.now(),
  };
  return { approval, digest: effect };
}

/** A performer's bug while it looks is the effect's failure; nothing has happened yet. */
async function prepare(performer: Performer, effect: Effect, scope: EffectScope): Promise<PreparedEffect | Failure> {
  try {
    return await performer.prepare(effect, scope);
  } catch (problem) {
    return { class: "internal", message: `${scope.nodeKind}: the effect could not be prepared: ${textOf(problem)}` };
  }
}

const decisions: ReadonlySet<unknown> = new Set(["Allow", "DryRunOnly", "RequireApproval", "Deny"]);

/** Asks governance. A policy that fails, or answers what is no decision, denies (DESIGN.md idea 5). */
async function decide(decider: Decider, request: DecisionRequest): Promise<Decision> {
  const denied = (why: string): Decision => ({ decision: "Deny", code: "policy_error", reason: why });
  try {
    const decision = (await decider.decide(request)) as Decision | undefined | null;
    if (decision !== undefined && decision !== null && decisions.has(decision.decision)) return decision;
    return denied("the policy did not answer with a decision");
  } catch (problem) {
    return denied(`the policy could not be evaluated: ${textOf(problem)}`);
  }
}

function textOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}

/** Performs a decided effect, or answers it in a dry run. */
export async function performEffect(runner: Runner, activation: ActivationState, open: OpenRequest): Promise<void> {
  if (open.request.type !== "effect" || open.prepared === null) return;
  const { effect, problem } = open.request;
  const { seam } = runner.input;
  if (problem !== undefined) return end(runner, activation, open, { ok: false, failure: problem }, "engine");
  const scope = effectScope(runner, activation.act, idempotencyKey(runner, activation));
  const mode = runner.state.started?.options.dryRun ?? "no";
  const { decided } = requestAt(activation, open.index);
  // Only in a dry run are some effects real although the run is not.
  const real = decided?.decision === "Allow" && (mode === "no" || performedInDryRun(effect, mode));
  if (!real) {
    const reply = seam.rehearsal?.reply(effect, scope) ?? null;
    if (reply !== null) return end(runner, activation, open, reply.result, reply.by);
    return end(runner, activation, open, { ok: true, value: null }, "dry");
  }
  const spent = overBudget(runner, activation, effect);
  if (spent !== null) return end(runner, activation, open, { ok: false, failure: spent }, "engine");
  if (!(await runner.owns()) || runner.halted) return;
  if ((decided.approvals?.length ?? 0) > 0 && !(await consumed(runner, activation, open, scope))) return;
  const controller = runner.work.abortable();
  try {
    runner.append({ type: "effect.started", act: activation.act, index: open.index, digest: decided.digest });
    // Asked again, because this process may have been stopped for long while it waited for the disk.
    if (!(await runner.durable()) || !(await runner.owns())) return;
    const performing = perform(seam.performer, open.prepared, scope, controller.signal);
    runner.work.prepareAbortable();
    const result = await performing;
    // What is known is kept; an effect that was cut by a stop is left open for the resume.
    if (runner.work.abandoned || (controller.signal.aborted && runner.leavingOpen && !result.ok)) return;
    const told = controller.signal.aborted ? interrupted(controller.signal, result) : result;
    end(runner, activation, open, told, "performer");
  } finally {
    runner.work.released(controller);
  }
  await runner.durable();
}

/**
 * Uses up the approvals that the effect's decision rests on; false when they do not count any more: then it is decided
 * again in full, and the planner asks once more.
 */
async function consumed(
  runner: Runner,
  activation: ActivationState,
  open: OpenRequest,
  scope: EffectScope,
): Promise<boolean> {
  const { decider } = runner.input.seam;
  const { prepared } = open;
  const asked = prepared === null ? null : decisionRequest(runner, activation, { ...open, prepared }, scope);
  if (asked === null || decider.consume === undefined) return false;
  const refused = await decider.consume(asked.request);
  if (refused === null) return !runner.halted;
  // A ledger that cannot be written would be found so again and again.
  if (refused.class !== "approval") runner.abort(refused);
  else await decideEffect(runner, activation, open);
  return false;
}

/** A performer's bug leaves it open whether the effect happened. */
async function perform(
  performer: Performer,
  prepared: PreparedEffect,
  scope: EffectScope,
  signal: AbortSignal,
): Promise<EffectResult> {
  if (signal.aborted) return { ok: false, failure: { class: "cancelled", message: "the run ended before the effect" } };
  try {
    return await performer.perform(prepared, scope, signal);
  } catch (problem) {
    const message = `${scope.nodeKind}: the effect failed inside the engine: ${textOf(problem)}`;
    return { ok: false, failure: { class: "internal", message }, doubt: true };
  }
}

/** The result of an effect that the run's end cut: class `timeout` or `cancelled`, and doubt stays doubt. */
function interrupted(signal: AbortSignal, result: EffectResult): EffectResult {
  if (result.ok) return result;
  const kind = signal.reason === "timeout" ? "timeout" : "cancelled";
  return { ...result, failure: { class: kind, message: result.failure.message } };
}

/** The environment is read in every dry run (workflow.md §5.11); files only where reads were asked for. */
function performedInDryRun(effect: Effect, mode: "stub" | "reads"): boolean {
  return effect.kind === "env.read" || (effect.kind === "fs.read" && mode === "reads");
}

function end(
  runner: Runner,
  activation: ActivationState,
  open: OpenRequest,
  result: EffectResult,
  by: "performer" | "dry" | "mock" | "record" | "engine",
): void {
  runner.append({
    type: "effect.ended",
    act: activation.act,
    index: open.index,
    ok: result.ok,
    value: result.ok ? result.value : null,
    failure: result.ok ? null : result.failure,
    by,
    usage: result.ok ? (result.usage ?? null) : null,
    doubt: !result.ok && result.doubt === true,
  });
}

function isFailure(prepared: PreparedEffect | Failure): prepared is Failure {
  return "class" in prepared;
}

function overBudget(runner: Runner, activation: ActivationState, effect: Effect): Failure | null {
  if (effect.kind === "model.call") return tokensLeft(runner, activation.act);
  if (effect.kind !== "fs.write" || effect.content === null) return null;
  const bytes =
    typeof effect.content === "string" ? new TextEncoder().encode(effect.content).length : effect.content.length;
  return writesLeft(runner, activation.act.frame, bytes);
}

/** The node's `idempotency_key`, rendered over the frame's context; a marker without a value stays as it is. */
function idempotencyKey(runner: Runner, activation: ActivationState): string | null {
  const frame = runner.state.frames.get(activation.act.frame);
  const key =
    frame === undefined ? undefined : runner.documents.node(frame.document, activation.act.node)?.idempotencyKey;
  if (frame === undefined || key === undefined || key === null) return null;
  const rules = runner.documents.rules(frame.document);
  return templateParts(key)
    .map((part) => {
      if (part.type === "text") return part.text;
      const found = lookup(rules, frame, part.key);
      return found.state === "found" ? displayText(found.value) : `{{${part.key}}}`;
    })
    .join("");
}
