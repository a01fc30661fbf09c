/**
 * What the performer needs of a model backend, whatever stands behind it (spec/workflow.md §9.2, §9.3).
 */
import type { Activation, ModelEffect } from "../../effects/effect.ts";
import { failure, type Failure } from "../../graph/failure.ts";

/** A completed call, or why there is none. Tokens a backend did not report are 0. */
export type Completion =
  | {
      readonly ok: true;
      readonly content: string;
      readonly promptTokens: bigint;
      readonly completionTokens: bigint;
    }
  | { readonly ok: false; readonly failure: Failure };

/** One configured model. */
export interface Backend {
  readonly name: string;
  /** A provider of §9.2, or `unix` / `http` for the transports of §9.3. */
  readonly provider: string;
  /** Host (and port) or socket path that is asked. */
  readonly endpoint: string;
  /** Name of the secret that is sent along; null for none. */
  readonly secret: string | null;
  /** The model name that goes over the wire. */
  model(effect: ModelEffect): string;
  /** The `max_tokens` that goes over the wire; null when none is sent. */
  maxTokens(effect: ModelEffect): number | null;
  /** Never rejects. `act` is the activation that asks. */
  complete(effect: ModelEffect, signal: AbortSignal, act?: Activation): Promise<Completion>;
}

/** A failed completion of class `intelligence`. */
export function unanswered(detail: string): Completion {
  return { ok: false, failure: failure("intelligence", detail) };
}
