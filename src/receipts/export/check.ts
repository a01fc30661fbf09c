/**
 * Everything of an export but its receipts against each other, which `tree.ts` checks: the envelope's signature, the
 * statement against what was signed, the facts against the receipts, and what is attached against its digests. Pure.
 */
import { verify } from "node:crypto";
import { fromBase64Url } from "../../graph/base64url.ts";
import { fromBase64 } from "../../graph/bytes.ts";
import { canonicalText } from "../canonical.ts";
import { sha256 } from "../digest.ts";
import type { Finding, FindingCode } from "../findings.ts";
import type { Trust } from "../keyring.ts";
import { profileHash } from "../seal-parts.ts";
import type { VerifyOptions } from "../verify-one.ts";
import { preAuthEncoding, subjectsOf } from "./attestation.ts";
import type { Attachment } from "./bundle.ts";
import { differencesOf, differenceWords } from "./differences.ts";
import type { ReadExport } from "./read.ts";

/** What came of it. */
export interface ExportChecked {
  /** All of them break integrity. */
  readonly findings: readonly Finding[];
  /** What is thought of the envelope's key. */
  readonly trust: Trust;
  readonly fingerprint: string;
}

/** Differences that are named; the first ones tell enough. */
const MAX_DIFFERENCES = 20;

/** Checks an export. */
export function checkExport(read: ReadExport, file: string | null, options: VerifyOptions): ExportChecked {
  const findings: Finding[] = [...read.findings];
  const { receipt: root } = read.root;
  const place = file === null ? {} : { file };
  const add = (code: FindingCode, path: string, message: string, receiptId = root.id): void => {
    findings.push({ code, path, message, receiptId, ...place });
  };
  const signature = read.envelope.signatures[0];
  const print = signature?.keyid ?? "";
  const broken = signatureProblem(read, options);
  if (broken !== null) add(broken.code, broken.path, broken.message);
  if (read.bundle !== null) differences(read, add);
  agreement(read, add);
  if (read.bundle !== null) attached(read, add);
  const said = read.statement.predicate.run?.ended_at ?? root.created_at;
  const trust = options.keys.trustOf(print, Date.parse(said));
  return { findings, trust: trust === "pinned" && broken !== null ? "unproven" : trust, fingerprint: print };
}

type Add = (code: FindingCode, path: string, message: string, receiptId?: string) => void;

function signatureProblem(
  { envelope, payload }: ReadExport,
  { keys }: VerifyOptions,
): Pick<Finding, "code" | "path" | "message"> | null {
  const path = "envelope.signatures[0]";
  const [signature] = envelope.signatures;
  const bytes = signature === undefined ? undefined : fromBase64(signature.sig);
  if (signature === undefined || bytes?.length !== 64) {
    const message = "the envelope's signature must be padded base64 of 64 bytes";
    return { code: "SignatureMalformed", path: `${path}.sig`, message };
  }
  const found = keys.lookup("", signature.keyid);
  if (found.type !== "key") {
    const message = "the key that signed the envelope is not known";
    return { code: "SignatureKeyMissing", path: `${path}.keyid`, message };
  }
  if (verify(null, preAuthEncoding(envelope.payloadType, payload), found.key, bytes)) return null;
  const message = "the envelope's signature does not verify against its payload";
  return { code: "SignatureInvalid", path: `${path}.sig`, message };
}

/** Where the statement that people read is not the one that was signed. */
function differences(read: ReadExport, add: Add): void {
  if (read.signedStatement === undefined) return;
  const { receipts } = read.statement.predicate;
  for (const one of differencesOf(read.statement, read.signedStatement, "statement", MAX_DIFFERENCES)) {
    const at = /^statement\.predicate\.receipts\[(\d+)\]/.exec(one.path)?.[1];
    const id = at === undefined ? undefined : receipts[Number(at)]?.id;
    add("BundleContentMismatch", one.path, differenceWords(one), id);
  }
}

/** The facts and subjects must be those of the receipts. */
function agreement({ statement, root: { receipt: root } }: ReadExport, add: Add): void {
  const { predicate, subject } = statement;
  const { run } = predicate;
  if (predicate.root.id !== root.id || predicate.root.digest !== root.digest) {
    add("BundleContentMismatch", "statement.predicate.root", "it must name the last receipt, which is the run's");
  }
  if (canonicalText(subject) !== canonicalText(subjectsOf(root, run))) {
    add("BundleContentMismatch", "statement.subject", "the subjects must be the run's receipt and its documents");
  }
  if (run === null) return;
  if (run.graph_digest !== root.idempotency.content_hash) {
    const message = "it must be the digest that the run's receipt is bound to (idempotency.content_hash)";
    add("BundleContentMismatch", "statement.predicate.run.graph_digest", message);
  }
  const profile = profileHash({
    policyDigest: run.policy_digest,
    environment: run.environment,
    ...(run.side_effects === null ? {} : { sideEffects: run.side_effects }),
    options: { dryRun: run.dry_run, replay: run.replay },
  });
  if (profile !== root.authority.enforcement.profile_hash) {
    const message = "policy, environment and posture must be those that the run's receipt is bound to (profile_hash)";
    add("BundleContentMismatch", "statement.predicate.run.environment", message);
  }
}

/** Disclosed values, documents and credentials against what binds them. */
function attached({ bundle, statement }: ReadExport, add: Add): void {
  if (bundle === null) return;
  const { receipts, run } = statement.predicate;
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]));
  for (const [at, { receipt, commitment, scope, salt, value }] of bundle.disclosed.entries()) {
    const wanted = byId.get(receipt)?.subject.commitments[commitment];
    const path = `disclosed[${at}]`;
    const digest = fromBase64Url(salt) === null ? null : sha256(`{"salt":"${salt}","value":${value}}`);
    if (wanted !== undefined && wanted.scope === scope && wanted.value === digest) continue;
    const where = `subject.commitments[${commitment}]`;
    add("BundleDisclosureMismatch", path, `value and salt do not give the digest of ${where}`, receipt);
  }
  const named = new Set((run?.documents ?? []).map(({ digest }) => digest));
  attachments(bundle.documents, named, "documents", add);
  const used = new Set((run?.approvals ?? []).flatMap((one) => one.credentials.map(({ digest }) => digest)));
  attachments(bundle.credentials, used, "credentials", add);
}

function attachments(some: readonly Attachment[], named: ReadonlySet<string>, what: string, add: Add): void {
  for (const [at, { digest, base64 }] of some.entries()) {
    const bytes = fromBase64(base64);
    const path = `${what}[${at}]`;
    if (bytes === undefined || sha256(bytes) !== digest) {
      add("BundleAttachmentMismatch", `${path}.base64`, `the bytes are not those of ${digest}`);
    } else if (!named.has(digest)) {
      add("BundleAttachmentMismatch", `${path}.digest`, "the run names nothing of this digest");
    }
  }
}
