/**
 * Signing as the rooms see it: a key that signs bytes, without saying where it is kept (a file, the editor's secret
 * storage, a test's hand). Ed25519 (RFC 8032) throughout.
 */

/** What a key may be used for (spec/runtime.md §7). */
export type KeyPurpose = "approval" | "receipt" | "manifest" | "keyset";

/** All purposes. */
export const keyPurposes: readonly KeyPurpose[] = ["approval", "receipt", "manifest", "keyset"];

/** A private key in use. */
export interface Signer {
  /** The key's name in key sets. */
  readonly kid: string;
  /** The raw public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Who signs with it, e.g. `user:alice@example`. */
  readonly principal: string;
  readonly purposes: readonly KeyPurpose[];
  /** The signature over exactly these bytes, 64 bytes. May ask a person; rejects with a plain sentence when refused. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}
