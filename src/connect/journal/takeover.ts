/**
 * Opens a run's folder for a resume (spec/runtime.md §3, "One writer"): only when nobody writes it any more, and by
 * creating the next segment exclusively, so that of two takers one wins and a former owner that wakes up finds out
 * before its next effect.
 */
import type { JournalEvent } from "../../effects/events.ts";
import { continueSegment, type ContinuedSegment } from "./continue.ts";
import { nodeFiles, type JournalFiles } from "./file.ts";
import { runFolder } from "./layout.ts";
import type { Masking } from "./masking.ts";
import { processOwnership, type Owner, type Ownership } from "./owner.ts";
import { ioProblem, refused, systemCode, type Checked, type JournalProblem } from "./problem.ts";
import { missing, readFolder, type RunRead } from "./reader.ts";
import { findSegments, type Segment } from "./segment.ts";
import { isReleased } from "./tail.ts";
import { RunJournal, type JournalOptions } from "./writer.ts";

/** How to take a run over. */
export interface TakeOverOptions extends JournalOptions {
  /** Also when its owner cannot be judged from here (`--take-over`). A living owner on this machine is never robbed. */
  readonly takeOver?: boolean;
  /** Resolves secrets' markers in the events that are read; by default `masking`. */
  readonly unmask?: Masking | null;
  /** Gets every event of the run so far in order, the new `segment.opened` last. Nothing counts if the result is a refusal. */
  readonly onEvent?: (event: JournalEvent) => void;
}

/** A run that may go on: its writer, and what was found when it was read. */
export interface TakenRun {
  readonly journal: RunJournal;
  readonly read: RunRead;
}

/**
 * Reads run `runId` and becomes its writer. `at` is the time of `segment.opened` (milliseconds since 1970).
 * Refusals: `journal.run_id`, `.missing`, `.owned`, `.elsewhere`, `.taken`, `.finished`, `.corrupt`, `.version`,
 * `.io`, and `secret_changed`.
 */
export async function takeOverRun(
  stateDir: string,
  runId: string,
  at: number,
  options: TakeOverOptions = {},
): Promise<Checked<TakenRun>> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return folder;
  const files = options.files ?? nodeFiles;
  try {
    return await take(files, folder.value, runId, at, options);
  } catch (error) {
    if (systemCode(error) === "ENOENT" && !(await files.exists(folder.value))) return refused(missing(stateDir, runId));
    return refused(ioProblem(error, "take the run over", folder.value));
  }
}

async function take(
  files: JournalFiles,
  folder: string,
  runId: string,
  at: number,
  options: TakeOverOptions,
): Promise<Checked<TakenRun>> {
  const ownership = options.ownership ?? processOwnership;
  const unmask = options.unmask === undefined ? (options.masking ?? null) : options.unmask;
  const { onEvent, takeOver = false } = options;
  const early = await lastOwner(files, folder, runId);
  if (!early.ok) return early;
  const tooEarly = await mayTake(early.value, runId, ownership, takeOver);
  if (tooEarly !== null) return refused(tooEarly);

  const found = await readFolder(files, folder, runId, { unmask, ...(onEvent === undefined ? {} : { onEvent }) });
  if (!found.ok) return found;
  const read = found.value;
  if (read.finished) {
    return refused({ code: "journal.finished", message: `run "${runId}" has ended; start a new one`, file: folder });
  }
  // Somebody else may have come between.
  const tooLate = await mayTake(read, runId, ownership, takeOver);
  if (tooLate !== null) return refused(tooLate);

  const owner = await ownership.claim();
  const opened = await openNext(files, folder, runId, at, read, owner).catch((error: unknown) => {
    ownership.release(owner);
    throw error;
  });
  if (opened === null) {
    ownership.release(owner);
    return refused({
      code: "journal.taken",
      message: `another process has just taken run "${runId}" over`,
      file: folder,
    });
  }
  onEvent?.(opened.event);
  options.listener?.(opened.event);
  const { epoch, file, head, event, length } = opened;
  const journal = new RunJournal({ folder, runId, owner, epoch, file, head, seq: event.seq, length }, options);
  return { ok: true, value: { journal, read } };
}

/** What decides whether a run may be taken. */
type LastOwner = Pick<RunRead, "owner" | "released" | "epoch" | "highest" | "path">;

async function lastOwner(files: JournalFiles, folder: string, runId: string): Promise<Checked<LastOwner>> {
  const found = await findSegments(files, folder, runId);
  if (!found.ok) return found;
  const { segments, highest } = found.value;
  const { epoch, path, header } = segments[segments.length - 1] as Segment;
  return { ok: true, value: { owner: header.owner, released: await isReleased(files, path), epoch, highest, path } };
}

async function mayTake(
  last: LastOwner,
  runId: string,
  ownership: Ownership,
  takeOver: boolean,
): Promise<JournalProblem | null> {
  const { owner, epoch, highest, path } = last;
  if (highest > epoch && !takeOver) {
    const message = `segment ${highest} of run "${runId}" was begun by a process that is not known; pass --take-over when none is opening it`;
    return { code: "journal.elsewhere", message, file: path };
  }
  if (last.released) return null;
  const state = await ownership.judge(owner);
  const who = `process ${owner.pid} on host ${owner.host}`;
  if (state === "live") {
    return { code: "journal.owned", message: `run "${runId}" is in use by ${who}; stop it first`, file: path };
  }
  if (state === "dead" || takeOver) return null;
  const message = `run "${runId}" belongs to ${who}, which cannot be checked from here; pass --take-over when it has stopped`;
  return { code: "journal.elsewhere", message, file: path };
}

/** Creates the next segment; null when another process was faster. */
async function openNext(
  files: JournalFiles,
  folder: string,
  runId: string,
  at: number,
  read: RunRead,
  owner: Owner,
): Promise<ContinuedSegment | null> {
  await makeDurable(files, folder, read.path);
  const { epoch: after, highest: epoch, head, seq, length, ignoredLines: lateLines } = read;
  return continueSegment(files, { folder, runId, owner, after, epoch, head, seq, length, lateLines }, at);
}

/**
 * A dead owner may have written what it never synced, and may have died before its segment's name was durable. What
 * a new segment cites must outlive the next loss of power.
 */
async function makeDurable(files: JournalFiles, folder: string, path: string): Promise<void> {
  const file = await files.openRead(path);
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.syncFolder(folder);
}
