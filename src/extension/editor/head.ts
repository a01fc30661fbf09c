/**
 * The graph of git's HEAD beside the working one (spec/editor.md §8), read through VS Code's own git extension: a
 * read-only view of the `git:` document, and what differs marked in both drawings.
 */
import path from "node:path";
import * as vscode from "vscode";
import { compareDrawings, drawDocument, isDrawn, type CanvasState, type OpenLive } from "../../runtime/canvas/index.ts";
import type { ElementChange } from "../../protocol/webview.ts";
import { documentName } from "../document-name.ts";

/** What we use of the interface that the git extension publishes (its `api/git.d.ts`). */
interface GitApi {
  readonly state: "uninitialized" | "initialized";
  readonly onDidChangeState: vscode.Event<GitApi["state"]>;
  getRepository(uri: vscode.Uri): Repository | null;
  openRepository?(root: vscode.Uri): Promise<Repository | null>;
  toGitUri(uri: vscode.Uri, ref: string): vscode.Uri;
}
interface Repository {
  show(ref: string, file: string): Promise<string>;
}
interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

const SCHEME = "git";

/** True for a document that shows what git has. */
export function isGitDocument({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === SCHEME;
}

/** The `git:` document of a file at HEAD, or a sentence that says why there is none. */
export async function headOf(document: vscode.Uri): Promise<vscode.Uri | string> {
  const name = path.posix.basename(document.path);
  if (document.scheme !== "file") return `${name} is no file, so git has no version of it.`;
  const git = await gitApi();
  if (git === null) return "VS Code's git extension is not enabled, so there is no HEAD to compare with.";
  const folder = vscode.Uri.joinPath(document, "..");
  const repository = git.getRepository(document) ?? (await git.openRepository?.(folder)) ?? null;
  if (repository === null) return `${name} is in no git repository.`;
  try {
    await repository.show("HEAD", document.fsPath);
  } catch (problem) {
    if (!(problem instanceof Error)) throw problem;
    return `git's HEAD has no ${name}: it was not committed yet.`;
  }
  return git.toGitUri(document, "HEAD");
}

/** The git extension's interface, once it has started; null when there is none, or it is switched off. */
async function gitApi(): Promise<GitApi | null> {
  const extension = vscode.extensions.getExtension<GitExtension>("vscode.git");
  const exported = extension === undefined ? null : await extension.activate();
  if (exported?.enabled !== true) return null;
  const api = exported.getAPI(1);
  if (api.state === "initialized") return api;
  await new Promise<void>((resolve) => {
    const listener = api.onDidChangeState((state) => {
      if (state !== "initialized") return;
      listener.dispose();
      resolve();
    });
  });
  return api;
}

/** A view of a document, as far as a comparison needs it. */
export interface ComparedView {
  readonly document: vscode.TextDocument;
  readonly drawn: CanvasState | null;
  showChanges(changes: readonly ElementChange[]): void;
}

/** Compares all views of a file with those of its HEAD, and marks in each what differs; without a HEAD, nothing. */
export async function compareViews(views: readonly ComparedView[], file: string, open: OpenLive): Promise<void> {
  const own = views.filter((one) => one.document.uri.fsPath === file);
  const head = own.find((one) => isGitDocument(one.document));
  const work = own.find((one) => one.document.uri.scheme === "file");
  const before = head?.drawn ?? null;
  const after = head === undefined ? null : (work?.drawn ?? (await workingState(file, open)));
  const comparison = before === null || after === null ? { before: [], after: [] } : compareDrawings(before, after);
  for (const one of own) one.showChanges(isGitDocument(one.document) ? comparison.before : comparison.after);
}

/** The drawing of the working file where no view shows it; null when it cannot be drawn or is not there any more. */
async function workingState(file: string, open: OpenLive): Promise<CanvasState | null> {
  try {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
    const state = drawDocument(document.getText(), documentName(document), open, null);
    return isDrawn(state) ? state : null;
  } catch (problem) {
    if (problem instanceof Error) return null;
    throw problem;
  }
}
