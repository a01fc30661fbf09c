/**
 * The audit of a state directory, for whoever starts runs, keeps keys, takes credentials or seals (spec/runtime.md §3,
 * docs/audit.md): typed appends, and reading it back with its trust judged.
 *
 * Nothing here stops what it records: an append that fails is a problem to be told. Without a state directory there is
 * no audit.
 */
import { auditTypes, type AppendedEntry, type AuditFields, type AuditType } from "../connect/audit/entry.ts";
import type { Audited, AuditProblem } from "../connect/audit/file.ts";
import type { AuditLine } from "../connect/audit/line.ts";
import { appendAudit, type AppendOptions, type AuditHead } from "../connect/audit/log.ts";
import { verifyAudit, type AuditReport, type AuditSigner } from "../connect/audit/verify.ts";
import type { Signer } from "../effects/signing.ts";
import { fingerprint, publicKeyOf, signatureHolds } from "../receipts/sign.ts";
import type { Environment } from "../config/problem.ts";
import { configFolderOf, type KeyOutcome, type KeyPins } from "./key-places.ts";
import { receiptVerifierKeys, type VerifierKeys } from "./receipt-keys.ts";

export { auditTypes, type AuditFields, type AuditType } from "../connect/audit/entry.ts";
export { auditFile, type Audited, type AuditProblem } from "../connect/audit/file.ts";
export type { AuditLine } from "../connect/audit/line.ts";
export type { AppendOptions, AuditHead } from "../connect/audit/log.ts";
export type { AuditReport } from "../connect/audit/verify.ts";

/** Records that a run was not begun. */
export function auditRefusedStart(
  stateDir: string,
  refused: AuditFields<"run.refused">,
  options?: AppendOptions,
): Promise<Audited<AuditHead>> {
  return appendAudit(stateDir, [{ type: "run.refused", ...refused }], options);
}

/** Records that a key was made, trusted or revoked. */
export function auditKey(
  stateDir: string,
  what: "made" | "trusted" | "revoked",
  key: AuditFields<"key.made">,
  options?: AppendOptions,
): Promise<Audited<AuditHead>> {
  return appendAudit(stateDir, [{ type: `key.${what}`, ...key }], options);
}

/** Records that trusted keys could not be fetched (spec/pipeline.md §6). */
export function auditRefreshFailed(
  stateDir: string,
  failed: AuditFields<"keys.refresh_failed">,
  options?: AppendOptions,
): Promise<Audited<AuditHead>> {
  return appendAudit(stateDir, [{ type: "keys.refresh_failed", ...failed }], options);
}

/** What became of a credential. */
export type CredentialEvent =
  | ({ readonly what: "accepted" | "used" } & Readonly<AuditFields<"credential.accepted">>)
  | ({ readonly what: "refused" } & Readonly<AuditFields<"credential.refused">>);

/** Records that a credential was accepted, refused or used up. */
export function auditCredential(
  stateDir: string,
  event: CredentialEvent,
  options?: AppendOptions,
): Promise<Audited<AuditHead>> {
  const entry: AppendedEntry =
    event.what === "refused"
      ? { ...without(event), type: "credential.refused" }
      : { ...without(event), type: `credential.${event.what}` };
  return appendAudit(stateDir, [entry], options);
}

function without<T extends { readonly what: string }>({ what: _what, ...rest }: T): Omit<T, "what"> {
  return rest;
}

/**
 * Records a run's sealed head and signs the log up to there with the key of its receipts. A signature that could not be
 * made leaves the entry in the unsigned tail and is told in `unsigned`.
 */
export function auditSealed(
  stateDir: string,
  sealed: AuditFields<"run.sealed">,
  signer: Signer | null,
  options: Omit<AppendOptions, "signer"> = {},
): Promise<Audited<AuditHead>> {
  return appendAudit(stateDir, [{ type: "run.sealed", ...sealed }], { ...options, signer });
}

