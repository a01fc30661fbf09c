/** The first thing that a page is told. */
import * as vscode from "vscode";
import { paletteOf, type CanvasState } from "../../runtime/canvas/index.ts";
import { PROTOCOL_VERSION, type ToPage } from "../../protocol/webview.ts";

/** The palette, whether runs are possible, and what the document is called. */
export function initMessage({ uri }: vscode.TextDocument, dialect: CanvasState["graph"]["dialect"]): ToPage {
  const { isTrusted } = vscode.workspace;
  return {
    type: "init",
    protocol: PROTOCOL_VERSION,
    palette: paletteOf(dialect),
    canRun: { yes: isTrusted, reason: isTrusted ? "" : "This workspace is not trusted, so nothing is run in it." },
    title: uri.path.slice(uri.path.lastIndexOf("/") + 1),
  };
}
