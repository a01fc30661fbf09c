/**
 * Secrets as these rooms use them: asked for by name at each use, and taken out of text that comes back.
 *
 * Invariant: a value never stands in a failure, a description or a model's answer.
 */
import type { Activation } from "../../effects/effect.ts";
import type { Failure } from "../../graph/failure.ts";

/**
 * Finds a secret's value, for the activation that needs it. `message` says why there is none and never holds a value;
 * `failure` is set when fetching was refused or ended from outside and stands for the whole effect.
 */
export type ResolveSecret = (
  name: string,
  act?: Activation,
) => Promise<
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string; readonly failure?: Failure }
>;

/** Asks whether a secret can be found, for checks at the start. A {@link ResolveSecret} is one. */
export type ProbeSecret = (
  name: string,
) => Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;

/** A secret in use. */
export interface NamedSecret {
  readonly name: string;
  readonly value: string;
}

/** Values shorter than this are not looked for: they would match ordinary text (spec/runtime.md §3). */
const SHORTEST = 6;

/** `text` with every occurrence of a secret (plain, base64, percent-encoded, JSON-escaped) as `{secret:NAME}`. */
export function maskSecrets(text: string, secrets: readonly NamedSecret[]): string {
  let masked = text;
  for (const { name, value } of secrets) {
    if (Buffer.byteLength(value) < SHORTEST) continue;
    const forms = new Set([value, JSON.stringify(value).slice(1, -1), percent(value), base64(value)]);
    for (const form of forms) masked = masked.replaceAll(form, () => `{secret:${name}}`);
  }
  return masked;
}

function percent(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString());
}

function base64(value: string): string {
  return Buffer.from(value).toString("base64").replace(/=+$/, "");
}

/** "secret `X`: why", whether or not the resolver's message already begins so. */
export function secretProblem(name: string, message: string): string {
  return message.startsWith(`secret \`${name}\``) ? message : `secret \`${name}\`: ${message}`;
}
