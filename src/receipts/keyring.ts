/**
 * The public keys that a verifier has at hand, and which of them it trusts (spec/runtime.md §8).
 *
 * A key that only stands beside the receipts (in a bundle, in the receipt directory) can show that nothing was
 * changed after it signed: integrity. Whose key it is, only a pin tells: authenticity.
 */
import type { KeyObject } from "node:crypto";
import { fingerprint, publicKeyOf } from "./sign.ts";

/** A public key and where it comes from. */
export interface VerifierKey {
  readonly kid: string;
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Whoever verifies has said that this key is trusted for receipts. */
  readonly pinned: boolean;
  /** Nothing that it signed counts any more, whoever pins it. */
  readonly revoked?: boolean;
  /** It signed from then and until then (milliseconds since 1970); null or absent: no such bound. */
  readonly notBefore?: number | null;
  readonly retiredAt?: number | null;
}

/** What is thought of a key's signature under a receipt of some time; `unproven`: pinned, but it did not sign this. */
export type Trust = "pinned" | "unproven" | "unpinned" | "revoked" | "not_in_force";

/** A key made ready. */
interface ReadyKey {
  readonly fingerprint: string;
  readonly key: KeyObject | null;
  revoked: boolean;
  notBefore: number;
  retiredAt: number;
}

/** What was found for an issuer. */
export type KeyLookup =
  | { readonly type: "key"; readonly key: KeyObject }
  | { readonly type: "malformed" }
  | { readonly type: "other"; readonly fingerprint: string }
  | { readonly type: "missing" };

/** Keys by fingerprint, and pins. A pin needs no key: the key may stand beside the receipts. */
export class KeyRing {
  private readonly byFingerprint = new Map<string, ReadyKey>();
  private readonly byKid = new Map<string, ReadyKey>();
  private readonly pins = new Set<string>();

  constructor(keys: readonly VerifierKey[], pins: readonly string[] = []) {
    for (const key of keys) this.add(key);
    for (const pin of pins) this.pins.add(pin);
  }

  /** Adds a key. One that is here already stays; a pin is never taken away. */
  add({ kid, publicKey, pinned, revoked, notBefore, retiredAt }: VerifierKey): void {
    const print = fingerprint(publicKey);
    const ready = this.byFingerprint.get(print) ?? readyKey(print, publicKey);
    this.byFingerprint.set(print, ready);
    // Of two sources the stricter one holds.
    ready.revoked ||= revoked === true;
    ready.notBefore = Math.max(ready.notBefore, notBefore ?? Number.NEGATIVE_INFINITY);
    ready.retiredAt = Math.min(ready.retiredAt, retiredAt ?? Number.POSITIVE_INFINITY);
    if (!this.byKid.has(kid) || pinned) this.byKid.set(kid, ready);
    if (pinned) this.pins.add(print);
  }

  get isEmpty(): boolean {
    return this.byFingerprint.size === 0;
  }

  /** The key with this fingerprint; else what another key of the same name says of it. */
  lookup(kid: string, print: string): KeyLookup {
    const found = this.byFingerprint.get(print);
    if (found !== undefined) return found.key === null ? { type: "malformed" } : { type: "key", key: found.key };
    const named = this.byKid.get(kid);
    return named === undefined ? { type: "missing" } : { type: "other", fingerprint: named.fingerprint };
  }

  /** `at` is the receipt's own time, in milliseconds since 1970: only who holds the key could have chosen it. */
  trustOf(print: string, at: number): Trust {
    const key = this.byFingerprint.get(print);
    if (key?.revoked === true) return "revoked";
    if (!this.pins.has(print)) return "unpinned";
    return key !== undefined && (at < key.notBefore || at > key.retiredAt) ? "not_in_force" : "pinned";
  }
}

function readyKey(print: string, publicKey: Uint8Array): ReadyKey {
  return {
    fingerprint: print,
    key: publicKeyOf(publicKey),
    revoked: false,
    notBefore: Number.NEGATIVE_INFINITY,
    retiredAt: Number.POSITIVE_INFINITY,
  };
}
