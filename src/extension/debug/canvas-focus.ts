/**
 * Keeps a canvas in front while one steps with it. VS Code shows the text of every stop in the group that has the focus,
 * which is that of the canvas, and takes the focus along: so the text gets a group of its own before VS Code looks for
 * one, and the canvas gets the focus back afterwards.
 *
 * Invariant: nothing is opened or moved unless a canvas is the active editor at the moment of the stop.
 */
import * as vscode from "vscode";
import { EDITOR_TYPE } from "../manifest.ts";

/** See the header. One for each session. */
export class CanvasFocus implements vscode.Disposable {
  private readonly session: string;
  private waiting: vscode.Disposable | null = null;
  /** The canvas that gets the focus back, until it has it. */
  private returning: Returning | null = null;
  private back: Promise<void> = Promise.resolve();

  constructor(session: string) {
    this.session = session;
  }

  /** A stop in this file is about to be told. Null when nothing has to be done first; it never rejects. */
  beforeStop(file: string): Promise<void> | null {
    this.dispose();
    // The stop before may not be over yet.
    this.returning ??= canvasInFront();
    return this.returning === null ? null : this.makeRoom(vscode.Uri.file(file), this.returning);
  }

  dispose(): void {
    this.waiting?.dispose();
    this.waiting = null;
  }

  private async makeRoom(text: vscode.Uri, returning: Returning): Promise<void> {
    await this.back;
    this.returning = returning;
    this.waiting = vscode.debug.onDidChangeActiveStackItem((item) => {
      // A thread alone is selected when the session goes on: that is of the step before, and comes late.
      if (!(item instanceof vscode.DebugStackFrame) || item.session.id !== this.session) return;
      this.dispose();
      this.back = this.giveBack(returning);
    });
    const { column } = returning;
    const options = { viewColumn: columnFor(text, column), preserveFocus: false, preview: true };
    try {
      await vscode.window.showTextDocument(text, options);
    } catch {
      // A text that cannot be shown, because its file is gone: VS Code says so itself.
      this.dispose();
      this.returning = null;
    }
  }

  private async giveBack({ canvas, column }: Returning): Promise<void> {
    await vscode.commands.executeCommand("vscode.openWith", canvas, EDITOR_TYPE, { viewColumn: column });
    this.returning = null;
  }
}

/** A canvas and the column in which it stands. */
interface Returning {
  readonly canvas: vscode.Uri;
  readonly column: vscode.ViewColumn;
}

/** The canvas that is the active editor; null when another editor is. */
function canvasInFront(): Returning | null {
  const { activeTab, viewColumn: column } = vscode.window.tabGroups.activeTabGroup;
  const input = activeTab?.input;
  if (!(input instanceof vscode.TabInputCustom) || input.viewType !== EDITOR_TYPE) return null;
  return { canvas: input.uri, column };
}

/** Where the text is open already, else another group with texts, else beside. */
function columnFor(text: vscode.Uri, canvas: vscode.ViewColumn): vscode.ViewColumn {
  const others = vscode.window.tabGroups.all.filter((group) => group.viewColumn !== canvas);
  const shows = ({ input }: vscode.Tab): boolean =>
    input instanceof vscode.TabInputText && input.uri.toString() === text.toString();
  const found =
    others.find((group) => group.tabs.some(shows)) ??
    others.find((group) => group.activeTab?.input instanceof vscode.TabInputText) ??
    others[0];
  return found?.viewColumn ?? vscode.ViewColumn.Beside;
}
