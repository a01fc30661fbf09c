/** Where documents are run: what the editor knows of a document's place at this moment. */
import * as vscode from "vscode";
import { environmentNamed } from "../../runtime/canvas/decisions.ts";
import type { EditorPlace } from "../../runtime/editor-run/index.ts";

/** The place of a document; `start` names the runner of an X.yaml. Runs and decisions ahead of them share it. */
export function placeOf(document: vscode.Uri, start: string | null = null): EditorPlace {
  const unsaved = new Map<string, string>();
  for (const one of vscode.workspace.textDocuments)
    if (one.isDirty && one.uri.scheme === "file") unsaved.set(one.uri.fsPath, one.getText());
  const runner = runnerOf(document, start);
  return {
    file: runner === null ? document.fsPath : `${document.fsPath}#${runner}`,
    workspaceFolder: vscode.workspace.getWorkspaceFolder(document)?.uri.fsPath ?? null,
    env: process.env,
    environment: environmentNamed(vscode.workspace.getConfiguration("countersign", document).get("environment", "")),
    opened: (file) => unsaved.get(file) ?? null,
  };
}

/** The runner of an X.yaml that a start of it means; null for other documents. */
export function runnerOf(document: vscode.Uri, start: string | null): string | null {
  return document.path.endsWith("/X.yaml") ? start : null;
}
