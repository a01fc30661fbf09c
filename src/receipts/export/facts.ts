/**
 * What an export says of a run beside its receipts: who, what, where, when, every step's time, every approval. A fold
 * over the journal, signed into the attestation (spec/runtime.md §8).
 *
 * Invariants: names, codes, digests and times only, and the reasons that people gave for their answers; no value of a
 * node, no path outside of the document's folder, nothing that an effect said. Bounded by {@link MAX_STEPS}.
 */
import path from "node:path";
import { activationKey } from "../../effects/effect.ts";
import type { CredentialRef, JournalEvent } from "../../effects/events.ts";
import { iso } from "../seal-parts.ts";

/** Steps that are listed; more are counted. */
export const MAX_STEPS = 5000;
/** Approvals that are listed; more are counted. */
const MAX_APPROVALS = 1000;
/** Characters of a person's reason. */
const MAX_REASON = 2000;

export const stepOutcomes = ["completed", "ended_run", "failed", "skipped", "open"] as const;

/** One activation of a node, effectful or not. `step` is `frame/node#visit.attempt`. */
export interface StepFact {
  readonly step: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: (typeof stepOutcomes)[number];
}

/** A signed answer, by its digest. */
export interface CredentialFact {
  readonly digest: string;
  readonly approval_id: string;
  readonly kid: string;
  readonly principal: string;
}

/** A question to people, and its answer; `approved` null: nobody answered. */
export interface ApprovalFact {
  readonly id: string;
  readonly step: string;
  readonly subject: string;
  /** Code that asked; null where none was recorded. */
  readonly rule: string | null;
  readonly asked_at: string;
  readonly answered_at: string | null;
  readonly approved: boolean | null;
  readonly by: string | null;
  readonly reason: string | null;
  readonly credentials: readonly CredentialFact[];
}

/** A document that the run pinned; `name` is relative to the folder of the run's own document. */
export interface DocumentFact {
  readonly name: string;
  readonly role: string;
  readonly digest: string;
}

/** The facts of one run. */
export interface RunFacts {
  readonly run_id: string;
  readonly workflow: string;
  readonly dialect: string;
  readonly document: string;
  readonly documents: readonly DocumentFact[];
  readonly graph_digest: string;
  readonly policy_digest: string;
  readonly environment: string;
  readonly side_effects: string | null;
  readonly dry_run: string;
  readonly replay: boolean;
  readonly principal: string;
  /** Key that signed the start; null: nobody vouched for the principal's name. */
  readonly requester_kid: string | null;
  readonly trigger: string;
  readonly started_at: string;
  readonly ended_at: string;
  /** `killed`: it was cut, and nobody went on with it. */
  readonly outcome: "completed" | "failed" | "timed_out" | "killed";
  readonly steps: readonly StepFact[];
  readonly steps_omitted: number;
  readonly approvals: readonly ApprovalFact[];
  readonly approvals_omitted: number;
}

type Started = Extract<JournalEvent, { type: "run.started" }>;
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Collects the facts of a run from its events. */
export class FactsFold {
  private started: Started | null = null;
  private startedAt = 0;
  private lastAt = 0;
  private documents: Started["documents"] = [];
  private graphDigest = "";
  private principal = "";
  private outcome: RunFacts["outcome"] = "killed";
  private over = false;
  private readonly steps: Draft<StepFact>[] = [];
  private readonly open = new Map<string, Draft<StepFact>>();
  private stepsOmitted = 0;
  private readonly approvals: Draft<ApprovalFact>[] = [];
  private readonly asked = new Map<string, Draft<ApprovalFact>>();
  private approvalsOmitted = 0;
  private readonly credentials = new Set<string>();

  /** Takes the next event. Events after the end change nothing. */
  add(event: JournalEvent): void {
    if (this.over) return;
    this.lastAt = event.at;
    switch (event.type) {
      case "run.started":
        this.started = event;
        this.startedAt = event.at;
        return this.inForce(event);
      case "run.resumed":
        return this.inForce(event);
      case "node.entered":
        return this.entered(activationKey(event), event.at);
      case "node.ended":
        return this.left(activationKey(event), event.at, outcomeOf(event.outcome));
      case "node.failed":
        return this.left(activationKey(event), event.at, "failed");
      case "approval.requested":
        return this.requested(event);
      case "approval.answered":
        return this.answered(event);
      case "effect.decided":
        return this.decided(event);
      case "run.ended":
        if (event.outcome === "paused") return;
        this.outcome = event.outcome;
        this.over = true;
        return;
      default:
        return;
    }
  }

