/** Renaming through the language server, so that references in all documents follow. */
import * as vscode from "vscode";

/** Null when it was done, else a sentence. */
export async function renameThroughServer(
  document: vscode.TextDocument,
  offset: number,
  to: string,
): Promise<string | null> {
  const { uri } = document;
  const position = document.positionAt(offset);
  try {
    const command = "vscode.executeDocumentRenameProvider";
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit | undefined>(command, uri, position, to);
    if (edit === undefined || edit.size === 0) return "nothing was renamed; the language server knows no name there";
    return (await vscode.workspace.applyEdit(edit)) ? null : "a document was changed at the same moment; try again";
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
}
