/**
 * Appends to the audit log of a state directory, from any number of processes (spec/runtime.md §3).
 *
 * Invariants: an entry that was acknowledged is durable and is never cut; lines are made durable one by one, so that
 * only the last one can be torn; a torn last line is cut by the next writer, which says so in a line of its own.
 */
import type { Signer } from "../../effects/signing.ts";
import { toBase64Url } from "../../graph/base64url.ts";
import { ensureFolder } from "../journal/create.ts";
import { processOwnership, type Ownership } from "../journal/owner.ts";
import { ioProblem, systemCode } from "../journal/problem.ts";
import type { AppendedEntry, AuditEntry } from "./entry.ts";
import { auditFile, nodeAuditFiles, type Audited, type AuditFiles } from "./file.ts";
import { decodeLine, encodeLine, FIRST_PREV, MAX_LINE, sha256, signedDigest, type AuditLine } from "./line.ts";
import { withAuditLock } from "./lock.ts";

/** How to append. */
export interface AppendOptions {
  /** Signs the log up to what is appended. */
  readonly signer?: Signer | null;
  /** Milliseconds since 1970; the system's clock by default. */
  readonly now?: () => number;
  readonly files?: AuditFiles;
  readonly ownership?: Ownership;
  /** Milliseconds to wait for other writers; 10 s by default. */
  readonly patienceMs?: number;
}

/** Where the log stands after an append. */
export interface AuditHead {
  /** The number of the last line. */
  readonly line: number;
  /** Its SHA-256 (hex). */
  readonly head: string;
  /** Why it could not be signed although that was asked for; null otherwise. */
  readonly unsigned: string | null;
}

const PATIENCE_MS = 10_000;

/** Appends of this process to one log, one after the other, so that they do not wait for each other's lock. */
const queues = new Map<string, Promise<unknown>>();

/** Appends entries, durable when this returns. Problems: `audit.io`, `audit.locked`. */
export async function appendAudit(
  stateDir: string,
  entries: readonly AppendedEntry[],
  options: AppendOptions = {},
): Promise<Audited<AuditHead>> {
  const before = queues.get(stateDir) ?? Promise.resolve();
  const mine = before.then(() => appendAlone(stateDir, entries, options));
  queues.set(stateDir, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(stateDir) === mine) queues.delete(stateDir);
  }
}

async function appendAlone(
  stateDir: string,
  entries: readonly AppendedEntry[],
  options: AppendOptions,
): Promise<Audited<AuditHead>> {
  const files = options.files ?? nodeAuditFiles;
  const file = auditFile(stateDir);
  const { ownership = processOwnership, patienceMs = PATIENCE_MS } = options;
  const io = (error: unknown): Audited<never> => {
    const { message } = ioProblem(error, "write the audit log", file);
    return { ok: false, problem: { code: "audit.io", message, file } };
  };
  try {
    await ensureFolder(files, stateDir);
  } catch (error) {
    return io(error);
  }
  return withAuditLock<AuditHead>(stateDir, { files, ownership, patienceMs }, async () => {
    try {
      return { ok: true, value: await write(files, stateDir, file, entries, options) };
    } catch (error) {
      return io(error);
    }
  });
}

async function write(
  files: AuditFiles,
  stateDir: string,
  path: string,
  entries: readonly AppendedEntry[],
  { signer = null, now = Date.now }: AppendOptions,
): Promise<AuditHead> {
  const isNew = !(await files.exists(path));
  const tail = isNew ? { seq: 0, head: FIRST_PREV, end: 0, cut: null } : await readTail(files, path);
  if (tail.cut !== null) await files.truncate(path, tail.end);
  const file = await files.openAppend(path);
  let { seq, head, end } = tail;
  const add = async (entry: AuditEntry, at = now()): Promise<void> => {
    const text = encodeLine({ seq: seq + 1, at, prev: head, entry });
    const bytes = Buffer.from(`${text}\n`, "utf8");
    try {
      await file.append(bytes);
      await file.datasync();
    } catch (error) {
      // Nobody is told of this line, so nothing of it needs to stay; what cannot be taken back, the next writer cuts.
      await files.truncate(path, end).catch((second: unknown) => {
        if (systemCode(second) === null) throw second;
      });
      throw error;
    }
    [seq, head, end] = [seq + 1, sha256(text), end + bytes.length];
  };
  try {
    // The name first: a line that is durable in a file without a name is lost.
    if (isNew) await files.syncFolder(stateDir);
    if (tail.cut !== null) await add(tail.cut);
    for (const entry of entries) await add(entry);
    if (signer === null) return { line: seq, head, unsigned: null };
    const signature = await sign(signer, { seq: seq + 1, at: now(), prev: head });
    if (typeof signature === "string") return { line: seq, head, unsigned: signature };
    await add(signature.entry, signature.at);
    return { line: seq, head, unsigned: null };
  } finally {
    await file.close();
  }
}

