/**
 * Signatures of receipts: Ed25519 over the ASCII text of the digest (spec/skill-graph.md §6.5).
 *
 * Signing is done by a {@link Signer}, wherever it keeps its key; checking needs the raw public key only.
 */
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import type { Signer } from "../effects/signing.ts";
import { fromBase64Url, toBase64Url } from "../graph/base64url.ts";
import { sha256 } from "./digest.ts";
import type { Issuer, IssuerType, Signature } from "./model.ts";

/** A signer of receipts, and as what it signs. */
export interface ReceiptSigner {
  readonly signer: Signer;
  readonly issuerType: IssuerType;
}

const PREFIX = "base64:";
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** What a key is called where people compare keys: `sha256:` and the hex digest of the raw key. */
export function fingerprint(publicKey: Uint8Array): string {
  return sha256(publicKey);
}

/** The issuer that a receipt of this signer names. */
export function issuerOf({ signer, issuerType }: ReceiptSigner): Issuer {
  return { kid: signer.kid, public_key_sha256: fingerprint(signer.publicKey), type: issuerType };
}

/** Signs a digest. Rejects with the signer's sentence when it refuses. */
export async function signDigest(signer: Signer, digest: string): Promise<Signature> {
  const signature = await signer.sign(new TextEncoder().encode(digest));
  if (signature.length !== SIGNATURE_BYTES) throw new TypeError(`key ${signer.kid} gave no Ed25519 signature`);
  return { alg: "Ed25519", value: PREFIX + toBase64Url(signature) };
}

/** The bytes of a signature's text; null when it is not the one text of any. */
export function signatureBytes(value: string): Uint8Array | null {
  if (!value.startsWith(PREFIX)) return null;
  const bytes = fromBase64Url(value.slice(PREFIX.length));
  return bytes?.length === SIGNATURE_BYTES ? bytes : null;
}

/** A raw public key made ready for checking; null when the bytes are no Ed25519 key. */
export function publicKeyOf(raw: Uint8Array): KeyObject | null {
  if (raw.length !== KEY_BYTES) return null;
  try {
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64Url(raw) }, format: "jwk" });
  } catch {
    // What the platform does not take as a key is none.
    return null;
  }
}

/** True when `signature` is that of `digest` under `key`. */
export function signatureHolds(key: KeyObject, digest: string, signature: Uint8Array): boolean {
  return verify(null, Buffer.from(digest, "ascii"), key, signature);
}

/** The signature text that runx gives receipts in local development. It proves nothing; see `--allow-local-…`. */
export function pseudoSignature(digest: string): string {
  return `sig:${digest}`;
}

/** The issuer that goes with {@link pseudoSignature}. */
export const pseudoIssuer: Issuer = {
  type: "local",
  kid: "runtime-skeleton",
  public_key_sha256: "sha256:runtime-skeleton-public",
};
