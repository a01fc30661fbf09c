/** Renaming through the language server, so that references in all documents follow. */
import * as vscode from "vscode";
import { applyEdits, type TextEdit } from "../../runtime/canvas/index.ts";

/** Null when it was done, else a sentence. `expect` is told the text that the document is about to have. */
export async function renameThroughServer(
  document: vscode.TextDocument,
  { offset, to }: { readonly offset: number; readonly to: string },
  expect: (text: string) => void,
): Promise<string | null> {
  const { uri } = document;
  const position = document.positionAt(offset);
  try {
    const command = "vscode.executeDocumentRenameProvider";
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit | undefined>(command, uri, position, to);
    if (edit === undefined || edit.size === 0) return "nothing was renamed; the language server knows no name there";
    expect(applyEdits(document.getText(), editsOf(document, edit)));
    return (await vscode.workspace.applyEdit(edit)) ? null : "a document was changed at the same moment; try again";
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
}

function editsOf(document: vscode.TextDocument, edit: vscode.WorkspaceEdit): TextEdit[] {
  return edit
    .get(document.uri)
    .map(({ range, newText }): TextEdit => {
      return { range: [document.offsetAt(range.start), document.offsetAt(range.end)], text: newText };
    })
    .sort((a, b) => a.range[0] - b.range[0]);
}
