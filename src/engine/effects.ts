/**
 * One effect's way: prepared, decided, started durably, performed, ended durably (spec/runtime.md §2, §5).
 */
import type { Decider, Decision, DecisionRequest } from "../effects/decision.ts";
import type { Effect, EffectResult, PreparedEffect } from "../effects/effect.ts";
import type { EffectScope, Performer } from "../effects/seam.ts";
import type { Failure } from "../graph/failure.ts";
import { displayText } from "../graph/value.ts";
import { templateParts } from "../graph/template.ts";
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
  const frame = runner.state.frames.get(act.frame);
  const { started } = runner.state;
  if (frame === undefined || started === null) return;
  const dryRun = started.options.dryRun !== "no";
  const request: DecisionRequest = {
    prepared,
    activation: act,
    nodeKind: scope.nodeKind,
    scopes: policyScopes(runner.documents, runner.state, frame),
    dryRun,
    replay: started.options.replay,
    chosenByModel: open.request.chosenByModel === true,
    at: runner.state.at,
  };
  const decision = await decide(seam.decider, request);
  const live: Decision | null = dryRun ? await decide(seam.decider, { ...request, dryRun: false }) : null;
  if (runner.work.abandoned) return;
  const binding = {
    run: started.runId,
    activation: act,
    graphDigest: runner.state.resumed?.graphDigest ?? started.graphDigest,
    policyDigest: started.policyDigest,
    environment: started.environment,
  };
  const decided = {
    type: "effect.decided",
    act,
    index: open.index,
    kind: effect.kind,
    request: requestDigest(seam.digest, effect),
    description: prepared.description,
    digest: effectDigest(seam.digest, prepared, binding),
    decision: decision.decision,
    code: decision.code,
    reason: decision.reason,
  } as const;
  runner.append(live === null ? decided : { ...decided, live: { decision: live.decision, code: live.code } });
  runner.handlers.prepared(activation.key, { ...open, prepared });
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
