/** Which start of a document is meant, asked where that is not clear. */
import * as vscode from "vscode";
import type { LoadedForRun } from "../../runtime/editor-run/index.ts";
import { runnerOf } from "./place.ts";
import { words } from "./words.ts";

/** The start's name, null for the document's own choice; undefined when the question was dismissed. */
export async function chooseStart(
  document: vscode.Uri,
  start: string | null,
  graph: LoadedForRun["graph"],
): Promise<string | null | undefined> {
  if (start !== null || graph.dialect !== "workflow" || runnerOf(document, start) !== null) return start;
  const manual = graph.starts.filter(({ source }) => source === "manual");
  const only = manual.length === 1 ? manual[0] : graph.starts.length === 1 ? graph.starts[0] : undefined;
  if (only !== undefined || graph.starts.length === 0) return only?.name ?? null;
  const choices = graph.starts.map(({ name, source }) => ({ label: name, description: source }));
  return (await vscode.window.showQuickPick(choices, { placeHolder: words.whichStart }))?.label;
}
