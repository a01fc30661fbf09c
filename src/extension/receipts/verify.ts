/** Verify Receipt: a file's verdict as a message, and the editor at the first thing that is wrong. */
import path from "node:path";
import * as vscode from "vscode";
import { readReceiptFile, shown, ShownFile } from "../../runtime/receipt-view/index.ts";
import { RECEIPT_EDITOR, RECEIPT_FILE_EDITOR } from "./manifest.ts";
import type { ReceiptEditor } from "./editor.ts";
import type { ReceiptServices } from "./services.ts";
import { words } from "./words.ts";

/** Verifies a file; null: the one that somebody chooses. */
export async function verifyFile(services: ReceiptServices, editor: ReceiptEditor, given: vscode.Uri | null) {
  const uri = given ?? (await chosen());
  if (uri === null) return;
  if (uri.scheme !== "file") {
    void vscode.window.showWarningMessage(words.notAFile);
    return;
  }
  if (/\.(tar\.gz|tgz)$/i.test(uri.path)) return verifyArchive(uri);
  const file = uri.fsPath;
  const trust = await services.trust();
  const read = new ShownFile(await readReceiptFile(file, trust, services.index(path.dirname(file))), trust);
  const { view } = read;
  if (view.type === "unreadable") {
    const answer = await vscode.window.showErrorMessage(`${view.name}: ${view.sentence}`, words.show, words.openText);
    if (answer === words.show) await openReceipt(uri);
    if (answer === words.openText) await vscode.commands.executeCommand("vscode.openWith", uri, "default");
    return;
  }
  if (read.first !== null) {
    services.wishes.set(uri.toString(), read.first);
    await openReceipt(uri);
    editor.reveal(uri);
  }
  const [first, ...more] = view.findings;
  const said = words.verified(view.name, view.title, view.verdict);
  const whole =
    first === undefined
      ? said
      : `${said} ${words.firstFinding(first.about, first.path, first.message, more.length + view.moreFindings)}`;
  const bad = view.standing === "broken" || view.standing === "refused";
  const show = bad
    ? vscode.window.showErrorMessage
    : view.standing === "verified"
      ? vscode.window.showInformationMessage
      : vscode.window.showWarningMessage;
  if ((await show(whole, words.show)) !== words.show) return;
  if (read.first !== null) services.wishes.set(uri.toString(), read.first);
  await openReceipt(uri);
  editor.reveal(uri);
}

/** Opens a file as receipt. */
export async function openReceipt(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand("vscode.openWith", uri, editorOf(uri));
}

/** The editor whose names fit, so that VS Code shows its title. */
function editorOf(uri: vscode.Uri): string {
  const ours = /\/(sha256[:-][0-9a-f]{64}|[0-9a-f]{64}\.dsse)\.json$/.test(uri.path);
  return ours ? RECEIPT_EDITOR : RECEIPT_FILE_EDITOR;
}

async function chosen(): Promise<vscode.Uri | null> {
  const filters = { [words.chooseFile]: ["json", "tgz", "gz"] };
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectMany: false,
      openLabel: words.verify,
      title: words.chooseFile,
      filters,
    })) ?? [];
  return uri ?? null;
}

/** An incident bundle: every file against the manifest. */
async function verifyArchive(uri: vscode.Uri): Promise<void> {
  const { openBundle } = await import("../../runtime/ops/index.ts");
  const name = shown(path.basename(uri.fsPath), 120);
  const opened = await openBundle(uri.fsPath, null);
  if (!opened.ok) {
    void vscode.window.showErrorMessage(words.archiveBroken(name, shown(opened.problem.message)));
    return;
  }
  const { files } = opened.value;
  const signed = files.has("MANIFEST.sig") ? words.signedArchive : words.unsignedArchive;
  void vscode.window.showInformationMessage(words.archiveWhole(name, files.size, signed));
}
