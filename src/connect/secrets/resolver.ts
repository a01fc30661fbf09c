/**
 * How other rooms ask for a secret: by document and name, at the moment of use. Types only.
 */
import type { Activation, PreparedEffect } from "../../effects/effect.ts";
import type { Failure } from "../../graph/failure.ts";

/**
 * A secret's value, or why there is none. `problem` is "secret `<N>`: …" (spec/workflow.md §12) and never holds a
 * value; `failure` is set when fetching was refused or ended from outside and stands for the whole effect.
 */
export type SecretResult =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string; readonly failure?: Failure };

/** Gives secrets to those who send them. */
export interface SecretResolver {
  /**
   * `document` is the key of the document whose `[[secrets]]` apply; then the operator's environment. `act` is the
   * activation whose effect needs the secret; absent: none does.
   */
  resolve(document: string, name: string, signal: AbortSignal, act?: Activation): Promise<SecretResult>;
}

/** For whom a secret is fetched. */
export interface SecretRequest {
  readonly document: string;
  readonly secret: string;
  /** The activation that needs it first; absent: none does. */
  readonly act?: Activation;
}

/**
 * Asked before a secret command is started or a token is fetched, which are effects like any other (spec/runtime.md
 * §2); null lets it happen. In the prepared effect secrets stand by name.
 */
export type Admit = (prepared: PreparedEffect, request: SecretRequest) => Promise<Failure | null>;
