/**
 * Kept runs for the programs above the composition root: listing, removing, and reading one back with the kinds of its
 * nodes. Reads only; whoever shows a run folds the events itself.
 */
import path from "node:path";
import { nodeFiles, readWhole } from "../connect/journal/file.ts";
import { digestHex, documentsFolder, isRunId } from "../connect/journal/layout.ts";
import { ioProblem, systemCode, type Checked } from "../connect/journal/problem.ts";
import { readFolder, type RunRead } from "../connect/journal/reader.ts";
import type { JournalEvent, PinnedDocument } from "../effects/events.ts";
import { parseDocument } from "./documents.ts";

export { runFolder } from "../connect/journal/layout.ts";
export { journalProblemText, type Checked, type JournalProblem } from "../connect/journal/problem.ts";
export { deleteRun, KEEP_DAYS, KEEP_RUNS, pruneRuns } from "../connect/journal/prune.ts";
export { findRun, listRuns, type RunStatus, type RunSummary } from "../connect/journal/runs.ts";
export type { RunRead } from "../connect/journal/reader.ts";
export { sealedNote } from "../connect/receipts/run-folder.ts";

/**
 * Reads a run from its folder, wherever it stands; its name is the run's id. Every line is checked against the chain,
 * every event is handed on as it comes, also those before a break.
 */
export async function readRunFolder(folder: string, onEvent: (event: JournalEvent) => void): Promise<Checked<RunRead>> {
  const runId = path.basename(folder);
  if (!isRunId(runId)) {
    const message = `"${runId}" is not the name of a run's folder`;
    return { ok: false, problem: { code: "journal.run_id", message, file: folder } };
  }
  try {
    return await readFolder(nodeFiles, folder, runId, { onEvent });
  } catch (problem) {
    if (systemCode(problem) === null) throw problem;
    return { ok: false, problem: ioProblem(problem, "read the run", folder) };
  }
}

/** Kinds of the nodes of a run's documents, by document key and node id; what cannot be read is left out. */
export type PinnedKinds = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads the documents that a run pinned. Their digests are not checked: they only name kinds for people. */
export async function pinnedKinds(folder: string, documents: readonly PinnedDocument[]): Promise<PinnedKinds> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const { key, digest, role } of documents) {
    const hex = digestHex(digest);
    if (hex === null || role === "schema" || role === "policy") continue;
    const text = await textOf(path.join(documentsFolder(folder), hex));
    const graph = text === null ? null : parseDocument(text, key).graph;
    if (graph !== null) found.set(key, new Map(graph.nodes.map((node) => [node.id, node.kind])));
  }
  return found;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return Buffer.from(await readWhole(nodeFiles, file)).toString("utf8");
  } catch (problem) {
    if (systemCode(problem) === null) throw problem;
    return null;
  }
}
