/**
 * Which open documents are graphs: keeps the context key by which buttons, lenses and menus appear, and says when the
 * first document of ours is seen (spec/editor.md §1).
 *
 * Invariant: other people's TOML and YAML costs one look at its words; the parsers are loaded when those words match.
 */
import * as vscode from "vscode";
import { documentName } from "./document-name.ts";
import { GRAPHS_KEY, languages } from "./manifest.ts";
import { associationsSetting } from "./settings.ts";

/** Follows the open documents until disposed. */
export class GraphDocuments implements vscode.Disposable {
  private readonly graphs = new Map<string, boolean>();
  private readonly listeners: vscode.Disposable[] = [];
  private readonly seen = new vscode.EventEmitter<vscode.TextDocument>();
  /** Fires for each document of ours when it is opened or becomes one. */
  readonly onSeen = this.seen.event;
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when what is known of open documents may have changed. */
  readonly onChanged = this.changed.event;

  /** True for an open document that is a graph. */
  has(document: vscode.Uri): boolean {
    return this.graphs.get(document.toString()) === true;
  }

  /** Looks at what is open and listens from then on. */
  start(): void {
    this.listeners.push(
      vscode.workspace.onDidOpenTextDocument((document) => void this.look(document)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // Text that is ours stays ours while it is typed; only what is not yet ours is looked at again.
        if (contentChanges.length > 0 && this.graphs.get(document.uri.toString()) !== true) void this.look(document);
      }),
      vscode.workspace.onDidSaveTextDocument((document) => void this.look(document)),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.graphs.delete(document.uri.toString());
        void this.tell();
      }),
    );
    this.lookAgain();
  }

  /** Looks at everything that is open, e.g. because the configuration changed. */
  lookAgain(): void {
    for (const document of vscode.workspace.textDocuments) void this.look(document);
  }

  private async look(document: vscode.TextDocument): Promise<void> {
    if (!(languages as readonly string[]).includes(document.languageId) || !couldBeOurs(document)) return;
    const { detectWith } = await import("../runtime/detect.ts");
    const found = detectWith(associationsSetting(document), documentName(document), document.getText());
    const isGraph = found?.document === "graph" || (found?.document === "skill" && found.form === "text");
    this.graphs.set(document.uri.toString(), isGraph || found?.document === "skill");
    if (found !== null) this.seen.fire(document);
    await this.tell();
  }

  private async tell(): Promise<void> {
    this.changed.fire();
    const paths = [...this.graphs].flatMap(([uri, yes]) => (yes ? [vscode.Uri.parse(uri)] : []));
    await vscode.commands.executeCommand("setContext", GRAPHS_KEY, [...new Set(paths.map((uri) => uri.fsPath))]);
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.seen.dispose();
    this.changed.dispose();
  }
}

/** Words without which no document of ours is written; documents known by name need none. */
const ownWord = /start_nodes|workflows|nodes|steps|\\[uUx]/;

function couldBeOurs(document: vscode.TextDocument): boolean {
  if (Object.keys(associationsSetting(document)).length > 0) return true;
  const name = document.uri.path.slice(document.uri.path.lastIndexOf("/") + 1);
  if (["spec.kv", "SKILL.md", "X.yaml", "harness.yaml", "fixture.toml", "countersign.toml"].includes(name)) return true;
  return document.languageId !== "markdown" && ownWord.test(document.getText());
}
