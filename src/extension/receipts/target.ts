/** What a command about receipts was given: a row of the view, a file, or nothing, which means what is open. */
import * as vscode from "vscode";
import { RECEIPT_EDITOR, RECEIPT_FILE_EDITOR } from "./manifest.ts";
import type { Row } from "./tree.ts";

/** What VS Code and others hand to a command. */
export type Given = vscode.Uri | Row | undefined;

/** The file that is meant; null for none. */
export function fileOf(given: Given): vscode.Uri | null {
  if (given instanceof vscode.Uri) return given;
  if (given !== undefined && "item" in given) return given.file === null ? null : vscode.Uri.file(given.file);
  return activeReceipt();
}

/** The file of the active tab, if it is open as receipt or is JSON. */
export function activeReceipt(): vscode.Uri | null {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom)
    return [RECEIPT_EDITOR, RECEIPT_FILE_EDITOR].includes(input.viewType) ? input.uri : null;
  return input instanceof vscode.TabInputText && input.uri.path.endsWith(".json") ? input.uri : null;
}
