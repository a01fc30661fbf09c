/**
 * Parts of receipts' bodies: how endings are told, evidence, times and names (spec/skill-graph.md §6.3). Pure.
 */
import type { FailureClass } from "../graph/failure.ts";
import { canonicalDigest } from "./digest.ts";
import type { CriterionBinding, Disposition, Intent, ReceiptDecision, Reference } from "./model.ts";
import type { ActRecord, DecisionNote } from "./record.ts";
import type { CountedDecision } from "./stream-fold.ts";

/** How something ended, as seals and closures say it. */
export interface Result {
  readonly disposition: Disposition;
  /** Behind the prefix of the reason code. */
  readonly reason: string;
  readonly status: CriterionBinding["status"];
}

/** It ended as it should. */
export const done: Result = { disposition: "closed", reason: "closed", status: "verified" };

/** How a failure of this class is told. */
export function failureResult(kind: FailureClass | null): Result {
  switch (kind) {
    case "approval":
      return { disposition: "declined", reason: "declined", status: "failed" };
    case "policy":
      return { disposition: "blocked", reason: "authority_denied", status: "failed" };
    case "timeout":
      return { disposition: "timed_out", reason: "timed_out", status: "failed" };
    case "cancelled":
    case "budget":
      return { disposition: "killed", reason: kind, status: "failed" };
    default:
      return { disposition: "failed", reason: kind === null ? "failed" : `failed_${kind}`, status: "failed" };
  }
}

/**
 * What binds policy and environment: SHA-256 of this object's canonical form. Whoever has the policy digest and the
 * posture can compute it again.
 */
export function profileHash(started: {
  readonly policyDigest: string;
  readonly environment: string;
  readonly sideEffects?: string;
  readonly options: { readonly dryRun: string; readonly replay: boolean };
}): string {
  return canonicalDigest({
    profile_id: "countersign.enforcement.profile.v1",
    policy_digest: started.policyDigest,
    environment: started.environment,
    side_effects: started.sideEffects ?? null,
    dry_run: started.options.dryRun,
    replay: started.options.replay,
  });
}

/** A step by what it did: reason codes and criteria differ as in §6.3. */
export function familyOf({ decisions }: ActRecord): {
  readonly prefix: string;
  readonly criterion: string;
  readonly statement: string;
} {
  if (decisions.some(({ about }) => about === "model.call"))
    return { prefix: "agent_act", criterion: "act_closed", statement: "the act is closed" };
  if (decisions.some(({ about }) => about === "shell.run"))
    return { prefix: "process", criterion: "process_exit", statement: "cli-tool exits successfully" };
  return { prefix: "step", criterion: "step_completed", statement: "the step ends without a failure" };
}

/** The effects that left, as evidence. */
export function effectRefs({ performed }: ActRecord): readonly Reference[] {
  return performed.map(({ kind, digest, at, ended }) => ({
    type: "act",
    uri: `countersign:effect:${kind}`,
    locator: digest,
    label: ended === null ? "started" : ended === "doubt" ? "in doubt" : ended,
    observed_at: iso(at),
  }));
}

/** A decision about one effect or question of a node. */
export function decisionOf(note: DecisionNote, index: number, node: string, actId: string): ReceiptDecision {
  const target: Reference | null =
    note.digest === null
      ? null
      : { type: "target", uri: `countersign:effect:${note.about}`, locator: note.digest, observed_at: iso(note.at) };
  return {
    decision_id: `dec_${node}_${index + 1}`,
    choice: note.choice,
    inputs: { signal_refs: [], target_ref: target, opportunity_refs: [], selection_ref: null },
    proposed_intent: intentOf(`Decide about ${note.about} of node ${node}`, []),
    selected_act_id: note.choice === "continue" ? actId : null,
    selected_harness_ref: null,
    justification: { summary: note.code === "" ? note.choice : note.code, evidence_refs: note.evidence },
    closure: null,
    artifact_refs: [],
  };
}

/** A decision about something that was started or fetched for no step in particular. */
export function runDecision(note: DecisionNote, index: number): ReceiptDecision {
  const made = decisionOf(note, index, "run", "");
  return { ...made, proposed_intent: intentOf(`Decide about ${note.about} of the run`, []), selected_act_id: null };
}

/** The decisions of a segment that came out alike, as one with their number. */
export function countedDecision(note: CountedDecision, index: number): ReceiptDecision {
  const { kind, choice, code, count, at } = note;
  const target: Reference = { type: "target", uri: `countersign:effect:${kind}`, observed_at: iso(at) };
  return {
    decision_id: `dec_${index + 1}`,
    choice,
    inputs: { signal_refs: [], target_ref: target, opportunity_refs: [], selection_ref: null },
    proposed_intent: intentOf(`Decide about ${kind}, ${count} times`, []),
    selected_act_id: null,
    selected_harness_ref: null,
    justification: { summary: code === "" ? choice : code, evidence_refs: [] },
    closure: null,
    artifact_refs: [],
  };
}

/** The journal that a receipt was folded from, up to this line. */
export function journalRef(runId: string, head: string): Reference {
  return { type: "artifact", uri: `countersign:journal:${runId}`, locator: `sha256:${head}` };
}

/** Why something was done, and by what right. */
export function intentOf(purpose: string, criteria: Intent["success_criteria"]): Intent {
  return {
    purpose,
    legitimacy: "Every effect is decided by policy before it is performed",
    success_criteria: criteria,
    constraints: [],
    derived_from: [],
  };
}

/** How a criterion stands. */
export function binding(
  id: string,
  status: CriterionBinding["status"],
  evidence: readonly Reference[],
  summary?: string,
): CriterionBinding {
  return {
    criterion_id: id,
    status,
    evidence_refs: evidence,
    verification_refs: [],
    ...(summary === undefined ? {} : { summary }),
  };
}

/** `completed`, `declined`, `killed (abandoned)`. */
export function spoken({ disposition, reason }: Result): string {
  if (disposition === "closed") return "completed";
  return reason === disposition ? disposition : `${disposition} (${reason})`;
}

/** A name as a part of a `hrn_` identifier. */
export function identifier(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]+/g, "_");
}

/** A journal's time as receipts write it. */
export function iso(at: number): string {
  const shown = new Date(Math.min(Math.max(Math.floor(at), 0), 253_402_300_799_999));
  return shown.toISOString();
}
