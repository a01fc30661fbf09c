/** Pages of webviews as HTML: one script, one stylesheet, and a policy that allows nothing else. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Pages that are built (`scripts/build.mjs`): each is `NAME.js` and `NAME.css`. */
export type PageName = "page" | "approval" | "receipt";

/** Folder of the pages' files. */
export function pageFolder(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, "dist", "webview");
}

/** A page for a webview. Nothing remote, no eval, no inline script or style. `title`: our own words, never a document's. */
export function pageHtml(webview: vscode.Webview, extension: vscode.Uri, name: PageName, title: string): string {
  const folder = pageFolder(extension);
  const asset = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <link rel="stylesheet" href="${asset(`${name}.css`)}" />
    <title>${title}</title>
  </head>
  <body>
    <div id="root"></div>
    <script nonce="${nonce}" src="${asset(`${name}.js`)}"></script>
  </body>
</html>`;
}
