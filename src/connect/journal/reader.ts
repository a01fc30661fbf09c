/**
 * Reads a run's folder (spec/runtime.md §3, "Reading"): segments in order, every line against the chain, events to
 * a callback as they come, so that memory does not grow with the run.
 *
 * An unterminated or unparsable last line is cut (finding `journal.torn`), bytes that a former owner wrote after a
 * take-over are ignored (finding `journal.late`), any other break is refused with its place.
 */
import type { JournalEvent } from "../../effects/events.ts";
import { Chain, holdsWholeLine, type Link } from "./chain.ts";
import { decodeBlob, sha256, withValue } from "./codec.ts";
import { nodeFiles, readWhole, type JournalFiles, type ReadFile } from "./file.ts";
import { blobsFolder, digestHex, documentsFolder, runFolder } from "./layout.ts";
import { unmasked, type Masking } from "./masking.ts";
import type { Owner } from "./owner.ts";
import { ioProblem, refused, systemCode, type Checked, type JournalProblem } from "./problem.ts";
import { broken, findSegments, type Segment } from "./segment.ts";

/** How to read. */
export interface ReadOptions {
  readonly files?: JournalFiles;
  /** Resolves secrets' markers, for a resume; without it they stay what they are. */
  readonly unmask?: Masking | null;
  /** Gets every event in order. What it throws ends the reading. */
  readonly onEvent?: (event: JournalEvent) => void;
}

/** What was found in a run's folder. */
export interface RunRead {
  /** Hash of the last line, and `seq` of the last event (0: none). */
  readonly head: string;
  readonly seq: number;
  /** The last segment, its owner, and whether the owner has let go of it. */
  readonly epoch: number;
  readonly path: string;
  readonly owner: Owner;
  readonly released: boolean;
  /** Bytes of the last segment that belong to the run. */
  readonly length: number;
  /** The highest epoch in use; a take-over needs a higher one. */
  readonly highest: number;
  /** The run has ended for good. */
  readonly finished: boolean;
  /** Lines, whole or torn, that stand in the folder and are not part of the run. */
  readonly ignoredLines: number;
  /** `journal.torn` and `journal.late`. */
  readonly findings: readonly JournalProblem[];
}

/** Reads a run and checks all of it. */
export async function readRun(stateDir: string, runId: string, options: ReadOptions = {}): Promise<Checked<RunRead>> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return folder;
  const files = options.files ?? nodeFiles;
  try {
    return await readFolder(files, folder.value, runId, options);
  } catch (error) {
    if (systemCode(error) === "ENOENT" && !(await files.exists(folder.value))) return refused(missing(stateDir, runId));
    if (systemCode(error) === null) throw error;
    return refused(ioProblem(error, "read the journal", folder.value));
  }
}

/** There is no run of that id. */
export function missing(stateDir: string, runId: string): JournalProblem {
  return { code: "journal.missing", message: `there is no run "${runId}" in ${stateDir}` };
}

/** As {@link readRun}, given the folder; rejects with the system's error. */
export async function readFolder(
  files: JournalFiles,
  folder: string,
  runId: string,
  options: ReadOptions,
): Promise<Checked<RunRead>> {
  const found = await findSegments(files, folder, runId);
  if (!found.ok) return found;
  const { segments, strays, highest } = found.value;
  const reading = new Reading(files, folder, options);
  for (const segment of segments) {
    const problem = await reading.segment(segment);
    if (problem !== null) return refused(problem);
  }
  for (const stray of strays) await reading.stray(stray);
  const last = segments[segments.length - 1] as Segment;
  const { chain, findings, ignoredLines, finished } = reading;
  const { head, seq, released, offset: length } = chain;
  const { epoch, path, header } = last;
  return {
    ok: true,
    value: { head, seq, epoch, path, owner: header.owner, released, length, highest, finished, ignoredLines, findings },
  };
}

class Reading {
  readonly chain = new Chain();
  readonly findings: JournalProblem[] = [];
  ignoredLines = 0;
  finished = false;
  private readonly files: JournalFiles;
  private readonly folder: string;
  private readonly options: ReadOptions;

  constructor(files: JournalFiles, folder: string, options: ReadOptions) {
    this.files = files;
    this.folder = folder;
    this.options = options;
  }

  /** Reads one segment of the run; the problem that ends the reading, or null. */
  async segment(segment: Segment): Promise<JournalProblem | null> {
    const file = await this.files.openRead(segment.path);
    try {
      const size = await file.size();
      const end = segment.end ?? size;
      if (size < end)
        return broken(segment.path, null, `${end} bytes belong to the run, but the file has only ${size}`);
      this.chain.enter(segment);
      const problem = await this.lines(file, end, segment.end === null);
      if (problem === null && end < size) await this.late(file, segment.path, end, size);
      return problem;
    } finally {
      await file.close();
    }
  }

  /** Notes a segment that is not part of the run. */
  async stray(path: string): Promise<void> {
    const file = await this.files.openRead(path);
    try {
      await this.late(file, path, 0, await file.size());
    } finally {
      await file.close();
    }
  }

