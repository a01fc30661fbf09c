/**
 * The durable journal of one run: a segment's only writer (spec/runtime.md §3).
 *
 * Invariants:
 * 1. lines reach the file in the order of `append`; a blob is durable, name and all, before its line is written;
 * 2. `sync` returns when everything appended before the call is durable; callers that wait at the same time share
 *    one fdatasync, and events that nobody waits for ride along;
 * 3. after the first failed write or sync nothing is written any more, and every later `sync` and `stillOwner`
 *    gives that failure. A failed fdatasync is never tried again: the kernel may have dropped the pages.
 */
import { join } from "node:path";
import type { JournalEvent, RunEvent } from "../../effects/events.ts";
import type { JournalStore } from "../../effects/seam.ts";
import { failure, type Failure } from "../../graph/failure.ts";
import { encodeEvent, encodeRelease, sha256, type Blob } from "./codec.ts";
import { continueSegment } from "./continue.ts";
import { nodeFiles, writeDurably, type AppendFile, type JournalFiles } from "./file.ts";
import { blobsFolder, segmentFile } from "./layout.ts";
import { masked, type Masking } from "./masking.ts";
import { placeEvent } from "./place.ts";
import { processOwnership, type Owner, type Ownership } from "./owner.ts";
import { ioProblem, journalFailure, systemCode } from "./problem.ts";

/** What every durable journal takes. */
export interface JournalOptions {
  readonly files?: JournalFiles;
  readonly ownership?: Ownership;
  /** Secrets become markers in everything that is written and handed to the listener. */
  readonly masking?: Masking | null;
  /** Gets every event as it was journalled (masked), at once and in order. Must not throw. */
  readonly listener?: (event: JournalEvent) => void;
}

/** Where a writer starts. */
export interface WriterStart {
  readonly folder: string;
  readonly runId: string;
  readonly epoch: number;
  readonly file: AppendFile;
  readonly owner: Owner;
  readonly head: string;
  readonly seq: number;
  /** Bytes that the segment has. */
  readonly length: number;
}

/** Lines are handed to the file, without a sync, when more than this many characters wait. */
const BUFFER_LIMIT = 256 * 1024;

/** Digests of blobs that are remembered as written. */
const KNOWN_BLOBS = 4096;

type Waiter = (failed: Failure | null) => void;

/** A run's journal in its folder. Made by `createRun` and `takeOverRun`. */
export class RunJournal implements JournalStore {
  readonly folder: string;
  readonly runId: string;
  readonly owner: Owner;
  private readonly files: JournalFiles;
  private readonly ownership: Ownership;
  private readonly masking: Masking | null;
  private readonly listener: ((event: JournalEvent) => void) | null;
  private file: AppendFile;
  private currentEpoch: number;
  /** Bytes of the segment that are written or wait to be. */
  private length: number;
  private readonly knownBlobs = new Set<string>();
  private lastHead: string;
  private lastSeq: number;
  private lines: string[] = [];
  private buffered = 0;
  private blobs: Blob[] = [];
  private waiters: Waiter[] = [];
  /** Something was written since the last fdatasync. */
  private dirty = false;
  private pumping: Promise<void> | null = null;
  private failed: Failure | null = null;
  private closing: Promise<void> | null = null;

  constructor(start: WriterStart, options: JournalOptions) {
    this.folder = start.folder;
    this.runId = start.runId;
    this.currentEpoch = start.epoch;
    this.owner = start.owner;
    this.file = start.file;
    this.length = start.length;
    this.lastHead = start.head;
    this.lastSeq = start.seq;
    this.files = options.files ?? nodeFiles;
    this.ownership = options.ownership ?? processOwnership;
    this.masking = options.masking ?? null;
    this.listener = options.listener ?? null;
  }

  /** The segment that is being written. */
  get epoch(): number {
    return this.currentEpoch;
  }

  /** The name under which another process would take the run over. */
  private get nextSegment(): string {
    return segmentFile(this.folder, this.currentEpoch + 1);
  }

  /** SHA-256 (hex) of the last line; what a seal binds. */
  get head(): string {
    return this.lastHead;
  }

  /** `seq` of the last event; 0 before the first. */
  get seq(): number {
    return this.lastSeq;
  }

  /**
   * Gives the event its place. Throws TypeError for an event that no journal can hold, and after {@link close};
   * after a failed write the event is numbered and heard, but kept nowhere.
   */
  append(event: RunEvent, at: number): JournalEvent {
    if (this.closing !== null) throw new TypeError(`the journal of run ${this.runId} is closed`);
    const seq = this.lastSeq + 1;
    const shown = masked(event, this.masking);
    const { line, blobs } = encodeEvent(shown, seq, at, this.lastHead);
    this.lastSeq = seq;
    if (this.failed === null) this.take(line, blobs);
    const placed = placeEvent(event, seq, at);
    this.listener?.(shown === event ? placed : placeEvent(shown, seq, at));
    return placed;
  }

  private take(line: string, blobs: readonly Blob[]): void {
    this.lastHead = sha256(line);
    this.lines.push(line);
    this.buffered += line.length + 1;
    this.length += Buffer.byteLength(line) + 1;
    for (const blob of blobs) {
      this.blobs.push(blob);
      this.buffered += blob.text.length;
    }
    if (this.buffered > BUFFER_LIMIT) this.pump();
  }

