/** Where the receipts of a state directory are, and of what document a run was. Reads only. */
import path from "node:path";
import { operatorOf, type EditorPlace } from "../editor-run/place.ts";
import { receiptPlace } from "../receipts.ts";
import { findRun } from "../runs.ts";

/** Receipt directories (absolute) of a state directory: where a variable says, beside its runs, and the project's own. */
export async function receiptDirectories(stateDir: string, place: EditorPlace): Promise<readonly string[]> {
  const read = await operatorOf(place);
  const own = path.join(stateDir, "receipts");
  if (!read.ok) return [own];
  const named = receiptPlace(null, place.env, { ...read.operator, stateDir }, null, stateDir)?.directory;
  const project = place.workspaceFolder === null ? [] : [path.join(place.workspaceFolder, ".runx", "receipts")];
  return [...new Set([...(named === undefined ? [] : [named]), own, ...project])];
}

/** The document that a run was started from (absolute); null where its record is not at hand. */
export async function documentOfRun(stateDir: string, runId: string): Promise<string | null> {
  const found = await findRun(stateDir, runId);
  return found.ok ? found.value.root : null;
}
