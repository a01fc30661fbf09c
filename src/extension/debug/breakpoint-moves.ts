/**
 * Breakpoints follow edits of their documents. VS Code moves those whose text it shows; where a document is only drawn, or
 * stands behind another tab, that is done here by the same rule (spec/editor.md §5).
 */
import * as vscode from "vscode";
import { movedLine } from "./moved-line.ts";

/** Follows until it is disposed. */
export function followMoves(): vscode.Disposable {
  return vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length === 0) return;
    const uri = document.uri.toString();
    if (vscode.window.visibleTextEditors.some((editor) => editor.document.uri.toString() === uri)) return;
    const own = vscode.debug.breakpoints.filter(
      (one): one is vscode.SourceBreakpoint =>
        one instanceof vscode.SourceBreakpoint && one.location.uri.toString() === uri,
    );
    const moved = own.flatMap((one) => {
      const line = movedLine(one.location.range.start.line, contentChanges);
      return line === one.location.range.start.line ? [] : [{ one, line }];
    });
    if (moved.length === 0) return;
    vscode.debug.removeBreakpoints(moved.map(({ one }) => one));
    vscode.debug.addBreakpoints(
      moved.flatMap(({ one, line }) => {
        if (line === null) return [];
        const at = new vscode.Location(document.uri, new vscode.Position(line, 0));
        return [new vscode.SourceBreakpoint(at, one.enabled, one.condition, one.hitCondition, one.logMessage)];
      }),
    );
  });
}
