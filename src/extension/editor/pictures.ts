/** Pictures of what a view draws. A PNG is made by the page of the SVG that it is sent. */
import type * as vscode from "vscode";
import { svg } from "../../runtime/canvas/index.ts";
import type { ToPage } from "../../protocol/webview.ts";
import type { DrawnDocument } from "./drawn.ts";
import { savePicture } from "./files.ts";

/** What is wanted; `png`: the picture in base 64, once the page has made it. */
export interface Picture {
  readonly format: "svg" | "png";
  readonly dark: boolean;
  readonly png: string | null;
}

/** Saves it, or asks the page to make it. Null, or a sentence that says why there is none. */
export async function exportPicture(
  document: vscode.TextDocument,
  canvas: DrawnDocument,
  { format, dark, png }: Picture,
  send: (message: ToPage) => void,
): Promise<string | null> {
  const { state, layout } = canvas;
  if (state === null || layout === null) return "there is no drawing to export";
  if (format === "png" && png !== null) {
    await savePicture(document, "png", Buffer.from(png, "base64"));
    return null;
  }
  const children = canvas.children.drawings();
  const text = svg(canvas.drawing(state), layout, { theme: dark ? "dark" : "light", children });
  if (format === "svg") await savePicture(document, "svg", new TextEncoder().encode(text));
  else send({ type: "rasterise", svg: text });
  return null;
}
