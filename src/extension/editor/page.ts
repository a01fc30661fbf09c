/** The graph editor's page as HTML: one script, one stylesheet, and a policy that allows nothing else. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Folder of the page's files. */
export function pageFolder(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, "dist", "webview");
}

/** The page for a webview. Nothing remote, no eval, no inline script or style. */
export function pageHtml(webview: vscode.Webview, extension: vscode.Uri): string {
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
    <link rel="stylesheet" href="${asset("page.css")}" />
    <title>Graph</title>
  </head>
  <body>
    <div id="root"></div>
    <script nonce="${nonce}" src="${asset("page.js")}"></script>
  </body>
</html>`;
}
