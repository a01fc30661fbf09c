/** `textDocument/references`: every place of a name, in all documents that can mean it. */
import type { Location, ReferenceParams } from "vscode-languageserver";
import { documentFeature } from "../feature.ts";
import { homed, placesOf } from "../symbols/across.ts";
import { symbolIndex } from "../symbols/occurrences.ts";

export const references = documentFeature<ReferenceParams, Location[]>({
  method: "textDocument/references",
  capabilities: { referencesProvider: true },
  answer: async ({ session, document, params, token }) => {
    const { live } = document;
    const occurrence = symbolIndex(live).at(live.lines.offset(params.position));
    if (occurrence === null) return null;
    const home = await homed(session.workspace, document, occurrence.symbol);
    // A name whose document is not there still stands in this one.
    const places =
      home === null
        ? symbolIndex(live)
            .of(occurrence.symbol)
            .map((one) => ({ document, occurrence: one }))
        : await placesOf(session, document, home, token);
    return places
      .filter((one) => params.context.includeDeclaration || one.occurrence.role === "reference")
      .map((one) => ({ uri: one.document.uri, range: one.occurrence.range }));
  },
});
