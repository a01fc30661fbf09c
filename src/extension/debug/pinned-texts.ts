/**
 * The documents that a session began with, and whether their texts are still the same: positions are those of the
 * snapshot, so a person is told when what they read is another text.
 *
 * Boundary: compares with texts that are open in the editor, and hears when files are deleted; reads no disk.
 */
import path from "node:path";
import * as vscode from "vscode";
import type { Launched } from "../../debug/host.ts";

/** Most files whose deletion is watched. */
const MAX_WATCHED = 20;

/** A document that has just become different, or gone. */
export interface Difference {
  readonly name: string;
  readonly how: "changed" | "gone";
}

/** See the header. */
export class PinnedTexts implements vscode.Disposable {
  /** Path of the document that the session began with. */
  readonly root: string;
  private readonly texts: ReadonlyMap<string, string>;
  private readonly differing = new Map<string, Difference["how"]>();
  private readonly told: (differs: Difference | null) => void;
  private readonly listeners: vscode.Disposable[] = [];

  /** `told` hears every change; null: a text is as it was again. */
  constructor(bundle: Launched["bundle"], told: (differs: Difference | null) => void) {
    this.root = fileOf(bundle.root);
    const graphs = [...bundle.entries.values()].filter((entry) => entry.graph !== null);
    this.texts = new Map(graphs.map((entry) => [fileOf(entry.key), new TextDecoder().decode(entry.bytes)]));
    this.told = told;
    this.listeners.push(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.compare(document);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.compare(document);
      }),
    );
    for (const file of [...this.texts.keys()].slice(0, MAX_WATCHED)) this.watch(file);
  }

  /** Paths of the documents. */
  get files(): ReadonlySet<string> {
    return new Set(this.texts.keys());
  }

  /** Names of documents that say something else by now. */
  get changed(): readonly string[] {
    return this.named("changed");
  }

  /** Names of documents that are not there any more. */
  get gone(): readonly string[] {
    return this.named("gone");
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  private named(how: Difference["how"]): readonly string[] {
    return [...this.differing].flatMap(([file, one]) => (one === how ? [path.basename(file)] : []));
  }

  private compare(document: vscode.TextDocument): void {
    if (document.uri.scheme !== "file") return;
    const file = document.uri.fsPath;
    const text = this.texts.get(file);
    if (text !== undefined) this.differs(file, sameText(document.getText(), text) ? null : "changed");
  }

  private watch(file: string): void {
    const pattern = new vscode.RelativePattern(vscode.Uri.file(path.dirname(file)), path.basename(file));
    const watcher = vscode.workspace.createFileSystemWatcher(pattern, false, true, false);
    this.listeners.push(
      watcher,
      watcher.onDidDelete(() => {
        this.differs(file, "gone");
      }),
      watcher.onDidCreate(() => {
        this.differs(file, null);
      }),
    );
  }

  private differs(file: string, how: Difference["how"] | null): void {
    if ((this.differing.get(file) ?? null) === how) return;
    if (how === null) this.differing.delete(file);
    else this.differing.set(file, how);
    this.told(how === null ? null : { name: path.basename(file), how });
  }
}

/** Editors show a text with one kind of line ending, whatever the file has. */
function sameText(a: string, b: string): boolean {
  return a === b || a.replaceAll("\r\n", "\n") === b.replaceAll("\r\n", "\n");
}

/** The file of a document: a skill's runner is named behind a `#`. */
function fileOf(key: string): string {
  return key.replace(/#[^/\\]*$/, "");
}
