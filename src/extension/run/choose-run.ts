/** Which interrupted run is meant, asked where there are several. */
import * as vscode from "vscode";
import type { UnfinishedRun } from "../../runtime/editor-run/unfinished.ts";
import { words } from "./words.ts";

/** The only run, or the one that a person chooses; null when there is none, undefined when nothing was chosen. */
export async function chooseRun(found: readonly UnfinishedRun[], name: string): Promise<string | null | undefined> {
  const [first, ...more] = found;
  if (first === undefined || more.length === 0) return first?.runId ?? null;
  const choices = found.map(({ runId, startedAt }) => ({
    label: new Date(startedAt).toLocaleString(),
    description: runId,
  }));
  return (await vscode.window.showQuickPick(choices, { placeHolder: words.whichRun(name) }))?.description;
}
