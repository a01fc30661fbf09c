/**
 * The run that somebody names on a command line: its id, a unique beginning of one, `last`, or its folder. What looks
 * like a path is one.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { findRun, listRuns, runFolder } from "../runtime/runs.ts";
import { stateDirOf } from "./operator.ts";
import { clean } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** A run's folder (absolute), and the state directory it was found in; null for a folder that stands alone. */
export interface KeptRun {
  readonly folder: string;
  readonly stateDir: string | null;
}

/** True for a word that names a path rather than a run's id. */
export function looksLikePath(named: string): boolean {
  return named.includes("/") || named.includes(path.sep);
}

/** Finds the run. Throws UsageError when there is none, or more than one. */
export async function keptRun(terminal: Terminal, named: string, stateDirGiven: string | undefined): Promise<KeptRun> {
  if (looksLikePath(named)) return folderOfRun(path.resolve(terminal.cwd, named));
  const stateDir = await stateDirOf(terminal, stateDirGiven);
  const folder = runFolder(stateDir, await runIdOf(stateDir, named));
  if (!folder.ok) throw new UsageError(folder.problem.code, folder.problem.message);
  return { folder: folder.value, stateDir };
}

async function folderOfRun(file: string): Promise<KeptRun> {
  const isFolder = await stat(file).then(
    (info) => info.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new UsageError("run", `there is no run's folder ${clean(file)}`);
  return runAt(file);
}

/** The run in a folder (absolute), with the state directory that holds the folder, if one does. */
export function runAt(folder: string): KeptRun {
  const above = path.dirname(folder);
  return { folder, stateDir: path.basename(above) === "runs" ? path.dirname(above) : null };
}

async function runIdOf(stateDir: string, named: string): Promise<string> {
  if (named !== "last" && (await findRun(stateDir, named)).ok) return named;
  const listed = await listRuns(stateDir);
  if (!listed.ok) throw new UsageError(listed.problem.code, listed.problem.message);
  const ids = listed.value.map(({ id }) => id);
  const [newest] = ids;
  const where = clean(stateDir);
  if (newest === undefined)
    throw new UsageError("run", `no runs in ${where} yet; start one with   countersign run FILE --state-dir DIR`);
  if (named === "last") return newest;
  const matching = ids.filter((id) => id.startsWith(named));
  const [only] = matching;
  if (only === undefined)
    throw new UsageError("run", `no run in ${where} begins with \`${clean(named)}\`; countersign runs lists them`);
  if (matching.length === 1) return only;
  const some = `${matching.slice(0, 5).join(", ")}${matching.length > 5 ? ", …" : ""}`;
  throw new UsageError("run", `\`${clean(named)}\` begins ${matching.length} runs: ${some}; give more of the id`);
}