  /** The facts so far; null before the run has begun. */
  facts(): RunFacts | null {
    const { started } = this;
    if (started === null) return null;
    const folder = path.dirname(started.root);
    const name = (key: string): string =>
      (path.isAbsolute(key) ? path.relative(folder, key) : key).replaceAll("\\", "/");
    return {
      run_id: started.runId,
      workflow: started.workflow,
      dialect: started.dialect,
      document: name(started.root),
      documents: this.documents.map(({ key, role, digest }) => ({ name: name(key), role, digest })),
      graph_digest: this.graphDigest,
      policy_digest: started.policyDigest,
      environment: started.environment,
      side_effects: started.sideEffects ?? null,
      dry_run: started.options.dryRun,
      replay: started.options.replay,
      principal: this.principal,
      requester_kid: started.requester?.kid ?? null,
      trigger: started.triggerKind,
      started_at: iso(this.startedAt),
      ended_at: iso(this.lastAt),
      outcome: this.outcome,
      steps: this.steps.map((step) => ({ ...step })),
      steps_omitted: this.stepsOmitted,
      approvals: this.approvals.map((one) => ({ ...one })),
      approvals_omitted: this.approvalsOmitted,
    };
  }

  private inForce(event: Pick<Started, "documents" | "graphDigest" | "principal">): void {
    this.documents = event.documents;
    this.graphDigest = event.graphDigest;
    this.principal = event.principal;
  }

  private entered(step: string, at: number): void {
    if (this.open.has(step)) return;
    if (this.steps.length >= MAX_STEPS) {
      this.stepsOmitted++;
      return;
    }
    const fact: Draft<StepFact> = { step, started_at: iso(at), ended_at: null, outcome: "open" };
    this.steps.push(fact);
    this.open.set(step, fact);
  }

  private left(step: string, at: number, outcome: StepFact["outcome"]): void {
    const fact = this.open.get(step);
    if (fact === undefined) return;
    fact.ended_at = iso(at);
    fact.outcome = outcome;
    this.open.delete(step);
  }

  private requested(event: Extract<JournalEvent, { type: "approval.requested" }>): void {
    const fact: Draft<ApprovalFact> = {
      id: event.id,
      step: activationKey(event.act),
      subject: event.subject,
      rule: event.terms?.rule ?? null,
      asked_at: iso(event.at),
      answered_at: null,
      approved: null,
      by: null,
      reason: null,
      credentials: [],
    };
    if (!this.keep(fact)) return;
    this.asked.set(event.id, fact);
  }

  private answered(event: Extract<JournalEvent, { type: "approval.answered" }>): void {
    const fact = this.asked.get(event.id);
    if (fact === undefined) return;
    const signed = event.credentials ?? [];
    for (const { digest } of signed) this.credentials.add(digest);
    fact.answered_at = iso(event.at);
    fact.approved = event.approved;
    fact.by = signed.length === 0 ? event.by : unique(signed.map(({ principal }) => principal)).join(", ");
    fact.reason = event.reason === null ? null : event.reason.slice(0, MAX_REASON);
    fact.credentials = signed.map(credentialFact);
  }

  /** Credentials that stood ready before anybody was asked. */
  private decided(event: Extract<JournalEvent, { type: "effect.decided" }>): void {
    const fresh = (event.approvals ?? []).filter(({ digest }) => !this.credentials.has(digest));
    for (const one of fresh) {
      this.credentials.add(one.digest);
      this.keep({
        id: one.approvalId,
        step: activationKey(event.act),
        subject: "effect",
        rule: event.code,
        asked_at: iso(event.at),
        answered_at: iso(event.at),
        approved: true,
        by: one.principal,
        reason: null,
        credentials: [credentialFact(one)],
      });
    }
  }

  private keep(fact: Draft<ApprovalFact>): boolean {
    if (this.approvals.length >= MAX_APPROVALS) {
      this.approvalsOmitted++;
      return false;
    }
    this.approvals.push(fact);
    return true;
  }
}

function credentialFact({ digest, approvalId, kid, principal }: CredentialRef): CredentialFact {
  return { digest, approval_id: approvalId, kid, principal };
}

function outcomeOf(outcome: "continue" | "terminate" | "fail" | "skip"): StepFact["outcome"] {
  if (outcome === "continue") return "completed";
  return outcome === "terminate" ? "ended_run" : outcome === "skip" ? "skipped" : "failed";
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
