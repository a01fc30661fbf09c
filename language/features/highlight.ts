/** `textDocument/documentHighlight`: the same name elsewhere in the document; where it is defined counts as written. */
import { DocumentHighlightKind, type DocumentHighlight, type DocumentHighlightParams } from "vscode-languageserver";
import { documentFeature } from "../feature.ts";
import { symbolIndex } from "../symbols/occurrences.ts";

export const highlight = documentFeature<DocumentHighlightParams, DocumentHighlight[]>({
  method: "textDocument/documentHighlight",
  capabilities: { documentHighlightProvider: true },
  answer: ({ document: { live }, params }) => {
    const index = symbolIndex(live);
    const occurrence = index.at(live.lines.offset(params.position));
    if (occurrence === null) return null;
    return index.of(occurrence.symbol).map(({ range, role }) => ({
      range,
      kind: role === "definition" ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }));
  },
});
