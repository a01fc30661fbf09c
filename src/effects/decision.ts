/**
 * Decisions about effects (spec/pipeline.md §4). The decider is the only door between a handler and the world.
 */
import type { DocumentPolicy, McpServer } from "../graph/model.ts";
import type { Failure } from "../graph/failure.ts";
import type { Activation, PreparedEffect } from "./effect.ts";
import type { ApprovalRequest, ApprovalTerms, CredentialRef } from "./events.ts";

export type DecisionKind = "Allow" | "DryRunOnly" | "RequireApproval" | "Deny";

/** A decision with its stable code and the sentence that explains it. */
export interface Decision {
  readonly decision: DecisionKind;
  readonly code: string;
  readonly reason: string;
  /** The credentials that an `approved` rests on; they are consumed when the effect starts. */
  readonly approvals?: readonly CredentialRef[];
  /** What a credential for the effect must cover, e.g. `http.request:POST https://…`. */
  readonly capability?: string;
}

/**
 * What approvals of an effect must be bound to, and which there are (spec/runtime.md §7). An answer is only a pointer
 * to credentials: they are verified again at every decision.
 */
export interface ApprovalQuestion {
  /** Text form of the activation; attempts under one idempotency key share that of the first. */
  readonly nodeId: string;
  /** The effect's digest for that activation. */
  readonly digest: string;
  readonly inputDigest: string;
  /** Names this use of an approval: the same for attempts and in-doubt repeats under one idempotency key. */
  readonly use: string;
  /** Credentials that answered requests of this effect, with the digest that each request was about. */
  readonly granted: readonly { readonly credential: string; readonly digest: string }[];
  /** Milliseconds since 1970, by the clock: a stale approval must not pass because nothing was journalled since. */
  readonly now: number;
}

/** A request for an answer, as terms are laid down for it. */
export interface TermsQuestion {
  readonly subject: ApprovalRequest["subject"];
  readonly activation: Activation;
  /** Text form of the activation, or of the first one where attempts share their approval. */
  readonly nodeId: string;
  /** That of the effect that needs approval, or whose end nobody knows; null where nothing would be done. */
  readonly capability: string | null;
  readonly rule: string;
  readonly inputDigest: string | null;
  readonly answerSchema: string | null;
  readonly at: number;
}

/** A policy that an effect must pass, and whose it is. Outermost first. */
export interface PolicyScope {
  readonly file: string;
  readonly policy: DocumentPolicy | null;
  readonly mcpServers: readonly McpServer[];
}

/** A question to the decider. `at` is the journalled time (milliseconds since 1970). */
export interface DecisionRequest {
  readonly prepared: PreparedEffect;
  readonly activation: Activation;
  readonly nodeKind: string;
  readonly scopes: readonly PolicyScope[];
  readonly dryRun: boolean;
  readonly replay: boolean;
  /** The effect was chosen by a model, not by the author (spec/runtime.md §2). */
  readonly chosenByModel: boolean;
  readonly at: number;
  /** Key of the stage that asks; absent or null for other nodes. */
  readonly stageKey?: string | null;
  /** Absent: nobody can have approved. */
  readonly approval?: ApprovalQuestion;
}

/** Decides effects. Must not touch the world except for policy code it was given at start. */
export interface Decider {
  decide(request: DecisionRequest): Decision | Promise<Decision>;
  /** Environment name and digest of all policies, bound into every effect digest. */
  readonly environment: string;
  readonly policyDigest: string;
  /** Under what terms a request may be answered. Absent: whoever resumes the run answers. */
  terms?(question: TermsQuestion): ApprovalTerms;
  /**
   * Uses the approvals up that an `approved` rests on, durably, right before the effect starts. A failure: they do not
   * count any more, and nothing may happen.
   */
  consume?(request: DecisionRequest): Promise<Failure | null>;
}
