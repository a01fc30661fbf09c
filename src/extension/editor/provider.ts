/** The custom editor that draws graphs; each of its views is a {@link GraphView}. */
import type * as vscode from "vscode";
import { associationsSetting } from "../settings.ts";
import { openDocuments } from "../../runtime/canvas/index.ts";
import { addView } from "./active.ts";
import { pageFolder, pageHtml } from "./page.ts";
import { GraphView, type ViewServices } from "./view.ts";

/** Makes the editor. */
export function createGraphEditor(services: ViewServices): vscode.CustomTextEditorProvider {
  return {
    resolveCustomTextEditor(document, panel) {
      const { extensionUri } = services.context;
      panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
      const view = new GraphView(document, panel, openDocuments(associationsSetting(document)), services);
      const removeView = addView(view);
      panel.onDidDispose(() => {
        removeView();
        view.dispose();
      });
      panel.webview.html = pageHtml(panel.webview, extensionUri);
    },
  };
}