  /** Returns when everything appended before is durable; a Failure of class `io` when it never will be. */
  sync(): Promise<Failure | null> {
    if (this.failed !== null) return Promise.resolve(this.failed);
    if (!this.dirty && this.lines.length === 0 && this.pumping === null) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.pump();
    });
  }

  /**
   * null when this writer may perform another effect. Epochs are taken in order, so one look at the next name tells.
   * Once it has lost the run, the writer writes nothing more.
   */
  async stillOwner(): Promise<Failure | null> {
    if (this.failed !== null) return this.failed;
    const next = this.nextSegment;
    try {
      if (!(await this.files.exists(next))) return this.failed;
      const message = `run "${this.runId}" was taken over by another process; this one stops writing`;
      this.failed ??= journalFailure({ code: "journal.taken", message, file: next });
    } catch (error) {
      this.failed ??= asFailure(error, "check who owns the run", next);
    }
    return this.failed;
  }

  /**
   * Goes on in a new segment, which cites this one as a take-over would, so that no file grows without end. Nothing
   * may be appended meanwhile. null, or why the run has ended for this writer.
   */
  async rotate(at: number): Promise<Failure | null> {
    const failed = await this.sync();
    if (failed !== null) return failed;
    const { folder, runId, owner } = this;
    const from = { folder, runId, owner, epoch: this.epoch, head: this.lastHead, seq: this.lastSeq };
    try {
      const next = await continueSegment(
        this.files,
        { ...from, after: this.epoch, length: this.length, lateLines: 0 },
        at,
      );
      if (next === null) return await this.stillOwner();
      const before = this.file;
      this.file = next.file;
      this.currentEpoch = next.epoch;
      this.lastHead = next.head;
      this.lastSeq = next.event.seq;
      this.length = next.length;
      this.listener?.(next.event);
      await before.close();
    } catch (error) {
      this.failed ??= asFailure(error, "write the journal", this.nextSegment);
    }
    return this.failed;
  }

  /** Makes everything durable, lets go of the segment and closes the file. A failure stays in {@link sync}'s answer. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    await this.sync();
    try {
      if ((await this.stillOwner()) === null) {
        const line = encodeRelease(this.epoch, this.lastHead);
        await this.file.append(Buffer.from(`${line}\n`, "utf8"));
        this.lastHead = sha256(line);
      }
    } catch (error) {
      this.failed ??= asFailure(error, "write the journal", this.path());
    }
    try {
      await this.file.close();
    } catch (error) {
      this.failed ??= asFailure(error, "close the journal", this.path());
    }
    this.ownership.release(this.owner);
  }

  private pump(): void {
    this.pumping ??= this.work();
  }

  private async work(): Promise<void> {
    // Whoever asks in this same turn shares the first round.
    await Promise.resolve();
    try {
      while (this.failed === null && (this.waiters.length > 0 || this.buffered > BUFFER_LIMIT)) await this.round();
    } catch (error) {
      this.failed ??= asFailure(error, "write the journal", this.path());
    }
    this.pumping = null;
    if (this.failed === null) return;
    this.lines = [];
    this.blobs = [];
    this.buffered = 0;
    answer(this.waiters, this.failed);
    this.waiters = [];
  }

  /** Writes what is there now and, if anybody waits, makes it durable. */
  private async round(): Promise<void> {
    const { lines, blobs, waiters } = this;
    this.lines = [];
    this.blobs = [];
    this.buffered = 0;
    this.waiters = [];
    try {
      await this.writeBlobs(blobs);
      if (lines.length > 0) {
        this.dirty = true;
        await this.file.append(Buffer.from(`${lines.join("\n")}\n`, "utf8"));
      }
      if (waiters.length > 0 && this.dirty) {
        await this.file.datasync();
        this.dirty = false;
      }
    } catch (error) {
      this.failed ??= asFailure(error, "write the journal", this.path());
    }
    answer(waiters, this.failed);
  }

  private async writeBlobs(blobs: readonly Blob[]): Promise<void> {
    if (blobs.length === 0) return;
    const folder = blobsFolder(this.folder);
    let written = false;
    for (const { digest, text } of blobs) {
      if (this.knownBlobs.has(digest)) continue;
      const draft = join(folder, `${digest}.${this.owner.nonce}.tmp`);
      await writeDurably(this.files, draft, Buffer.from(text, "utf8"));
      await this.files.rename(draft, join(folder, digest));
      if (this.knownBlobs.size >= KNOWN_BLOBS) this.knownBlobs.clear();
      this.knownBlobs.add(digest);
      written = true;
    }
    if (written) await this.files.syncFolder(folder);
  }

  private path(): string {
    return segmentFile(this.folder, this.epoch);
  }
}

function answer(waiters: readonly Waiter[], failed: Failure | null): void {
  for (const waiter of waiters) waiter(failed);
}

/** What ended a writer. An error that is not the system's is a bug of ours and says so. */
function asFailure(error: unknown, doing: string, file: string): Failure {
  if (systemCode(error) !== null) return journalFailure(ioProblem(error, doing, file));
  return failure("internal", `cannot ${doing} (${file}): ${error instanceof Error ? error.message : String(error)}`);
}