/** The line that signs everything above it, or the sentence that says why there is none. */
async function sign(signer: Signer, place: Omit<AuditLine, "entry">): Promise<AuditLine | string> {
  const { kid, principal, publicKey } = signer;
  const unsigned = { type: "log.signed", kid, principal, key: toBase64Url(publicKey), signature: "" } as const;
  const line = { ...place, at: Math.trunc(place.at), entry: unsigned };
  try {
    const signature = await signer.sign(new TextEncoder().encode(signedDigest(line)));
    return { ...line, entry: { ...unsigned, signature: toBase64Url(signature) } };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Tail {
  readonly seq: number;
  readonly head: string;
  /** Bytes that stay. */
  readonly end: number;
  /** What has to be said of the bytes behind them. */
  readonly cut: Extract<AuditEntry, { type: "log.cut" }> | null;
}

const CHUNK = 16 * 1024;
/** Bytes of a cut line that are kept. */
const KEPT = 1400;

/** The last whole line, and what stands behind it. */
async function readTail(files: AuditFiles, path: string): Promise<Tail> {
  const file = await files.openRead(path);
  try {
    const size = await file.size();
    const end = await lineEnd(file, size);
    const start = await lineEnd(file, end - 1);
    const last = end === 0 ? null : decodeLine(await file.read(start, Math.min(end - 1 - start, MAX_LINE)));
    if (last === null) return { seq: 0, head: FIRST_PREV, end: 0, cut: await cutOf(file, 0, size) };
    if (last.ok || !last.unparsable) {
      const head = sha256(await file.read(start, end - 1 - start));
      const seq = last.ok ? last.line.seq : await countLines(file, end);
      return { seq, head, end, cut: await cutOf(file, end, size) };
    }
    // A last line that is no JSON may be what a crash left; the one before was durable when it was begun.
    const before = start === 0 ? null : await lineEnd(file, start - 1);
    const head = before === null ? FIRST_PREV : sha256(await file.read(before, start - 1 - before));
    return { seq: await countLines(file, start), head, end: start, cut: await cutOf(file, start, size) };
  } finally {
    await file.close();
  }
}

type Reading = Awaited<ReturnType<AuditFiles["openRead"]>>;

/** The place behind the last line feed before `until`; 0 when there is none. */
async function lineEnd(file: Reading, until: number): Promise<number> {
  for (let to = until; to > 0;) {
    const from = Math.max(0, to - CHUNK);
    const feed = Buffer.from(await file.read(from, to - from)).lastIndexOf(10);
    if (feed >= 0) return from + feed + 1;
    to = from;
  }
  return 0;
}

async function countLines(file: Reading, until: number): Promise<number> {
  let count = 0;
  for (let from = 0; from < until; from += CHUNK) {
    for (const byte of await file.read(from, Math.min(CHUNK, until - from))) if (byte === 10) count++;
  }
  return count;
}

async function cutOf(file: Reading, from: number, size: number): Promise<Tail["cut"]> {
  if (from >= size) return null;
  const bytes = await file.read(from, Math.min(size - from, MAX_LINE));
  const start = toBase64Url(bytes.subarray(0, KEPT));
  return { type: "log.cut", bytes: size - from, digest: `sha256:${sha256(bytes)}`, start };
}
