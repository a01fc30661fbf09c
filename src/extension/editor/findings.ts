/** What is found at a view's elements: the document's diagnostics, and what policy would decide of its effects. */
import type * as vscode from "vscode";
import { decisionsOf, type CanvasState } from "../../runtime/canvas/index.ts";
import type { NodeDecision, ToPage } from "../../protocol/webview.ts";
import { placeOf } from "../run/place.ts";
import type { DrawnDocument } from "./drawn.ts";
import { marksOf } from "./marks.ts";

/** See the header. */
export class Findings {
  private readonly document: vscode.TextDocument;
  private readonly canvas: DrawnDocument;
  private decisions: readonly NodeDecision[] = [];

  constructor(document: vscode.TextDocument, canvas: DrawnDocument) {
    this.document = document;
    this.canvas = canvas;
  }

  /** The message that shows them. */
  message(): ToPage {
    const marks = marksOf(this.document, this.canvas.state);
    return { type: "marks", version: this.canvas.version, marks, decisions: [...this.decisions] };
  }

  /** Decides anew. Decisions look at real paths, so they come when they come; false when a newer text replaced them. */
  async decide(drawn: CanvasState): Promise<boolean> {
    const decisions = await decisionsOf(drawn, placeOf(this.document.uri));
    if (this.canvas.state !== drawn) return false;
    this.decisions = decisions;
    return true;
  }
}
