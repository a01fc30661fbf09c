/** Context keys by which F5 and breakpoints are ours (spec/editor.md §1). Loads nothing. */
import * as vscode from "vscode";
import type { GraphDocuments } from "../graph-documents.ts";
import { DEBUG_TYPE, DEBUGGABLE_KEY, GRAPH_ACTIVE_KEY } from "../manifest-debug.ts";

/** Keeps the keys until it is disposed. */
export class DebugKeys implements vscode.Disposable {
  private readonly graphs: GraphDocuments;
  private readonly activeDocument: () => vscode.Uri | null;
  private readonly listeners: vscode.Disposable[];
  private lastWasGraph = false;

  constructor(graphs: GraphDocuments, activeDocument: () => vscode.Uri | null) {
    this.graphs = graphs;
    this.activeDocument = activeDocument;
    const look = (): void => this.look();
    this.listeners = [
      graphs.onChanged(look),
      vscode.window.onDidChangeActiveTextEditor(look),
      vscode.window.tabGroups.onDidChangeTabs(look),
      vscode.window.tabGroups.onDidChangeTabGroups(look),
      vscode.workspace.onDidChangeConfiguration((changed) => {
        if (changed.affectsConfiguration("launch")) look();
      }),
    ];
    look();
  }

  private look(): void {
    const document = this.activeDocument();
    const isGraph = document !== null && this.graphs.has(document);
    // A launch.json in front changes nothing: one edits it to debug what one was at.
    if (document !== null && !document.path.includes("/.vscode/")) this.lastWasGraph = isGraph;
    const configured = vscode.workspace
      .getConfiguration("launch")
      .get<readonly { readonly type?: unknown }[]>("configurations", [])
      .some((one) => one.type === DEBUG_TYPE);
    void vscode.commands.executeCommand("setContext", GRAPH_ACTIVE_KEY, isGraph);
    void vscode.commands.executeCommand("setContext", DEBUGGABLE_KEY, this.lastWasGraph || configured);
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }
}
