/**
 * One receipt against its own digest, content address and signature (spec/skill-graph.md §6.5). Pure but for the
 * platform's cryptography; never throws for what a receipt says.
 */
import { receiptDigest, receiptId } from "./digest.ts";
import type { Finding, FindingCode } from "./findings.ts";
import type { KeyRing, Trust } from "./keyring.ts";
import { isSha256, type Receipt } from "./model.ts";
import { pseudoIssuer, pseudoSignature, signatureBytes, signatureHolds } from "./sign.ts";
import { structureFindings } from "./structure.ts";

/** What a verifier goes by. */
export interface VerifyOptions {
  readonly keys: KeyRing;
  /** Take `sig:<digest>` for a signature (`--allow-local-development-signatures`). */
  readonly allowPseudo: boolean;
}

/** A stated digest beside the recomputed one. */
export interface DigestCheck {
  readonly expected: string;
  readonly actual: string;
  readonly valid: boolean;
}

/** What came of one receipt. Findings about trust are not among them; see {@link OneVerified.trust}. */
export interface OneVerified {
  readonly digest: DigestCheck;
  readonly contentAddress: DigestCheck;
  readonly signature: "valid" | "invalid" | "not_evaluated";
  readonly pseudo: boolean;
  /** Fingerprint of the key that the receipt names. */
  readonly fingerprint: string;
  /** What is thought of that key. A pin of a key whose signature does not hold says nothing. */
  readonly trust: Trust;
  readonly findings: readonly Finding[];
}

/** Checks structure, digest, content address and signature. */
export function verifyOne(receipt: Receipt, options: VerifyOptions): OneVerified {
  const findings: Finding[] = [...structureFindings(receipt)];
  const digest = check(receiptDigest(receipt), receipt.digest);
  const contentAddress = check(receiptId(receipt), receipt.id);
  if (!digest.valid) {
    const message = "receipt digest must match the canonical receipt body commitment";
    findings.push({ code: "SealDigestMismatch", path: "digest", message });
  }
  if (!contentAddress.valid) {
    const message = "receipt id must be the content address of the receipt body";
    findings.push({ code: "ContentAddressMismatch", path: "id", message });
  }
  const pseudo = receipt.signature.value.startsWith("sig:");
  const problem = pseudo
    ? pseudoProblem(receipt, digest.expected, options.allowPseudo)
    : signatureProblem(receipt, digest.expected, options.keys);
  if (problem !== null) findings.push(problem);
  const print = receipt.issuer.public_key_sha256;
  return {
    digest,
    contentAddress,
    signature: problem === null ? "valid" : problem.code === "SignatureInvalid" ? "invalid" : "not_evaluated",
    pseudo,
    fingerprint: print,
    trust: trustOf(receipt, options, pseudo, problem === null),
    findings,
  };
}

function trustOf(
  { issuer, created_at: createdAt }: Receipt,
  options: VerifyOptions,
  pseudo: boolean,
  holds: boolean,
): Trust {
  if (pseudo) return holds ? "pinned" : "unpinned";
  const trust = options.keys.trustOf(issuer.public_key_sha256, Date.parse(createdAt));
  return trust === "pinned" && !holds ? "unproven" : trust;
}

function check(expected: string, actual: string): DigestCheck {
  return { expected, actual, valid: expected === actual };
}

/** The signature is held against the recomputed digest, so that a changed body shows here too. */
function signatureProblem({ issuer, signature }: Receipt, digest: string, keys: KeyRing): Finding | null {
  if (signature.alg !== "Ed25519")
    return finding("SignatureUnsupportedAlgorithm", "signature.alg", "receipts are signed with Ed25519");
  const bytes = signatureBytes(signature.value);
  if (bytes === null) {
    const message = "a signature is base64: and the strict base64url of 64 bytes";
    return finding("SignatureMalformed", "signature.value", message);
  }
  if (!isSha256(issuer.public_key_sha256)) {
    const message = "a key's fingerprint is sha256: and 64 lower-case hex digits";
    return finding("SignatureKeyMalformed", "issuer.public_key_sha256", message);
  }
  if (keys.isEmpty) {
    const message = "there is no key to check signatures with: name a key set, or verify where the public key stands";
    return finding("SignatureVerifierMissing", "issuer", message);
  }
  const found = keys.lookup(issuer.kid, issuer.public_key_sha256);
  switch (found.type) {
    case "missing":
      return finding("SignatureKeyMissing", "issuer", "signature verifier could not resolve the issuer key");
    case "other": {
      const message = `the known key ${JSON.stringify(issuer.kid)} has another fingerprint: ${found.fingerprint}`;
      return finding("SignatureKeyHashMismatch", "issuer.public_key_sha256", message);
    }
    case "malformed":
      return finding("SignatureKeyMalformed", "issuer", "the issuer's key is no Ed25519 public key");
    case "key":
      if (signatureHolds(found.key, digest, bytes)) return null;
      return invalid();
  }
}

function pseudoProblem({ issuer, signature }: Receipt, digest: string, allowed: boolean): Finding | null {
  if (!allowed || issuer.type !== pseudoIssuer.type || issuer.kid !== pseudoIssuer.kid) {
    const message = "a signature of local development proves nothing and was not allowed";
    return finding("SignatureUnsupportedIssuer", "issuer", message);
  }
  return signature.value === pseudoSignature(digest) ? null : invalid();
}

function invalid(): Finding {
  const message = "signature does not verify against the receipt body commitment";
  return finding("SignatureInvalid", "signature.value", message);
}

function finding(code: FindingCode, path: string, message: string): Finding {
  return { code, path, message };
}
