/** Documents by the name that the engine knows them by. */
import type * as vscode from "vscode";

const extensions: Readonly<Record<string, string>> = {
  toml: ".toml",
  yaml: ".yaml",
  "countersign-pipeline": "/spec.kv",
};

/** The path of a file. An untitled document has no extension, so its language says what it could be. */
export function documentName(document: vscode.TextDocument): string {
  const { uri, languageId } = document;
  if (uri.scheme !== "untitled" || /\.[a-z]+$/i.test(uri.path)) return uri.fsPath;
  return uri.fsPath + (extensions[languageId] ?? "");
}
