/** The custom editor that draws graphs; each of its views is a {@link GraphView}. */
import * as vscode from "vscode";
import { pageFolder, pageHtml } from "../page.ts";
import { associationsSetting } from "../settings.ts";
import { LayoutThreads, openDocuments } from "../../runtime/canvas/index.ts";
import { addView, allViews } from "./active.ts";
import { compareViews, type ComparedView } from "./head.ts";

import type { ViewServices } from "./services.ts";
import { GraphView } from "./view.ts";

/** Makes the editor. */
export function createGraphEditor(
  services: Omit<ViewServices, "compare" | "layouts">,
): vscode.CustomTextEditorProvider {
  const dist = vscode.Uri.joinPath(services.context.extensionUri, "dist");
  const layouts = new LayoutThreads(new URL("layout-worker.mjs", `${dist.toString()}/`));
  services.context.subscriptions.push(layouts);
  const compare = ({ document }: ComparedView): void => {
    const open = openDocuments(associationsSetting(document));
    compareViews(allViews(), document.uri.fsPath, open).catch((problem: unknown) => {
      services.log.error(String(problem));
    });
  };
  return {
    async resolveCustomTextEditor(document, panel) {
      // It sets itself up while the page is loaded.
      layouts.warm();
      await services.places.open(document.uri);
      const { extensionUri } = services.context;
      panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
      const view = new GraphView(document, panel, openDocuments(associationsSetting(document)), {
        ...services,
        ...{ compare, layouts },
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
