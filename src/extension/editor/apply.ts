/**
 * Edits of the canvas on a VS Code document: one WorkspaceEdit each, planned and applied in one tick, one after the
 * other (spec/editor.md §2). An edit that met another one is planned again once, then refused.
 */
import * as vscode from "vscode";
import type { TextEdit } from "../../runtime/canvas/index.ts";

/** Plans edits against the document as it is now; a string says why there are none. */
export type Plan = (document: vscode.TextDocument) => readonly TextEdit[] | string;

/** Edits of one document, in order. */
export class DocumentEdits {
  private readonly document: vscode.TextDocument;
  private last: Promise<unknown> = Promise.resolve();

  constructor(document: vscode.TextDocument) {
    this.document = document;
  }

  /** Applies a plan after those that were asked for before. Null when it was done, else a sentence. */
  apply(plan: Plan): Promise<string | null> {
    const done = this.last.then(() => this.attempt(plan));
    this.last = done.catch(() => null);
    return done;
  }

  /** Saves the document once all edits that were asked for are in it. */
  async save(): Promise<void> {
    await this.last;
    await this.document.save();
  }

  private async attempt(plan: Plan): Promise<string | null> {
    for (let tries = 0; tries < 2; tries++) {
      const edits = plan(this.document);
      if (typeof edits === "string") return edits;
      if (edits.length === 0) return null;
      const workspaceEdit = new vscode.WorkspaceEdit();
      for (const { range, text } of edits) {
        const place = new vscode.Range(this.document.positionAt(range[0]), this.document.positionAt(range[1]));
        workspaceEdit.replace(this.document.uri, place, text);
      }
      if (await vscode.workspace.applyEdit(workspaceEdit)) return null;
    }
    return "the document was changed at the same moment; please do it once more";
  }
}
