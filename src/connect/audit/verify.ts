/**
 * Reads the audit log of a state directory line by line and checks it: form, numbers, hash chain and signatures
 * (spec/runtime.md §3). Memory does not grow with the log.
 *
 * Integrity only: whose key signed is told, whether it is to be believed is the caller's matter.
 */
import { fromBase64Url } from "../../graph/base64url.ts";
import { ioProblem, systemCode } from "../journal/problem.ts";
import { auditFile, nodeAuditFiles, type Audited, type AuditFiles, type AuditProblem } from "./file.ts";
import { decodeLine, FIRST_PREV, MAX_LINE, sha256, signedDigest, type AuditLine } from "./line.ts";

/** Checks an Ed25519 signature over the ASCII text of a digest, under a raw public key. */
export type SignatureHolds = (publicKey: Uint8Array, digest: string, signature: Uint8Array) => boolean;

/** How to read a log. */
export interface VerifyOptions {
  readonly holds: SignatureHolds;
  readonly files?: Pick<AuditFiles, "openRead">;
  /** Gets every line that is in order, with its SHA-256 (hex). */
  readonly onLine?: (line: AuditLine, hash: string) => void;
}

/** A key that signed. */
export interface AuditSigner {
  readonly kid: string;
  readonly principal: string;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** How often it signed, and its last signature's line and time. */
  readonly signatures: number;
  readonly lastLine: number;
  readonly lastAt: number;
}

/** What was found. Lines count from 1. */
export interface AuditReport {
  /** Whole lines in order, up to the first problem. */
  readonly lines: number;
  /** SHA-256 (hex) of the last of them; null in an empty log. */
  readonly head: string | null;
  /** The line of the last signature that holds; 0 for none. What stands behind it is the unsigned tail. */
  readonly signedUpTo: number;
  readonly signers: readonly AuditSigner[];
  /** Lines that say that something was cut above them, and how many bytes. */
  readonly cuts: readonly { readonly line: number; readonly bytes: number }[];
  /** Bytes of an unfinished last line, which the next writer will cut; 0 for none. */
  readonly torn: number;
  /** The first thing that is not in order. */
  readonly problem: AuditProblem | null;
}

/** At most so many signers and cuts are told of. */
const MAX_TOLD = 100;

/** Checks the log. Problems: `audit.missing`, `audit.io`; a broken log is a report with a problem. */
export async function verifyAudit(stateDir: string, options: VerifyOptions): Promise<Audited<AuditReport>> {
  const file = auditFile(stateDir);
  const check = new Check(file, options);
  try {
    const rest = await eachLine(options.files ?? nodeAuditFiles, file, (bytes) => check.take(bytes));
    return { ok: true, value: check.report(rest) };
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return { ok: false, problem: { code: "audit.missing", message: "there is no audit log", file } };
    }
    const { message } = ioProblem(error, "read the audit log", file);
    return { ok: false, problem: { code: "audit.io", message, file } };
  }
}

class Check {
  private lines = 0;
  private head: string | null = null;
  private signedUpTo = 0;
  private readonly signers = new Map<string, AuditSigner>();
  private readonly cuts: { line: number; bytes: number }[] = [];
  private problem: AuditProblem | null = null;
  private zeroed: number | null = null;
  private readonly file: string;
  private readonly options: VerifyOptions;

  constructor(file: string, options: VerifyOptions) {
    this.file = file;
    this.options = options;
  }

  /** Takes the next whole line; false ends the reading. */
  take(bytes: Uint8Array): boolean {
    if (this.zeroed !== null) return this.stop("audit.broken", "it is not JSON");
    const decoded = decodeLine(bytes);
    if (!decoded.ok && decoded.unparsable && bytes.includes(0)) {
      // Zeros are what a loss of power leaves of a last line; before any other line they are damage.
      this.zeroed = bytes.length + 1;
      return true;
    }
    if (!decoded.ok) return this.stop("audit.broken", decoded.reason);
    const { line } = decoded;
    if (line.prev !== (this.head ?? FIRST_PREV)) {
      return this.stop("audit.broken", "the hash of the line before it does not agree");
    }
    if (line.seq !== this.lines + 1) return this.stop("audit.broken", `it says that it is line ${line.seq}`);
    if (line.entry.type === "log.signed") {
      const wrong = this.signature(line);
      if (wrong !== null) return this.stop("audit.signature", wrong);
    }
    if (line.entry.type === "log.cut" && this.cuts.length < MAX_TOLD) {
      this.cuts.push({ line: line.seq, bytes: line.entry.bytes });
    }
    this.lines++;
    this.head = sha256(bytes);
    this.options.onLine?.(line, this.head);
    return true;
  }

  /** `rest`: what stands behind the last line feed. */
  report(rest: Uint8Array): AuditReport {
    // A crash leaves a part of a line; a whole one with another byte behind it has had its line feed damaged.
    if (this.problem === null && rest.length > 1 && decodeLine(rest.subarray(0, -1)).ok) {
      this.stop("audit.broken", "its line feed is damaged");
    }
    const { lines, head, signedUpTo, cuts, problem } = this;
    const torn = problem === null ? rest.length + (this.zeroed ?? 0) : 0;
    return { lines, head, signedUpTo, signers: [...this.signers.values()], cuts, torn, problem };
  }

  private stop(code: AuditProblem["code"], reason: string): false {
    const line = this.lines + 1;
    this.problem = { code, message: `line ${line}: ${reason}`, file: this.file, line };
    return false;
  }

  private signature(line: AuditLine): string | null {
    if (line.entry.type !== "log.signed") return null;
    const { kid, key, principal, signature } = line.entry;
    const [publicKey, bytes] = [fromBase64Url(key), fromBase64Url(signature)];
    if (publicKey?.length !== 32 || bytes?.length !== 64) return "its key or signature is not what Ed25519 has";
    if (!this.options.holds(publicKey, signedDigest(line), bytes)) {
      return `the signature by key ${kid} does not agree with what stands above it`;
    }
    this.signedUpTo = line.seq;
    const known = this.signers.get(key);
    if (known === undefined && this.signers.size >= MAX_TOLD) return "more keys have signed than a log can have";
    const signatures = (known?.signatures ?? 0) + 1;
    this.signers.set(key, { kid, principal, publicKey, signatures, lastLine: line.seq, lastAt: line.at });
    return null;
  }
}

const CHUNK = 64 * 1024;
const nothing = new Uint8Array();

/** Hands on whole lines, without their line feeds; gives what stands behind the last of them. */
async function eachLine(
  files: Pick<AuditFiles, "openRead">,
  path: string,
  take: (line: Uint8Array) => boolean,
): Promise<Uint8Array> {
  const file = await files.openRead(path);
  try {
    const size = await file.size();
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; at < size;) {
      const bytes = await file.read(at, Math.min(CHUNK, size - at));
      if (bytes.length === 0) break;
      at += bytes.length;
      rest = Buffer.concat([rest, bytes]);
      let from = 0;
      for (let feed = rest.indexOf(10); feed >= 0; feed = rest.indexOf(10, from)) {
        if (!take(rest.subarray(from, feed))) return nothing;
        from = feed + 1;
      }
      rest = rest.subarray(from);
      if (rest.length > MAX_LINE) {
        take(rest);
        return nothing;
      }
    }
    return rest;
  } finally {
    await file.close();
  }
}
