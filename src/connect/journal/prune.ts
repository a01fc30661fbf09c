/**
 * Removing runs (spec/editor.md §7): one at a time, or the old ones. Never a running one, and a paused one only when
 * told so.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { nodeFiles, type JournalFiles } from "./file.ts";
import { runFolder, runsFolder } from "./layout.ts";
import { processOwnership, type Ownership } from "./owner.ts";
import { ioProblem, refused, type Checked, type JournalProblem } from "./problem.ts";
import { findRun, listRuns, type RunsOptions, type RunStatus, type RunSummary } from "./runs.ts";
import { findSegments } from "./segment.ts";

/** Runs are kept while they are among the newest ones or not old. */
export const KEEP_RUNS = 200;
export const KEEP_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Names of folders that are being removed; no run ids, so nothing reads them as runs. */
const removedForm = /^\.removed-([A-Za-z0-9_-]+)-[0-9a-f]{16}$/;

/** What to prune, at what time (milliseconds since 1970). */
export interface PruneOptions extends RunsOptions {
  readonly now: number;
  readonly keepRuns?: number;
  readonly keepDays?: number;
  /** Says what would be removed and removes nothing. */
  readonly preview?: boolean;
}

/** What pruning did. */
export interface Pruned {
  readonly removed: readonly string[];
  /** Runs that should have gone and could not. */
  readonly problems: readonly JournalProblem[];
}

/**
 * Removes runs that are neither among the newest `keepRuns` nor were written within `keepDays`. Runs that are
 * paused, running or cannot be judged stay, and so do unreadable ones, which may be evidence.
 */
export async function pruneRuns(stateDir: string, options: PruneOptions): Promise<Checked<Pruned>> {
  const files = options.files ?? nodeFiles;
  const listed = await listRuns(stateDir, options);
  if (!listed.ok) return listed;
  const before = options.now - (options.keepDays ?? KEEP_DAYS) * DAY_MS;
  const old = listed.value
    .slice(options.keepRuns ?? KEEP_RUNS)
    .filter(({ status, held, updatedAt }) => goes.has(status) && !held && updatedAt !== null && updatedAt < before)
    .map(({ id }) => id);
  if (options.preview === true) return { ok: true, value: { removed: old, problems: [] } };
  const removed: string[] = [];
  const problems: JournalProblem[] = [];
  for (const id of old) {
    const gone = await deleteRun(stateDir, id, options);
    if (gone.ok) removed.push(id);
    else problems.push(gone.problem);
  }
  const leftovers = await sweep(files, options.ownership ?? processOwnership, stateDir);
  if (leftovers !== null) problems.push(leftovers);
  return { ok: true, value: { removed, problems } };
}

const goes = new Set<RunStatus>(["interrupted", "completed", "failed", "timed_out"]);

/** Removes folders whose removal was cut off; one that a living process has open is about to get its name back. */
async function sweep(files: JournalFiles, ownership: Ownership, stateDir: string): Promise<JournalProblem | null> {
  const folder = runsFolder(stateDir);
  try {
    if (!(await files.exists(folder))) return null;
    for (const name of await files.names(folder)) {
      const id = removedForm.exec(name)?.[1];
      if (id === undefined) continue;
      const found = await findSegments(files, join(folder, name), id);
      const owner = found.ok ? found.value.segments.at(-1)?.header.owner : undefined;
      if (owner !== undefined && (await ownership.judge(owner)) === "live") continue;
      await files.removeFolder(join(folder, name));
    }
    return null;
  } catch (error) {
    return ioProblem(error, "remove what is left of deleted runs", folder);
  }
}

/** What deleting may do. */
export interface DeleteOptions extends RunsOptions {
  /** Also a paused run, one that cannot be judged, and one that cannot be read; never one that a living process holds. */
  readonly force?: boolean;
}

/**
 * Removes a run. The folder first gets another name, so that nobody sees half a run; if somebody has taken the run
 * over in that moment, it gets its name back and stays.
 */
export async function deleteRun(
  stateDir: string,
  runId: string,
  options: DeleteOptions = {},
): Promise<Checked<RunSummary>> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return folder;
  const files = options.files ?? nodeFiles;
  const found = await findRun(stateDir, runId, options);
  if (!found.ok) return found;
  const refusal = mayDelete(found.value, folder.value, options.force === true);
  if (refusal !== null) return refused(refusal);
  const aside = join(runsFolder(stateDir), `.removed-${runId}-${randomBytes(8).toString("hex")}`);
  try {
    await files.rename(folder.value, aside);
    const still = await findSegments(files, aside, runId);
    const epoch = still.ok ? (still.value.segments.at(-1)?.epoch ?? 0) : 0;
    if (epoch !== found.value.epoch) {
      await files.rename(aside, folder.value);
      return refused({ code: "journal.owned", message: `run "${runId}" has just been resumed`, file: folder.value });
    }
    await files.syncFolder(runsFolder(stateDir));
    await files.removeFolder(aside);
    return found;
  } catch (error) {
    return refused(ioProblem(error, "remove the run", folder.value));
  }
}

function mayDelete(run: RunSummary, file: string, force: boolean): JournalProblem | null {
  const { id, status, owner } = run;
  const who = owner === null ? "another process" : `process ${owner.pid} on host ${owner.host}`;
  if (status === "running")
    return { code: "journal.owned", message: `run "${id}" is in use by ${who}; stop it first`, file };
  if (force || goes.has(status)) return null;
  if (status === "paused") {
    return { code: "journal.paused", message: `run "${id}" waits for an answer; pass --force to delete it`, file };
  }
  if (status === "unknown") {
    const message = `run "${id}" belongs to ${who}, which cannot be checked from here; pass --force to delete it`;
    return { code: "journal.elsewhere", message, file };
  }
  return run.problem;
}