  private async lines(file: ReadFile, end: number, last: boolean): Promise<JournalProblem | null> {
    let problem: JournalProblem | null = null;
    const { chain } = this;
    const rest = await forEachLine(file, 0, end, (line, next) => {
      const link = chain.accept(line);
      if (link.type === "unparsable") {
        problem = link.problem;
        if (last && next === end && !holdsWholeLine(line))
          problem = { ...problem, code: "journal.torn", message: tornMessage };
        return false;
      }
      if (link.type === "broken") problem = link.problem;
      if (link.type !== "event") return problem === null;
      if (link.blobs.length === 0 && (this.options.unmask ?? null) === null) {
        this.hand(link.event);
        return true;
      }
      return this.load(link).then((found) => {
        problem = found;
        return found === null;
      });
    });
    if (problem === null && rest < end) {
      problem = last
        ? { ...chain.problem(tornMessage), code: "journal.torn" }
        : chain.problem("the segment after this one cites an end within this line");
    }
    return this.cut(problem);
  }

  private cut(problem: JournalProblem | null): JournalProblem | null {
    if (problem?.code !== "journal.torn") return problem;
    this.findings.push(problem);
    this.ignoredLines++;
    return null;
  }

  private hand(event: JournalEvent): void {
    if (event.type === "run.ended") this.finished = event.outcome !== "paused";
    this.options.onEvent?.(event);
  }

  private async load(link: Extract<Link, { type: "event" }>): Promise<JournalProblem | null> {
    const loaded = await loadEvent(this.files, this.folder, link, this.options.unmask ?? null);
    if (!loaded.ok) return { ...this.chain.place(), ...loaded.problem };
    this.hand(loaded.value);
    return null;
  }

  private async late(file: ReadFile, path: string, from: number, to: number): Promise<void> {
    let lines = 0;
    const rest = await forEachLine(file, from, to, () => {
      lines++;
      return true;
    });
    if (rest < to) lines++;
    this.ignoredLines += lines;
    const message = `${lines} lines were written here after the run had been taken over; they are ignored`;
    this.findings.push({ code: "journal.late", message, file: path });
  }
}

const tornMessage = "the last line was not written to its end; it is ignored";

/** An event with its blobs and secrets in their places. */
export async function loadEvent(
  files: JournalFiles,
  folder: string,
  link: Extract<Link, { type: "event" }>,
  unmask: Masking | null,
): Promise<Checked<JournalEvent>> {
  let { event } = link;
  for (const { key, digest } of link.blobs) {
    const path = `${blobsFolder(folder)}/${digest}`;
    const bytes = await readIfThere(files, path);
    if (bytes === null) return refused(broken(path, null, `the value of event ${event.seq} is not there`));
    if (sha256(bytes) !== digest) return refused(broken(path, null, "this value's bytes do not agree with its digest"));
    const value = decodeBlob(Buffer.from(bytes).toString("utf8"));
    if (value === undefined) return refused(broken(path, null, "this value is no JSON"));
    event = withValue(event, key, value);
  }
  if (unmask === null) return { ok: true, value: event };
  const resolved = unmasked(event, unmask);
  if (resolved.ok) return { ok: true, value: resolved.event };
  return refused({ code: "secret_changed", message: resolved.problem });
}

async function readIfThere(files: JournalFiles, path: string): Promise<Uint8Array | null> {
  try {
    return await readWhole(files, path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Hands each terminated line of `[from, end)` to `each`, with the offset behind its line feed, until `each` says
 * false. Gives the offset of the first byte that was not handed on. Memory: one chunk or one line.
 */
export async function forEachLine(
  file: ReadFile,
  from: number,
  end: number,
  each: (line: Buffer, next: number) => boolean | Promise<boolean>,
): Promise<number> {
  let length = CHUNK_BYTES;
  while (from < end) {
    const data = asBuffer(await file.read(from, Math.min(length, end - from)));
    if (data.length === 0) return from;
    let start = 0;
    for (let feed = data.indexOf(10); feed >= 0; feed = data.indexOf(10, start)) {
      const line = data.subarray(start, feed);
      start = feed + 1;
      const more = each(line, from + start);
      if (more === true) continue;
      if (more === false || !(await more)) return from + start;
    }
    if (start === 0) {
      if (data.length === end - from) return from;
      length *= 2;
    } else {
      length = CHUNK_BYTES;
    }
    from += start;
  }
  return from;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A document that was pinned when the run was created, its digest checked. */
export async function readDocument(
  stateDir: string,
  runId: string,
  digest: string,
  files: JournalFiles = nodeFiles,
): Promise<Checked<Uint8Array>> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return folder;
  const hex = digestHex(digest);
  if (hex === null) return refused({ code: "journal.corrupt", message: `"${digest}" is no SHA-256` });
  const path = `${documentsFolder(folder.value)}/${hex}`;
  try {
    const bytes = await readIfThere(files, path);
    if (bytes === null) return refused(broken(path, null, "a document of this run is not there"));
    if (sha256(bytes) === hex) return { ok: true, value: bytes };
    return refused(broken(path, null, "this document's bytes do not agree with its digest"));
  } catch (error) {
    return refused(ioProblem(error, "read a document of the run", path));
  }
}
