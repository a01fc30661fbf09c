/** Settings, read where they are needed. Their names and meanings stand in `manifest.ts`. */
import * as vscode from "vscode";

/** `countersign.files.associations` for a document. */
export function associationsSetting(document: vscode.TextDocument): Readonly<Record<string, unknown>> {
  const configuration = vscode.workspace.getConfiguration("countersign", document.uri);
  return configuration.get<Readonly<Record<string, unknown>>>("files.associations", {});
}
