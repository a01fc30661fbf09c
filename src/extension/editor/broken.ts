/** What a page is told of a text that cannot be drawn: why, and its errors. The last drawing stays. */
import type * as vscode from "vscode";
import { whyNoGraph, type BrokenText } from "../../runtime/canvas/index.ts";
import type { ToPage } from "../../protocol/webview.ts";
import { documentName } from "../document-name.ts";
import type { DrawnDocument } from "./drawn.ts";

/** See the header. */
export function brokenMessage(document: vscode.TextDocument, canvas: DrawnDocument, broken: BrokenText): ToPage {
  const errors = broken.errors.map(({ severity, code, message }) => ({
    ...{ severity, code, message: message },
    element: null,
  }));
  const without = whyNoGraph(document.getText(), documentName(document));
  // What was a graph and is being typed in is one that does not parse.
  const isGraph = broken.live !== null || (canvas.state !== null && without === "other");
  return { type: "broken", version: canvas.version, why: isGraph ? "syntax" : without, errors };
}
