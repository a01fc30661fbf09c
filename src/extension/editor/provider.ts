/** The custom editor that draws graphs; each of its views is a {@link GraphView}. */
import type * as vscode from "vscode";
import { pageFolder, pageHtml } from "../page.ts";
import { associationsSetting } from "../settings.ts";
import { openDocuments } from "../../runtime/canvas/index.ts";
import { addView, allViews } from "./active.ts";
import { compareViews, type ComparedView } from "./head.ts";

import type { ViewServices } from "./services.ts";
import { GraphView } from "./view.ts";

/** Makes the editor. */
export function createGraphEditor(services: Omit<ViewServices, "compare">): vscode.CustomTextEditorProvider {
  const compare = ({ document }: ComparedView): void => {
    const open = openDocuments(associationsSetting(document));
    compareViews(allViews(), document.uri.fsPath, open).catch((problem: unknown) => {
      services.log.error(String(problem));
    });
  };
  return {
    async resolveCustomTextEditor(document, panel) {
      await services.places.open(document.uri);
      const { extensionUri } = services.context;
      panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
      const view = new GraphView(document, panel, openDocuments(associationsSetting(document)), {
        ...services,
        compare,
      });
      const removeView = addView(view);
      panel.onDidDispose(() => {
        removeView();
        view.dispose();
        compare(view);
      });
      panel.webview.html = pageHtml(panel.webview, extensionUri, "page", "Graph");
    },
  };
}
