/** Findings about whose key signed (spec/runtime.md §8): authenticity, which is apart from integrity. Pure. */
import type { Finding } from "./findings.ts";
import type { Trust } from "./keyring.ts";

/** From best to worst: a tree is trusted as its worst signature is. */
const order: readonly Trust[] = ["pinned", "unproven", "unpinned", "not_in_force", "revoked"];

/** The worse of two. */
export function worse(a: Trust, b: Trust): Trust {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** Why signatures of these keys are not believed, and what to do; null when they are. */
export function trustFinding(trust: Trust, fingerprints: readonly string[]): Finding | null {
  const prints = fingerprints.join(", ");
  switch (trust) {
    case "pinned":
    case "unproven":
      return null;
    case "unpinned": {
      const message = `the signing key is not pinned (${prints}); compare the fingerprint with whoever signed, then pass --trust-root or trust the key`;
      return { code: "UntrustedRoot", path: "issuer", message };
    }
    case "revoked": {
      const message = `the signing key was revoked (${prints}); nothing that it signed counts`;
      return { code: "SignatureKeyRevoked", path: "issuer", message };
    }
    case "not_in_force": {
      const message = `the signing key was not in force when the receipt says it was made (${prints})`;
      return { code: "SignatureKeyNotInForce", path: "created_at", message };
    }
  }
}
