/**
 * Keys that an editor keeps in its own secret storage: made, opened, and shown as public keys (docs/keys.md). Where the
 * secret lies is the editor's business; nothing here writes one anywhere.
 */
import { randomBytes } from "node:crypto";
import { memorySigner } from "../../connect/keys/store.ts";
import type { KeyPurpose, Signer } from "../../effects/signing.ts";
import { fingerprint, serializeKeySet } from "../../governance/credentials/key-set.ts";
import { isPrincipalName } from "../../governance/credentials/rules.ts";
import { fromBase64Url, toBase64Url } from "../../graph/base64url.ts";

/** A key without its private part. */
export interface EditorKey {
  readonly kid: string;
  /** Raw, base64url. */
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly principal: string;
  readonly purposes: readonly KeyPurpose[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Makes one. `secret` is to be put away at once. */
export function makeEditorKey(
  principal: string,
  purposes: readonly KeyPurpose[],
  createdAt: number,
): { readonly key: EditorKey; readonly secret: string } {
  const seed = randomBytes(32);
  const { publicKey } = memorySigner(seed, { kid: "", principal, purposes });
  const print = fingerprint(publicKey);
  const kid = `editor-${print.slice("sha256:".length, "sha256:".length + 16)}`;
  const key = { kid, publicKey: toBase64Url(publicKey), fingerprint: print, principal, purposes, createdAt };
  return { key, secret: toBase64Url(seed) };
}

/** The key, ready to sign; null when the secret is not that key's. */
export function editorSigner(key: EditorKey, secret: string): Signer | null {
  const seed = fromBase64Url(secret);
  if (seed?.length !== 32) return null;
  const signer = memorySigner(seed, { kid: key.kid, principal: key.principal, purposes: key.purposes });
  return toBase64Url(signer.publicKey) === key.publicKey ? signer : null;
}

/** The public key set of these keys, to be given to whoever is to trust them (`countersign keys trust FILE`). */
export function publicKeySet(keys: readonly EditorKey[]): string {
  const trusted = keys.map(({ kid, publicKey, principal, purposes }) => ({
    ...{ kid, purposes, publicKey: fromBase64Url(publicKey) ?? new Uint8Array(), principals: [principal] },
    ...{ status: "active" as const, notBefore: null, retiredAt: null, environments: null },
  }));
  return serializeKeySet({ issuer: "editor", fetchedAt: null, keys: new Map(trusted.map((key) => [key.kid, key])) });
}

/** Why a text cannot name who signs; null when it can. */
export function principalProblem(text: string): string | null {
  if (isPrincipalName(text)) return null;
  return "A name without white space, such as user:alice@example.";
}
