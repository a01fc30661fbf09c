/**
 * Parts of receipts' bodies: how endings are told, evidence, times and names (spec/skill-graph.md §6.3). Pure.
 *
 * What is made here and in its neighbours has its keys in canonical order, so that its text need not be sorted.
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
    label: ended === null ? "started" : ended === "doubt" ? "in doubt" : ended,
    locator: digest,
    observed_at: iso(at),
    type: "act",
    uri: `countersign:effect:${kind}`,
  }));
}

/** A decision about one effect or question of a node. */
export function decisionOf(note: DecisionNote, index: number, node: string, actId: string): ReceiptDecision {
  const target: Reference | null =
    note.digest === null
      ? null
      : { locator: note.digest, observed_at: iso(note.at), type: "target", uri: `countersign:effect:${note.about}` };
  return {
    artifact_refs: [],
    choice: note.choice,
    closure: null,
    decision_id: `dec_${node}_${index + 1}`,
    inputs: { opportunity_refs: [], selection_ref: null, signal_refs: [], target_ref: target },
    justification: { evidence_refs: note.evidence, summary: note.code === "" ? note.choice : note.code },
    proposed_intent: intentOf(`Decide about ${note.about} of node ${node}`, []),
    selected_act_id: note.choice === "continue" ? actId : null,
    selected_harness_ref: null,
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
  const target: Reference = { observed_at: iso(at), type: "target", uri: `countersign:effect:${kind}` };
  return {
    artifact_refs: [],
    choice,
    closure: null,
    decision_id: `dec_${index + 1}`,
    inputs: { opportunity_refs: [], selection_ref: null, signal_refs: [], target_ref: target },
    justification: { evidence_refs: [], summary: code === "" ? choice : code },
    proposed_intent: intentOf(`Decide about ${kind}, ${count} times`, []),
    selected_act_id: null,
    selected_harness_ref: null,
  };
}

/** The journal that a receipt was folded from, up to this line. */
export function journalRef(runId: string, head: string): Reference {
  return { locator: `sha256:${head}`, type: "artifact", uri: `countersign:journal:${runId}` };
}

/** Why something was done, and by what right. */
export function intentOf(purpose: string, criteria: Intent["success_criteria"]): Intent {
  return {
    constraints: [],
    derived_from: [],
    legitimacy: "Every effect is decided by policy before it is performed",
    purpose,
    success_criteria: criteria,
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
    evidence_refs: evidence,
    status,
    ...(summary === undefined ? {} : { summary }),
    verification_refs: [],
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
