/**
 * `textDocument/documentLink`: the files that a document names, as far as they are there. What is missing is no link;
 * the checks say so.
 */
import type { DocumentLink, DocumentLinkParams } from "vscode-languageserver";
import { documentFeature } from "../feature.ts";
import { fileLinks, foundFile } from "../symbols/files.ts";
import { uriOf } from "../uris.ts";

export const links = documentFeature<DocumentLinkParams, DocumentLink[]>({
  method: "textDocument/documentLink",
  capabilities: { documentLinkProvider: {} },
  answer: async ({ session, document, token }) => {
    const found: DocumentLink[] = [];
    for (const link of fileLinks(document.live)) {
      if (token.isCancellationRequested) return null;
      const file = await foundFile(session.workspace, document, link);
      if (file !== null) found.push({ range: link.range, target: file.document?.uri ?? uriOf(file.key) });
    }
    return found;
  },
});
