/**
 * Digests of node values: what a receipt says of data without giving it away (spec/runtime.md §8).
 *
 * A value is digested in its value form (ascending keys, exact integers, floats as spec/workflow.md §1.4 writes
 * them), so `9007199254740993` and `9007199254740992`, and `1` and `1.0`, have different digests. A commitment is
 * salted, so that nobody can find a value by trying likely ones; whoever is given salt and value can check it.
 */
import { createHmac } from "node:crypto";
import { toBase64Url } from "../graph/base64url.ts";
import { stringText, toText, type Value } from "../graph/value.ts";
import { sha256 } from "./digest.ts";
import type { Commitment, CommitmentScope } from "./model.ts";

/** How the text under a commitment is made: `{"salt":"<base64url>","value":<value form>}`. */
export const VALUE_CANONICALIZATION = "countersign.salted-value.v1";

/** Gives the salt of one value by its name; always the same one for a run. */
export type Salts = (name: string) => Uint8Array;

/** Unsalted digest of a value, for values that are no secret to whoever holds the digest. */
export function valueDigest(value: Value): string {
  return sha256(toText(value));
}

/** The digest a commitment holds. */
export function commitmentDigest(salt: Uint8Array, value: Value): string {
  return sha256(`{"salt":${stringText(toBase64Url(salt))},"value":${toText(value)}}`);
}

/** A commitment to `value`. */
export function commitment(scope: CommitmentScope, salt: Uint8Array, value: Value): Commitment {
  return {
    algorithm: "sha256",
    canonicalization: VALUE_CANONICALIZATION,
    scope,
    value: commitmentDigest(salt, value),
  };
}

/**
 * The salts of a run, from one secret of it: HMAC-SHA256(secret, name). One salt can be disclosed without telling
 * anything of another, and only the secret has to outlive a crash.
 */
export function saltsOf(secret: Uint8Array): Salts {
  return (name) => createHmac("sha256", secret).update(name).digest();
}

/** The name of the salt of one committed value: the activation or frame, the scope, and which of that scope. */
export function saltName(subject: string, scope: CommitmentScope, index: number): string {
  return `${subject}\n${scope}\n${index}`;
}
