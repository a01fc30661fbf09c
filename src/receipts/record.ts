/**
 * What sealing keeps of a run while it reads the journal: digests, codes and times, and of values only what a
 * declared act names. Types, and what they are made of failures.
 */
import type { Activation } from "../effects/effect.ts";
import type { DecisionKind } from "../effects/decision.ts";
import type { Failure, FailureClass } from "../graph/failure.ts";
import { object, type Value } from "../graph/value.ts";
import type { ActNotes } from "./declared.ts";
import type { Choice, Commitment, Reference } from "./model.ts";

/** How an activation or a frame ended. */
export type Ending =
  | { readonly type: "done"; readonly skipped: boolean }
  | { readonly type: "failed"; readonly class: FailureClass | null };

/** One decision: about an effect, about what an effect needs first, or about a question that people were asked. */
export interface DecisionNote {
  /** Kind of the effect; for a question its subject, e.g. `approval`; `mcp_server` or `secret` for what it needs. */
  readonly about: string;
  readonly choice: Choice;
  /** The decision's code. */
  readonly code: string;
  /** Effect digest; null for a question without an effect. */
  readonly digest: string | null;
  readonly at: number;
  /** Credentials behind it. */
  readonly evidence: readonly Reference[];
}

/** An effect that was started. */
export interface PerformedNote {
  readonly kind: string;
  readonly digest: string;
  readonly at: number;
  ended: "ok" | "failed" | "doubt" | null;
}

/** One effectful activation. */
export interface ActRecord {
  readonly act: Activation;
  readonly enteredAt: number;
  readonly graphDigest: string;
  readonly principal: string;
  readonly decisions: DecisionNote[];
  readonly performed: PerformedNote[];
  readonly grants: Reference[];
  readonly commitments: Commitment[];
  /** An approval was refused, or nobody gave it in time. */
  declined: boolean;
  /** Provider and model of its last model call. */
  model: { readonly provider: string | null; readonly model: string | null } | null;
  ending: Ending | null;
  endedAt: number | null;
}

/** One walk. */
export interface FrameRecord {
  readonly frame: string;
  /** The frame above; null for the root. */
  readonly parent: string | null;
  readonly openedAt: number;
  readonly graphDigest: string;
  readonly principal: string;
  readonly commitments: Commitment[];
  /** The act that its skill declares; null: none, or one without a purpose. */
  readonly declared: ActNotes | null;
  ending: Ending | "timed_out" | null;
  endedAt: number | null;
  /** What stands below it, in the order in which it came about. */
  readonly below: (ActRecord | FrameRecord)[];
}

/** How the whole run ended. */
export interface RunEnding {
  readonly outcome: "completed" | "failed" | "timed_out";
  /** The failure's class, where the run failed with a hard error. */
  readonly class: FailureClass | null;
}

/** How decisions stand in receipts (spec/runtime.md §8). */
export const choiceOf: Readonly<Record<DecisionKind, Choice>> = {
  Allow: "continue",
  RequireApproval: "defer",
  Deny: "decline",
  DryRunOnly: "monitor",
};

/** A failure as an ending. */
export function failed({ class: kind }: Failure): Ending {
  return { type: "failed", class: kind };
}

/** A failure as the value that is committed to. */
export function failureValue({ class: kind, message }: Failure): Value {
  return object({ class: kind, message });
}

/** Provider and model as a model call's description names them. */
export function modelOf(description: Readonly<Record<string, unknown>>): NonNullable<ActRecord["model"]> {
  const { provider, model } = description;
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return { provider: text(provider), model: text(model) };
}