/** A signer of the log, judged. */
export interface JudgedSigner extends AuditSigner {
  readonly fingerprint: string;
  readonly trusted: boolean;
  /** Why it is not to be believed; null for a trusted one. */
  readonly reason: string | null;
}

/** The two results, as for receipts (spec/runtime.md §8): does the log agree with itself, and is its signer believed. */
export interface AuditVerdict {
  readonly report: AuditReport;
  readonly signers: readonly JudgedSigner[];
  readonly integrity: boolean;
  /** True when every signature is by a trusted key; a log without any signature is not authentic. */
  readonly authenticity: boolean;
  /** Codes and sentences, the worst first. */
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

/** What a reading of the log may be asked besides. */
export interface AuditQuestion {
  /** Line hashes (hex) that must stand in the log: heads that were noted elsewhere, so that a shortened log is seen. */
  readonly contains?: readonly string[];
  readonly onLine?: (line: AuditLine, hash: string) => void;
}

/** Reads and checks the log of a state directory. Problems: `audit.missing`, `audit.io`. */
export async function readAudit(
  stateDir: string,
  trust: VerifierKeys,
  question: AuditQuestion = {},
): Promise<Audited<AuditVerdict>> {
  const missing = new Set(question.contains ?? []);
  const read = await verifyAudit(stateDir, {
    holds: (publicKey, digest, signature) => {
      const key = publicKeyOf(publicKey);
      return key !== null && signatureHolds(key, digest, signature);
    },
    onLine: (line, hash) => {
      missing.delete(hash);
      question.onLine?.(line, hash);
    },
  });
  if (!read.ok) return read;
  const report = read.value;
  const signers = report.signers.map((signer) => judged(signer, trust));
  const absent = [...missing].map((hash) => ({
    code: "audit.absent",
    message: `no line of the log has the hash ${hash}: the log was cut or is another one`,
  }));
  const unsigned = {
    code: "audit.unsigned",
    message: "no line is signed: whoever can write the file can write it anew",
  };
  const findings = [
    ...(report.problem === null ? [] : [findingOf(report.problem)]),
    ...absent,
    ...signers.flatMap(({ reason }) => (reason === null ? [] : [{ code: "untrusted_root", message: reason }])),
    ...(signers.length === 0 && report.problem === null ? [unsigned] : []),
  ];
  const integrity = report.problem === null && absent.length === 0;
  const authenticity = integrity && signers.length > 0 && signers.every((one) => one.trusted);
  return { ok: true, value: { report, signers, integrity, authenticity, findings } };
}

function findingOf({ code, message }: AuditProblem): { readonly code: string; readonly message: string } {
  return { code, message };
}

function judged(signer: AuditSigner, trust: VerifierKeys): JudgedSigner {
  const print = fingerprint(signer.publicKey);
  const known = trust.keys.filter((key) => key.fingerprint === print);
  const revoked = known.some((key) => key.status === "revoked");
  // Unlike a receipt's reader, who is somebody else, whoever asks here asks about a folder of this machine: the
  // user's own key, which stands outside it, counts.
  const trusted = !revoked && (known.length > 0 || trust.pins.has(print));
  const why = revoked
    ? "is revoked"
    : "is not trusted; pin it with --trust-root, or add it with `countersign keys trust`";
  const reason = trusted ? null : `line ${signer.lastLine}: the key ${signer.kid} (${print}) ${why}`;
  return { ...signer, fingerprint: print, trusted, reason };
}

/** The kinds of entries of which one of `words` is the whole name or what stands before its dot. */
export function auditTypesOf(words: readonly string[]): readonly AuditType[] {
  return auditTypes.filter((type) => words.some((word) => type === word || type.startsWith(`${word}.`)));
}

/** What may sign a log, for whoever reads it here: pins, the trust store, the variables, and the user's own key. */
export function auditTrust(
  env: Environment,
  pins: Pick<KeyPins, "fingerprints">,
  trustRoots: readonly string[],
): Promise<KeyOutcome<VerifierKeys>> {
  return receiptVerifierKeys(env, configFolderOf(env), pins, trustRoots);
}
