/**
 * `textDocument/definition`: from a name to where it is defined, also in another document; from a file to that file,
 * and for a child with a start to that start. Clients that know links get the stretch that leads there.
 */
import type { DefinitionParams, Location, LocationLink } from "vscode-languageserver";
import { documentFeature } from "../feature.ts";
import { fileLinkAt } from "../symbols/files.ts";
import { symbolIndex } from "../symbols/occurrences.ts";
import { fileTargets, symbolTargets } from "../symbols/targets.ts";

export const definition = documentFeature<DefinitionParams, LocationLink[] | Location[]>({
  method: "textDocument/definition",
  capabilities: { definitionProvider: true },
  answer: async ({ session, document, params }) => {
    const { live } = document;
    const offset = live.lines.offset(params.position);
    const occurrence = symbolIndex(live).at(offset);
    const file = occurrence === null ? fileLinkAt(live, offset) : null;
    const found =
      occurrence !== null
        ? await symbolTargets(session, document, occurrence)
        : file === null
          ? []
          : await fileTargets(session, document, file);
    if (found.length === 0) return null;
    if (session.client.textDocument?.definition?.linkSupport === true) return [...found];
    return found.map(({ targetUri, targetSelectionRange }) => ({ uri: targetUri, range: targetSelectionRange }));
  },
});
