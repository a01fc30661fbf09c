/** Elements of a drawing in text editors: where they stand, and showing them there. */
import * as vscode from "vscode";
import { pathOf, type CanvasState } from "../../runtime/canvas/index.ts";

/** The range of an element's header, or of the whole of it; null for what is not in the text. */
export function rangeOf(document: vscode.TextDocument, state: CanvasState, key: string): vscode.Range | null {
  const path = pathOf(state, key);
  const element = path === null ? null : state.live.source.element(path);
  if (element === null) return null;
  const [from, to] = element.header ?? element.extent;
  return new vscode.Range(document.positionAt(from), document.positionAt(to));
}

/** Shows a range in a text editor that is open beside; opens none. */
export function reveal(document: vscode.TextDocument, range: vscode.Range): void {
  const editor = vscode.window.visibleTextEditors.find((one) => one.document === document);
  if (editor === undefined) return;
  editor.selection = new vscode.Selection(range.start, range.start);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Opens the text beside, at a range when there is one. */
export async function showText(document: vscode.TextDocument, range: vscode.Range | null): Promise<void> {
  const options = range === null ? {} : { selection: new vscode.Range(range.start, range.start) };
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, ...options });
}
