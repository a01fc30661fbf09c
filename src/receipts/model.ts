/**
 * Receipts as data: `runx.receipt.v1` (spec/skill-graph.md §6.1), closed at every level. Types and word lists only.
 *
 * An optional member is omitted when absent; every other one is always present, lists also when empty, and a
 * member that may be null stands as null. `metadata` has no type here: it is unsigned, so it is never written and
 * its presence is a finding (spec/runtime.md §8).
 */
import { actForms } from "../graph/act.ts";

export const RECEIPT_SCHEMA = "runx.receipt.v1";
export const RECEIPT_CANONICALIZATION = "runx.receipt.c14n.v1";

/** How an act or a run came out. */
export const dispositions = [
  "closed",
  "deferred",
  "superseded",
  "declined",
  "blocked",
  "failed",
  "killed",
  "timed_out",
] as const;
export type Disposition = (typeof dispositions)[number];

export const issuerTypes = ["local", "hosted", "ci", "verifier"] as const;
export type IssuerType = (typeof issuerTypes)[number];

export { actForms };
export type ActForm = (typeof actForms)[number];

export const choices = ["open", "continue", "spawn_child", "escalate", "defer", "close", "decline", "monitor"] as const;
export type Choice = (typeof choices)[number];

export const commitmentScopes = ["input", "output", "stdout", "stderr", "error"] as const;
export type CommitmentScope = (typeof commitmentScopes)[number];

export const criterionStatuses = ["verified", "failed", "pending", "not_applicable", "unknown"] as const;
export type CriterionStatus = (typeof criterionStatuses)[number];

export const proofKinds = ["effect_evidence", "effect_finality", "credential_resolution"] as const;
export type ProofKind = (typeof proofKinds)[number];

export const referenceTypes = [
  "github_issue",
  "github_pull_request",
  "github_repo",
  "slack_thread",
  "sentry_event",
  "provider_thread",
  "provider_event",
  "provider_comment",
  "tracking_item",
  "change_request",
  "repository",
  "support_ticket",
  "signal",
  "act",
  "receipt",
  "graph_receipt",
  "artifact",
  "verification",
  "harness",
  "host",
  "deployment",
  "surface",
  "target",
  "opportunity",
  "thesis_assessment",
  "selection",
  "skill_binding",
  "target_transition_entry",
  "selection_cycle",
  "decision",
  "reflection_entry",
  "feed_entry",
  "principal",
  "authority_proof",
  "scope_admission",
  "grant",
  "mandate",
  "credential",
  "webhook_delivery",
  "redaction_policy",
  "external_url",
] as const;
export type ReferenceType = (typeof referenceTypes)[number];

/** Points at something outside the receipt, or at another receipt (`runx:receipt:<id>`, its digest in `locator`). */
export interface Reference {
  readonly type: ReferenceType;
  readonly uri: string;
  readonly provider?: string;
  readonly locator?: string;
  readonly label?: string;
  readonly observed_at?: string;
  readonly proof_kind?: ProofKind;
}

/** Who sealed. `public_key_sha256` is `sha256:` and the hex digest of the raw key. */
export interface Issuer {
  readonly type: IssuerType;
  readonly kid: string;
  readonly public_key_sha256: string;
}

/** `value`: `base64:` and base64url of the signature over the ASCII digest text. */
export interface Signature {
  /** Always `Ed25519` in what this program writes. */
  readonly alg: string;
  readonly value: string;
}

/** What a receipt says of a value without giving it away: SHA-256 over {salt, value}. */
export interface Commitment {
  readonly scope: CommitmentScope;
  readonly algorithm: string;
  readonly value: string;
  readonly canonicalization: string;
}

export interface InputContext {
  readonly source: string;
  readonly preview: string;
  readonly value_hash: string;
}

export interface Subject {
  readonly kind: string;
  readonly ref: Reference;
  readonly input_context?: InputContext;
  readonly commitments: readonly Commitment[];
}

/** A JSON object whose members other issuers define (authority terms, proofs, details of acts, sync points). */
export interface OpenObject {
  readonly [key: string]: OpenValue;
}
export type OpenValue = null | boolean | number | string | readonly OpenValue[] | OpenObject;

export interface Attenuation {
  readonly parent_authority_ref: Reference | null;
  /** Names the same parent in its own `parent_authority_ref`. */
  readonly subset_proof: OpenObject | null;
}

export interface Enforcement {
  readonly profile_hash: string;
  readonly redaction_refs: readonly Reference[];
  readonly setup_refs: readonly Reference[];
  readonly teardown_refs: readonly Reference[];
}

