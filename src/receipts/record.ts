/**
 * What sealing keeps of a run while it reads the journal: digests, codes and times, never a value. Types only.
 */
import type { Activation } from "../effects/effect.ts";
import type { FailureClass } from "../graph/failure.ts";
import type { Choice, Commitment, Reference } from "./model.ts";

/** How an activation or a frame ended. */
export type Ending =
  | { readonly type: "done"; readonly skipped: boolean }
  | { readonly type: "failed"; readonly class: FailureClass | null };

/** One decision, about an effect or about a question that people were asked. */
export interface DecisionNote {
  /** Kind of the effect; for a question its subject, e.g. `approval`. */
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
