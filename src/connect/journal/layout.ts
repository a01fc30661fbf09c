/**
 * Where things stand in a state directory (spec/runtime.md §3):
 *
 *     <state dir>/runs/<run id>/documents/<hex>       pinned documents, by SHA-256
 *     <state dir>/runs/<run id>/blobs/<hex>           values over 64 KiB, by SHA-256 of their text
 *     <state dir>/runs/<run id>/journal.<epoch>.jsonl segments, from epoch 1
 *
 * Folders have mode 0700, files 0600. Digests in file names are bare lower-case hex, so that the names are legal
 * on every file system.
 */
import { join } from "node:path";
import { refused, type Checked } from "./problem.ts";

export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

const runIdForm = /^[A-Za-z0-9_-]{1,128}$/;
const segmentForm = /^journal\.([1-9][0-9]{0,8})\.jsonl$/;
const digestForm = /^(?:sha256:)?([0-9a-f]{64})$/;

/** True for a run id (Decision D15). */
export function isRunId(text: string): boolean {
  return runIdForm.test(text);
}

/** The folder that holds all runs of a state directory. */
export function runsFolder(stateDir: string): string {
  return join(stateDir, "runs");
}

/** The folder of one run; a text that is no run id is refused before it becomes part of a path. */
export function runFolder(stateDir: string, runId: string): Checked<string> {
  if (isRunId(runId)) return { ok: true, value: join(runsFolder(stateDir), runId) };
  return refused({
    code: "journal.run_id",
    message: `"${runId}" is not a run id; use 1 to 128 letters, digits, "_" and "-"`,
  });
}

/** The file of one segment. */
export function segmentFile(folder: string, epoch: number): string {
  return join(folder, `journal.${epoch}.jsonl`);
}

/** The epoch that a file name stands for; null when it is no segment. */
export function segmentEpoch(name: string): number | null {
  const match = segmentForm.exec(name);
  return match === null ? null : Number(match[1]);
}

/** The bare hex of a SHA-256 with or without the prefix `sha256:`; null when it is none. */
export function digestHex(digest: string): string | null {
  return digestForm.exec(digest)?.[1] ?? null;
}

export function blobsFolder(folder: string): string {
  return join(folder, "blobs");
}

export function documentsFolder(folder: string): string {
  return join(folder, "documents");
}
