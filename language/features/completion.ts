/** `textDocument/completion`: what may be written at the cursor. */
import type { CompletionList, CompletionParams } from "vscode-languageserver";
import { isIgnored, offersAt } from "../completion/complete.ts";
import { completionList } from "../completion/offer.ts";
import { documentFeature } from "../feature.ts";

export const completion = documentFeature<CompletionParams, CompletionList>({
  method: "textDocument/completion",
  capabilities: { completionProvider: { triggerCharacters: [".", '"', "'", "{", ":", "/", " ", "=", "["] } },
  answer: async ({ session, document, params }) => {
    const { live } = document;
    const offset = live.lines.offset(params.position);
    const cursor = { session, document, live, offset, point: live.source.at(offset) };
    const offers = isIgnored(cursor) ? [] : await offersAt(cursor);
    return completionList(offers, live, offset, session.client);
  },
});