export interface Authority {
  readonly actor_ref: Reference;
  readonly grant_refs: readonly Reference[];
  readonly scope_refs: readonly Reference[];
  readonly authority_proof_refs: readonly Reference[];
  readonly attenuation: Attenuation;
  readonly mandate_ref?: Reference;
  readonly terms: readonly OpenObject[];
  readonly enforcement: Enforcement;
}

export interface CriterionBinding {
  readonly criterion_id: string;
  readonly status: CriterionStatus;
  readonly evidence_refs: readonly Reference[];
  readonly verification_refs: readonly Reference[];
  readonly summary?: string;
}

export interface SuccessCriterion {
  readonly criterion_id: string;
  readonly statement: string;
  readonly required: boolean;
}

export interface Intent {
  readonly purpose: string;
  readonly legitimacy: string;
  readonly success_criteria: readonly SuccessCriterion[];
  readonly constraints: readonly string[];
  readonly derived_from: readonly Reference[];
}

export interface Closure {
  readonly disposition: Disposition;
  readonly reason_code: string;
  readonly summary: string;
  readonly closed_at: string;
}

/** What made an act; null where it is not known. */
export interface ActBy {
  readonly provider: string | null;
  readonly model: string | null;
  readonly prompt_version: string | null;
}

export interface Act {
  readonly id: string;
  readonly form: ActForm;
  readonly intent: Intent;
  readonly summary: string;
  readonly criterion_bindings: readonly CriterionBinding[];
  readonly by?: ActBy;
  readonly source_refs: readonly Reference[];
  readonly target_refs: readonly Reference[];
  readonly artifact_refs: readonly Reference[];
  readonly context_ref?: Reference;
  readonly closure: Closure;
  /** Required for the form `revision`, refused for every other one. */
  readonly revision?: OpenObject;
  /** Likewise for the form `verification`. */
  readonly verification?: OpenObject;
}

export interface DecisionInputs {
  readonly signal_refs: readonly Reference[];
  readonly target_ref: Reference | null;
  readonly opportunity_refs: readonly Reference[];
  readonly selection_ref: Reference | null;
}

export interface Justification {
  readonly summary: string;
  readonly evidence_refs: readonly Reference[];
}

export interface ReceiptDecision {
  readonly decision_id: string;
  readonly choice: Choice;
  readonly inputs: DecisionInputs;
  readonly proposed_intent: Intent;
  readonly selected_act_id: string | null;
  readonly selected_harness_ref: Reference | null;
  readonly justification: Justification;
  readonly closure: Closure | null;
  readonly artifact_refs: readonly Reference[];
}

export interface Seal {
  readonly disposition: Disposition;
  readonly reason_code: string;
  readonly summary: string;
  readonly closed_at: string;
  readonly last_observed_at: string;
  readonly criteria: readonly CriterionBinding[];
}

/** Links between receipts. Not part of the id, so that parent and child can name each other (§6.4). */
export interface Lineage {
  readonly parent?: Reference;
  readonly previous?: Reference;
  readonly children: readonly Reference[];
  /** How fan-out groups were joined. */
  readonly sync: readonly OpenObject[];
  readonly resume_ref?: Reference;
}

export interface Idempotency {
  readonly intent_key: string;
  readonly trigger_fingerprint: string;
  readonly content_hash: string;
}

/** What a receipt says, before id, issuer, digest and signature are known. */
export interface ReceiptBody {
  readonly schema: typeof RECEIPT_SCHEMA;
  readonly created_at: string;
  readonly canonicalization: string;
  readonly idempotency: Idempotency;
  readonly subject: Subject;
  readonly authority: Authority;
  readonly signals: readonly Reference[];
  readonly decisions: readonly ReceiptDecision[];
  readonly acts: readonly Act[];
  readonly seal: Seal;
  readonly lineage?: Lineage;
}

/** A sealed receipt. `id` and `digest` are `sha256:` and 64 lower-case hex digits (§6.2). */
export interface Receipt extends ReceiptBody {
  readonly id: string;
  readonly issuer: Issuer;
  readonly signature: Signature;
  readonly digest: string;
}

/** The uri of a receipt in a reference. */
export function receiptUri(id: string): string {
  return `runx:receipt:${id}`;
}

/** The id that a reference's uri names; null when it is no uri of a receipt. */
export function receiptIdOf(uri: string): string | null {
  const id = uri.startsWith("runx:receipt:") ? uri.slice("runx:receipt:".length) : "";
  return isSha256(id) ? id : null;
}

/** True for `sha256:` and 64 lower-case hex digits. */
export function isSha256(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
