/**
 * A recorded run, wherever it is kept: a run's folder on disk or the folder `run/` of a bundle. Everything the
 * operations say of a run is read through here, every line checked against the chain.
 */
import path from "node:path";
import { sha256 as hexDigest } from "../../connect/journal/codec.ts";
import { nodeFiles, readWhole, type JournalFiles } from "../../connect/journal/file.ts";
import { digestHex, documentsFolder, isRunId } from "../../connect/journal/layout.ts";
import { ioProblem, journalProblemSentence, systemCode, type JournalProblem } from "../../connect/journal/problem.ts";
import { readFolder, type RunRead } from "../../connect/journal/reader.ts";
import type { JournalEvent, PinnedDocument } from "../../effects/events.ts";
import type { OpsProblem, OpsResult } from "./problem.ts";

/** Where a run is read from. */
export interface RunSource {
  readonly runId: string;
  readonly folder: string;
  readonly files: JournalFiles;
}

/** A document that a run pinned, with its bytes. */
export interface PinnedBytes extends PinnedDocument {
  readonly bytes: Uint8Array;
}

/** The run in a folder on disk; its name is the run's id. */
export function runOnDisk(folder: string): OpsResult<RunSource> {
  const runId = path.basename(folder);
  if (isRunId(runId)) return { ok: true, value: { runId, folder, files: nodeFiles } };
  const message = `"${runId}" is not the name of a run's folder`;
  return { ok: false, problem: { code: "journal.run_id", message, exit: 2 } };
}

/** Reads a run; events come as they are read, also those before a break. */
export async function readEvents(
  source: RunSource,
  onEvent: (event: JournalEvent) => void,
): Promise<OpsResult<RunRead>> {
  try {
    const read = await readFolder(source.files, source.folder, source.runId, { onEvent });
    return read.ok ? { ok: true, value: read.value } : { ok: false, problem: opsProblem(read.problem) };
  } catch (problem) {
    if (systemCode(problem) === null) throw problem;
    return { ok: false, problem: opsProblem(ioProblem(problem, "read the run", source.folder)) };
  }
}

/** A problem of the journal as one of the operations: what is not there is usage, the rest is damage. */
export function opsProblem(problem: JournalProblem): OpsProblem {
  const usage = ["journal.missing", "journal.run_id"].includes(problem.code);
  return { code: problem.code, message: journalProblemSentence(problem), exit: usage ? 2 : 5 };
}

/** The documents that a run pinned, their digests checked. */
export async function readPinned(
  source: RunSource,
  documents: readonly PinnedDocument[],
): Promise<OpsResult<readonly PinnedBytes[]>> {
  const found: PinnedBytes[] = [];
  for (const document of documents) {
    const hex = digestHex(document.digest);
    const broken = (why: string): OpsResult<never> => ({
      ok: false,
      problem: { code: "journal.corrupt", message: `the document ${document.key} ${why}`, exit: 5 },
    });
    if (hex === null) return broken("has no digest");
    try {
      const bytes = await readWhole(source.files, `${documentsFolder(source.folder)}/${hex}`);
      if (hexDigest(bytes) !== hex) return broken("is not what the run pinned: its bytes do not agree with its digest");
      found.push({ ...document, bytes });
    } catch (problem) {
      if (systemCode(problem) === null) throw problem;
      return broken("is not in the run's folder");
    }
  }
  return { ok: true, value: found };
}
