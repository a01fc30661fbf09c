/** Squiggles as badges: the document's diagnostics, each at the element of the drawing that it concerns. */
import * as vscode from "vscode";
import type { Mark } from "../../protocol/webview.ts";
import { elementAt, type CanvasState } from "../../runtime/canvas/index.ts";

const severities = ["error", "warning", "information", "information"] as const;

/** What VS Code shows for this document from our server, by element. */
export function marksOf(document: vscode.TextDocument, state: CanvasState | null): Mark[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter((one) => one.source === "countersign")
    .map((one) => ({
      severity: severities[one.severity],
      code: codeOf(one.code),
      message: one.message,
      element: state === null ? null : elementAt(state, document.offsetAt(one.range.start)),
    }));
}

function codeOf(code: vscode.Diagnostic["code"]): string {
  return String(typeof code === "object" ? code.value : (code ?? ""));
}
