/** Export of receipts: asks as what and where to, writes, and offers to open what was written. */
import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import {
  editorFormats,
  exportedText,
  exportIncident,
  readReceiptFile,
  shown,
  type EditorFormat,
  type ExportSource,
  type ExportWish,
} from "../../runtime/receipt-view/index.ts";
import { learned } from "../learn/learned.ts";
import type { ReceiptServices } from "./services.ts";
import type { Row } from "./tree.ts";
import { openReceipt } from "./verify.ts";
import { words } from "./words.ts";

const extensions: Readonly<Record<EditorFormat, readonly [suffix: string, filter: string]>> = {
  json: [".bundle.json", "json"],
  dsse: [".dsse.json", "json"],
  html: [".html", "html"],
  md: [".md", "md"],
  incident: [".incident.tar.gz", "gz"],
};

/** Exports what a row or a file is of. */
export async function exportReceipts(services: ReceiptServices, target: Row | vscode.Uri): Promise<void> {
  const about = await sourceOf(services, target);
  if (typeof about === "string") return refuse(about);
  const format = await chosenFormat(about.source);
  if (format === null) return;
  const [suffix, filter] = extensions[format];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(os.homedir());
  const to = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, `${about.name}${suffix}`),
    filters: { [words.formats[format][0]]: [filter] },
    saveLabel: words.save,
    title: words.exporting,
  });
  if (to === undefined) return;
  const wish: ExportWish = {
    source: about.source,
    place: services.place(),
    trust: await services.trust(),
    stateDirs: await services.stateDirs(),
    maySign: vscode.workspace.isTrusted,
  };
  const said = await written(wish, format, to);
  if (!said.ok) return refuse(said.why);
  learned("export");
  for (const note of said.notes) services.log.info(`${to.path}: ${note}`);
  const sentence = [said.sentence, ...said.notes.map((note) => `${capital(note)}.`)].join(" ");
  if ((await vscode.window.showInformationMessage(sentence, words.open)) === words.open) await open(to, format);
}

type Written =
  | { readonly ok: true; readonly sentence: string; readonly notes: readonly string[] }
  | { readonly ok: false; readonly why: string };

async function written(wish: ExportWish, format: EditorFormat, to: vscode.Uri): Promise<Written> {
  const name = shown(path.posix.basename(to.path), 120);
  if (format === "incident") {
    if (to.scheme !== "file") return { ok: false, why: words.localOnly };
    const made = await exportIncident(wish, to.fsPath);
    if (!made.ok) return { ok: false, why: shown(made.problem.message) };
    return { ok: true, sentence: words.wroteIncident(name, made.files), notes: made.notes };
  }
  const made = await exportedText(wish, format);
  if (!made.ok) return { ok: false, why: shown(made.problem.message) };
  try {
    await vscode.workspace.fs.writeFile(to, Buffer.from(made.text, "utf8"));
  } catch (problem) {
    return { ok: false, why: problem instanceof Error ? shown(problem.message) : name };
  }
  return {
    ok: true,
    sentence: words.wrote(name, made.signedBy.map((print) => shown(print)).join(", ")),
    notes: made.notes,
  };
}

/** What is to be exported, and a name for it; a sentence where there is nothing. */
async function sourceOf(
  services: ReceiptServices,
  target: Row | vscode.Uri,
): Promise<{ readonly source: ExportSource; readonly name: string } | string> {
  if (!(target instanceof vscode.Uri)) {
    if (target.shown === null) return words.gone;
    const { directory, tree } = target.shown;
    const { root } = tree;
    return {
      source: { type: "store", directory, id: root.receipt.id, runId: root.runId },
      name: fileName(root.label, root.receipt.id),
    };
  }
  if (target.scheme !== "file") return words.notAFile;
  const file = target.fsPath;
  const directory = path.dirname(file);
  const read = await readReceiptFile(file, await services.trust(), services.index(directory));
  if (read.type === "unreadable") return read.sentence;
  const { receipt } = read.root;
  const name = fileName(receipt.subject.ref.label ?? "run", read.top.id);
  if (read.exported !== null) return { source: { type: "read", read: read.exported, file }, name };
  return { source: { type: "store", directory, id: receipt.id, runId: read.top.runId }, name };
}

/** A name that every file system takes. */
function fileName(label: string, id: string): string {
  const safe = label.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
  return `${safe.slice(0, 60) || "run"}-${id.replace(/^sha256:/, "").slice(0, 8)}`;
}

async function chosenFormat(source: ExportSource): Promise<EditorFormat | null> {
  const formats = editorFormats.filter((format) => format !== "incident" || source.type === "store");
  const items = formats.map((format) => {
    const [label, detail] = words.formats[format];
    return { label, detail, format };
  });
  const chosen = await vscode.window.showQuickPick(items, { title: words.exporting, placeHolder: words.chooseFormat });
  return chosen?.format ?? null;
}

async function open(file: vscode.Uri, format: EditorFormat): Promise<void> {
  switch (format) {
    case "json":
    case "dsse":
      return openReceipt(file);
    case "md":
      await vscode.commands.executeCommand("markdown.showPreview", file);
      return;
    case "html": {
      // A browser elsewhere cannot reach a file of this computer.
      const local = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
      if (local) await vscode.env.openExternal(file);
      else await vscode.commands.executeCommand("vscode.openWith", file, "default");
      return;
    }
    case "incident":
      await vscode.commands.executeCommand("revealInExplorer", file);
  }
}

function refuse(why: string): void {
  void vscode.window.showErrorMessage(words.notExported(why.replace(/\.$/, "")));
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
