/**
 * Documents that nodes run, drawn inside those nodes or opened in an editor of their own. Text that is open in an
 * editor wins over the disk; the drawings follow its changes.
 */
import * as vscode from "vscode";
import {
  childOf,
  drawChild,
  type CanvasState,
  type ChildName,
  type DrawnChild,
  type Layout,
  type OpenLive,
} from "../../runtime/canvas/index.ts";
import type { ToPage } from "../../protocol/webview.ts";

/** Lays one drawing out; null when that is no longer wanted. */
export type LayOut = (state: CanvasState) => Promise<Layout | null>;

/** A child that is open, or why it is not drawn. */
export interface OpenChild {
  readonly file: string;
  readonly drawn: DrawnChild | null;
  readonly problem: string | null;
}

/** The message that shows a child inside its node, or that it is shown no more. */
export function childMessage(node: string, child: OpenChild | null): ToPage {
  const { drawing, layout } = child?.drawn ?? { drawing: null, layout: null };
  return { type: "child", node, file: child?.file ?? "", drawing, layout, problem: child?.problem ?? null } as ToPage;
}

/** The children that one view has open, by the keys of their nodes. */
export class ChildViews {
  private readonly document: vscode.TextDocument;
  private readonly open: OpenLive;
  private readonly layOut: LayOut;
  private readonly shown = new Map<string, OpenChild>();
  private readonly files = new Map<string, string>();

  constructor(document: vscode.TextDocument, open: OpenLive, layOut: LayOut) {
    this.document = document;
    this.open = open;
    this.layOut = layOut;
  }

  /** What is drawn inside nodes. */
  drawings(): ReadonlyMap<string, DrawnChild> {
    const drawn = [...this.shown].flatMap(([key, child]) =>
      child.drawn === null ? [] : [[key, child.drawn] as const],
    );
    return new Map(drawn);
  }

  /** All that are open, drawn or not. */
  all(): ReadonlyMap<string, OpenChild> {
    return this.shown;
  }

  /** Draws a node's child; what cannot be drawn says why. */
  async expand(state: CanvasState, key: string): Promise<OpenChild> {
    const child = await this.read(state, key);
    this.shown.set(key, child);
    return child;
  }

  close(key: string): void {
    this.shown.delete(key);
    this.files.delete(key);
  }

  /** Takes children along when their nodes are renamed, and closes those whose nodes are gone. */
  follow(renames: ReadonlyMap<string, string>, state: CanvasState): void {
    const known = new Set(state.drawing.nodes.map((node) => node.key));
    for (const [key, child] of [...this.shown]) {
      const to = renames.get(key) ?? key;
      const file = this.files.get(key);
      this.close(key);
      if (!known.has(to)) continue;
      this.shown.set(to, child);
      if (file !== undefined) this.files.set(to, file);
    }
  }

  /** The nodes whose child stands in this document. */
  nodesOf(uri: vscode.Uri): string[] {
    return [...this.files].flatMap(([key, file]) => (file === uri.toString() ? [key] : []));
  }

  /** Opens a node's child in the graph editor. Null when it was done, else a sentence. */
  async openInEditor(state: CanvasState, key: string, editorType: string): Promise<string | null> {
    const name = childOf(state, key);
    if (name === null) return "this node runs no document that is a file";
    const found = await this.find(name);
    if (found === null) return `${name.text} is not there`;
    await vscode.commands.executeCommand("vscode.openWith", found, editorType);
    return null;
  }

  private async read(state: CanvasState, key: string): Promise<OpenChild> {
    const name = childOf(state, key);
    if (name === null) return { file: "", drawn: null, problem: "this node runs no document that is a file" };
    const file = name.text;
    const uri = await this.find(name);
    if (uri === null) return { file, drawn: null, problem: `${file} is not there` };
    this.files.set(key, uri.toString());
    try {
      const document = await vscode.workspace.openTextDocument(uri);
      const child = drawChild(document.getText(), uri.fsPath, this.open, name.runner);
      if (typeof child === "string") return { file, drawn: null, problem: child };
      const layout = await this.layOut(child);
      if (layout === null) return { file, drawn: null, problem: "it was closed before it could be drawn" };
      return { file, drawn: { drawing: child.drawing, layout }, problem: null };
    } catch (problem) {
      return { file, drawn: null, problem: problem instanceof Error ? problem.message : String(problem) };
    }
  }

  private async find({ candidates }: ChildName): Promise<vscode.Uri | null> {
    for (const name of candidates) {
      const uri = name.startsWith("/")
        ? this.document.uri.with({ path: name })
        : vscode.Uri.joinPath(this.document.uri, "..", name);
      try {
        const { type } = await vscode.workspace.fs.stat(uri);
        if ((type & vscode.FileType.File) !== 0) return uri;
      } catch (problem) {
        if (!(problem instanceof vscode.FileSystemError)) throw problem;
      }
    }
    return null;
  }
}
