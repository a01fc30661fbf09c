/** What a view follows beside its page: the text, its cursor and findings, places, settings, trust and coverage. */
import * as vscode from "vscode";
import type { CanvasState } from "../../runtime/canvas/index.ts";
import type { DrawnDocument } from "./drawn.ts";
import type { ViewServices } from "./services.ts";

/** The view that follows. */
export interface ListeningView {
  readonly document: vscode.TextDocument;
  readonly canvas: DrawnDocument;
  /** What goes wrong on the way is told to the log and the user. */
  tellingPage(work: Promise<void>): void;
  /** Reads the present text and draws it. */
  refresh(): Promise<void>;
  /** Draws a node's child inside it, or no more. */
  expand(node: string, open: boolean): Promise<void>;
  /** Decides anew what policy says of what is drawn. */
  decide(drawn: CanvasState): Promise<void>;
  /** Tells the page everything again, if it is there. */
  restart(): Promise<void>;
  sendMarks(): void;
  sendCoverage(): void;
  /** The text's cursor went somewhere. */
  follow(offset: number): void;
}

/** Listens for a view until what is given is disposed. */
export function listenBeside(view: ListeningView, { coverage, places }: ViewServices): readonly vscode.Disposable[] {
  const { document, canvas } = view;
  const { uri } = document;
  return [
    coverage.onDidChange(() => {
      view.sendCoverage();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      view.tellingPage(view.restart());
    }),
    vscode.workspace.onDidChangeTextDocument((change) => {
      if (change.contentChanges.length === 0) return;
      if (change.document === document) view.tellingPage(view.refresh());
      else for (const node of canvas.children.nodesOf(change.document.uri)) view.tellingPage(view.expand(node, true));
    }),
    vscode.workspace.onDidChangeConfiguration((changed) => {
      if (changed.affectsConfiguration("countersign.environment", uri) && canvas.state !== null)
        view.tellingPage(view.decide(canvas.state));
    }),
    places.onDidMove((moved) => {
      if (moved.toString() === uri.toString()) view.tellingPage(view.refresh());
    }),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (uris.some((one) => one.toString() === uri.toString())) view.sendMarks();
    }),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const at = selections[0]?.active;
      if (textEditor.document === document && at !== undefined) view.follow(document.offsetAt(at));
    }),
  ];
}
