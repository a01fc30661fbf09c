/** Files around the graph editor: choosing one for a field, and saving pictures. */
import path from "node:path";
import * as vscode from "vscode";

const filters: Readonly<Record<string, Readonly<Record<string, string[]>>>> = {
  child: { "Graph documents": ["toml", "yaml", "yml"] },
  schema: { "JSON Schemas": ["json"] },
};

/** Asks for a file for a field of this role: its path as a document writes it; null when nothing was chosen. */
export async function pickFile(document: vscode.TextDocument, role: string): Promise<string | null> {
  const folder = vscode.Uri.joinPath(document.uri, "..");
  const isSkill = role === "skill";
  const [chosen] =
    (await vscode.window.showOpenDialog({
      defaultUri: folder,
      canSelectFiles: !isSkill,
      canSelectFolders: isSkill,
      openLabel: "Choose",
      filters: { ...filters[role], "All files": ["*"] },
    })) ?? [];
  if (chosen === undefined) return null;
  const relative = path.posix.relative(folder.path, chosen.path);
  return isSkill && !relative.startsWith(".") ? `./${relative}` : relative;
}

/** Saves a picture of the document where the user says. False when nothing was saved. */
export async function savePicture(
  document: vscode.TextDocument,
  format: "svg" | "png",
  bytes: Uint8Array,
): Promise<boolean> {
  const name = `${path.posix.parse(document.uri.path).name}.${format}`;
  const folder = document.uri.scheme === "untitled" ? vscode.workspace.workspaceFolders?.[0]?.uri : undefined;
  const beside = folder ?? vscode.Uri.joinPath(document.uri, "..");
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(beside, name),
    filters: { [format.toUpperCase()]: [format] },
  });
  if (target === undefined) return false;
  await vscode.workspace.fs.writeFile(target, bytes);
  return true;
}

/** True when a file on disk has both kinds of line endings, which VS Code evens out when it reads it. */
export async function hasMixedLineEndings(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === "untitled") return false;
  try {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    return text.includes("\r\n") && /(?:^|[^\r])\n/.test(text);
  } catch (problem) {
    // A file that cannot be read now is shown from the editor's memory.
    if (problem instanceof vscode.FileSystemError) return false;
    throw problem;
  }
}
