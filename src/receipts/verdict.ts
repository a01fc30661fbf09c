/**
 * Verdicts as JSON (spec/skill-graph.md §6.5, spec/runtime.md §8). Integrity and authenticity are two results; a
 * verdict is valid when both hold. Pure.
 */
import { snakeCode, type Finding } from "./findings.ts";
import type { ParsedReceipt } from "./parse.ts";
import type { TreeVerified } from "./tree.ts";
import { trustFinding } from "./trust.ts";
import type { Trust } from "./keyring.ts";
import { verifyOne, type DigestCheck, type OneVerified, type VerifyOptions } from "./verify-one.ts";

export const VERDICT_SCHEMA = "runx.verify_verdict.v1";

export interface VerdictFinding {
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly receipt_id?: string;
  readonly file?: string;
}

/** `expected` is recomputed, `actual` is what the receipt states. */
export interface VerdictDigest {
  readonly status: "valid" | "invalid" | "not_evaluated";
  readonly expected: string | null;
  readonly actual: string | null;
}

/** Whose keys signed, and whether they are pinned. */
export interface Authenticity {
  readonly valid: boolean;
  readonly status: "trusted" | "untrusted_root" | "revoked" | "not_in_force" | "not_evaluated";
  readonly fingerprints: readonly string[];
}

/** The verdict on one receipt. */
export interface Verdict {
  readonly schema: typeof VERDICT_SCHEMA;
  readonly receipt_id: string | null;
  readonly valid: boolean;
  readonly integrity: { readonly valid: boolean };
  readonly authenticity: Authenticity;
  readonly digest: VerdictDigest;
  readonly content_address: VerdictDigest;
  readonly signature: {
    readonly mode: "production" | "local-development";
    readonly status: OneVerified["signature"];
    readonly kid: string | null;
  };
  readonly lineage: { readonly status: "unverified"; readonly message: string };
  readonly findings: readonly VerdictFinding[];
}

const lineage = {
  status: "unverified",
  message: "single receipt verification cannot prove receipt-tree lineage",
} as const;

const notEvaluated: VerdictDigest = { status: "not_evaluated", expected: null, actual: null };

/** Verifies one receipt that was read from `file` (null: none to name). */
export function verdictOf(parsed: ParsedReceipt, file: string | null, options: VerifyOptions): Verdict {
  const place = file === null ? {} : { file };
  if (!parsed.ok) {
    return {
      schema: VERDICT_SCHEMA,
      receipt_id: null,
      valid: false,
      integrity: { valid: false },
      authenticity: { valid: false, status: "not_evaluated", fingerprints: [] },
      digest: notEvaluated,
      content_address: notEvaluated,
      signature: { mode: "production", status: "not_evaluated", kid: null },
      lineage,
      findings: [{ ...verdictFinding(parsed.finding, snakeCode), ...place }],
    };
  }
  const { receipt } = parsed;
  const one = verifyOne(receipt, options);
  const broken = [...parsed.findings, ...one.findings];
  const findings = broken.map((found) => ({ ...verdictFinding(found, snakeCode), receipt_id: receipt.id, ...place }));
  const doubt = trustFinding(one.trust, [one.fingerprint]);
  if (doubt !== null) findings.push({ ...verdictFinding(doubt, snakeCode), receipt_id: receipt.id, ...place });
  return {
    schema: VERDICT_SCHEMA,
    receipt_id: receipt.id,
    valid: broken.length === 0 && one.trust === "pinned",
    integrity: { valid: broken.length === 0 },
    authenticity: {
      valid: one.trust === "pinned",
      status: authenticityStatus(one.trust),
      fingerprints: [one.fingerprint],
    },
    digest: digestVerdict(one.digest),
    content_address: digestVerdict(one.contentAddress),
    signature: {
      mode: one.pseudo ? "local-development" : "production",
      status: one.signature,
      kid: receipt.issuer.kid,
    },
    lineage,
    findings,
  };
}

function authenticityStatus(trust: Trust): Authenticity["status"] {
  switch (trust) {
    case "pinned":
      return "trusted";
    case "unpinned":
      return "untrusted_root";
    case "unproven":
      return "not_evaluated";
    default:
      return trust;
  }
}

function digestVerdict({ expected, actual, valid }: DigestCheck): VerdictDigest {
  return { status: valid ? "valid" : "invalid", expected, actual };
}

/** One tree of a report; its findings keep the camel-case codes. */
export interface TreeVerdict {
  readonly root_receipt_id: string;
  readonly receipt_count: number;
  readonly parent_missing: boolean;
  readonly valid: boolean;
  readonly integrity: { readonly valid: boolean };
  readonly authenticity: Authenticity;
  readonly findings: readonly VerdictFinding[];
}

/** The report on a directory of receipts. */
export interface TreeReport {
  readonly receipt_dir: string;
  readonly signature_mode: "production" | "local-development";
  readonly trees: readonly TreeVerdict[];
  readonly unreadable_files: readonly { readonly file: string; readonly code: string; readonly message: string }[];
  readonly valid: boolean;
}

/** The verdict on a tree. */
export function treeVerdict(tree: TreeVerified): TreeVerdict {
  return {
    root_receipt_id: tree.rootId,
    receipt_count: tree.count,
    parent_missing: tree.parentMissing,
    valid: tree.integrity && tree.trust === "pinned",
    integrity: { valid: tree.integrity },
    authenticity: {
      valid: tree.trust === "pinned",
      status: authenticityStatus(tree.trust),
      fingerprints: tree.fingerprints,
    },
    findings: tree.findings.map((found) => verdictFinding(found, (code) => code)),
  };
}

/** Puts trees and unreadable files together. A directory without any receipt proves nothing and is not valid. */
export function treeReport(
  receiptDir: string,
  trees: readonly TreeVerified[],
  unreadable: TreeReport["unreadable_files"],
): TreeReport {
  return {
    receipt_dir: receiptDir,
    signature_mode: trees.some((tree) => tree.pseudo) ? "local-development" : "production",
    trees: trees.map(treeVerdict),
    unreadable_files: unreadable,
    valid:
      trees.length > 0 && unreadable.length === 0 && trees.every((tree) => tree.integrity && tree.trust === "pinned"),
  };
}

function verdictFinding(found: Finding, spell: (code: Finding["code"]) => string): VerdictFinding {
  const { code, path, message, receiptId, file } = found;
  return {
    code: spell(code),
    path,
    message,
    ...(receiptId === undefined ? {} : { receipt_id: receiptId }),
    ...(file === undefined ? {} : { file }),
  };
}
