/**
 * Segments as files: how one comes to be, and which of a folder's segments make up the run.
 *
 * A segment is born whole: its header (and, after a take-over, its first event) is made durable under another name
 * and then linked to `journal.<epoch>.jsonl`, which fails when that epoch exists. So there is never a segment
 * without an owner, and of two takers one loses. Where a file system has no links the file is created exclusively
 * instead; what a crash leaves there without a whole beginning is *unborn* and counts for nothing but its number.
 *
 * A header names the epoch that it continues, so the run is the path from the highest born segment back to the
 * first.
 */
import type { JournalEvent } from "../../effects/events.ts";
import { decodeLine, type DecodedLine, type SegmentHeader } from "./codec.ts";
import type { AppendFile, JournalFiles } from "./file.ts";
import { segmentEpoch, segmentFile } from "./layout.ts";
import { refused, systemCode, type Checked, type JournalProblem } from "./problem.ts";

/** No link could be made because the file system knows none. */
const noLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Creates the segment `epoch` holding `lines`, durable, name and all. null when that epoch exists already.
 * Rejects with the system's error.
 */
export async function createSegment(
  files: JournalFiles,
  folder: string,
  epoch: number,
  nonce: string,
  lines: readonly string[],
): Promise<AppendFile | null> {
  const bytes = Buffer.from(`${lines.join("\n")}\n`, "utf8");
  const draft = `${folder}/segment.${nonce}.tmp`;
  const target = segmentFile(folder, epoch);
  const file = await files.create(draft);
  try {
    await file.append(bytes);
    await file.datasync();
    await files.link(draft, target);
  } catch (error) {
    await file.close();
    await files.unlink(draft);
    const code = systemCode(error);
    if (code === "EEXIST") return null;
    if (code === null || !noLinks.has(code)) throw error;
    return createInPlace(files, folder, target, bytes);
  }
  try {
    await files.unlink(draft);
    await files.syncFolder(folder);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function createInPlace(
  files: JournalFiles,
  folder: string,
  target: string,
  bytes: Uint8Array,
): Promise<AppendFile | null> {
  let file: AppendFile;
  try {
    file = await files.create(target);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return null;
    throw error;
  }
  try {
    await file.append(bytes);
    await file.datasync();
    await files.syncFolder(folder);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A segment of the run. */
export interface Segment {
  readonly epoch: number;
  readonly path: string;
  readonly header: SegmentHeader;
  /** Bytes that belong to the run, as the segment after it cites them; null for the last one. */
  readonly end: number | null;
}

/** The segments of a folder. */
export interface SegmentPath {
  /** In order of time; never empty. */
  readonly segments: readonly Segment[];
  /** Segments that are not part of the run: unborn ones and those that lost to another. */
  readonly strays: readonly string[];
  /** The highest number that is in use, by a stray too. */
  readonly highest: number;
}

type Opened = Extract<JournalEvent, { type: "segment.opened" }>;

/** A segment's beginning; null for an unborn one. */
type Beginning = { readonly header: SegmentHeader; readonly opened: Opened | null } | null;

/** Finds the segments that make up the run. Rejects with the system's error. */
export async function findSegments(files: JournalFiles, folder: string, runId: string): Promise<Checked<SegmentPath>> {
  const names = await files.names(folder);
  const epochs = names.map(segmentEpoch).filter((epoch) => epoch !== null);
  const born = new Map<number, NonNullable<Beginning>>();
  for (const epoch of epochs) {
    const beginning = await readBeginning(files, segmentFile(folder, epoch));
    if (!beginning.ok) return beginning;
    if (beginning.value !== null) born.set(epoch, beginning.value);
  }
  if (born.size === 0) {
    return refused({ code: "journal.missing", message: `run "${runId}" has no journal`, file: folder });
  }
  const segments: Segment[] = [];
  let end: number | null = null;
  for (let epoch = Math.max(...born.keys()); epoch !== 0;) {
    const path = segmentFile(folder, epoch);
    const beginning = born.get(epoch);
    if (beginning === undefined)
      return refused(broken(path, null, "a later segment continues this one, which is not there"));
    const { header, opened } = beginning;
    if (header.epoch !== epoch || header.after >= epoch || header.after < 0 || header.run !== runId) {
      return refused(broken(path, 1, `this segment says it is epoch ${header.epoch} of run "${header.run}"`));
    }
    segments.unshift({ epoch, path, header, end });
    end = opened?.oldLength ?? null;
    epoch = header.after;
  }
  const strays = epochs
    .filter((epoch) => segments.every((segment) => segment.epoch !== epoch))
    .map((epoch) => segmentFile(folder, epoch));
  return { ok: true, value: { segments, strays, highest: Math.max(...epochs) } };
}

/** `journal.corrupt` at a place. */
export function broken(file: string, line: number | null, message: string): JournalProblem {
  return { code: "journal.corrupt", message, file, ...(line === null ? {} : { line }) };
}

/** A header and the first event stand well within this. */
const BEGINNING_BYTES = 16 * 1024;

/** Reads a segment's header and, where it continues another, its first event. Rejects with the system's error. */
export async function readBeginning(files: JournalFiles, path: string): Promise<Checked<Beginning>> {
  const file = await files.openRead(path);
  let text: string;
  try {
    text = Buffer.from(await file.read(0, BEGINNING_BYTES)).toString("utf8");
  } finally {
    await file.close();
  }
  const first = beginningLine(text, 0);
  if (first === null) return { ok: true, value: null };
  if (first.line.type === "newer")
    return refused({ code: "journal.version", message: first.line.message, file: path, line: 1 });
  if (first.line.type !== "header")
    return refused(broken(path, 1, messageOf(first.line, "a segment starts with its header")));
  const { header } = first.line;
  if (header.after === 0) return { ok: true, value: { header, opened: null } };
  const second = beginningLine(text, first.end);
  if (second === null) return { ok: true, value: null };
  const opened = second.line.type === "event" ? second.line.event : null;
  if (opened?.type === "segment.opened") return { ok: true, value: { header, opened } };
  return refused(broken(path, 2, messageOf(second.line, "a later segment's first event is segment.opened")));
}

/** The line from `from`; null when a crash may have torn it: it has no end, or is no JSON and nothing follows. */
function beginningLine(text: string, from: number): { readonly line: DecodedLine; readonly end: number } | null {
  const end = text.indexOf("\n", from);
  if (end < 0) return null;
  const line = decodeLine(text.slice(from, end));
  return line.type === "unparsable" && end + 1 === text.length ? null : { line, end: end + 1 };
}

function messageOf(line: DecodedLine, expected: string): string {
  return "message" in line ? line.message : expected;
}
