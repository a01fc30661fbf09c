/** The segment that goes on where another ends: after a take-over, or because a long run's files are to stay small. */
import type { JournalEvent } from "../../effects/events.ts";
import { encodeEvent, encodeHeader, sha256 } from "./codec.ts";
import type { AppendFile, JournalFiles } from "./file.ts";
import type { Owner } from "./owner.ts";
import { createSegment } from "./segment.ts";

/** Where the run stands, and who goes on with it. */
export interface SegmentEnd {
  readonly folder: string;
  readonly runId: string;
  readonly owner: Owner;
  /** The epoch that is continued, and the highest that is in use. */
  readonly after: number;
  readonly epoch: number;
  /** Hash of its last line, `seq` of its last event, and its bytes. All of them are durable. */
  readonly head: string;
  readonly seq: number;
  readonly length: number;
  /** Lines in the folder that are not part of the run. */
  readonly lateLines: number;
}

/** A new segment, whose first event is in it. */
export interface ContinuedSegment {
  readonly epoch: number;
  readonly file: AppendFile;
  readonly head: string;
  readonly event: JournalEvent;
  readonly length: number;
}

/** Creates the next segment; null when another process was faster. Rejects with the system's error. */
export async function continueSegment(
  files: JournalFiles,
  end: SegmentEnd,
  at: number,
): Promise<ContinuedSegment | null> {
  const epoch = end.epoch + 1;
  const header = encodeHeader({ epoch, after: end.after, run: end.runId, owner: end.owner }, end.head);
  const { head: oldHead, length: oldLength, lateLines } = end;
  const opened = { type: "segment.opened", epoch, oldHead, oldLength, lateLines } as const;
  const seq = end.seq + 1;
  const { line } = encodeEvent(opened, seq, at, sha256(header));
  const file = await createSegment(files, end.folder, epoch, end.owner.nonce, [header, line]);
  if (file === null) return null;
  const length = Buffer.byteLength(header) + Buffer.byteLength(line) + 2;
  return { epoch, file, head: sha256(line), event: { ...opened, seq, at }, length };
}
