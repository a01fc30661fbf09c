/** `textDocument/semanticTokens/full` and `/range`: what the words of a document mean ({@link tokensOf}). */
import type {
  SemanticTokens,
  SemanticTokensParams,
  SemanticTokensRangeParams,
  ServerCapabilities,
} from "vscode-languageserver";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import { documentFeature } from "../feature.ts";
import { perObject } from "../../src/graph/memo.ts";
import { tokenModifiers, tokensOf, tokenTypes, type Token } from "../structure/tokens.ts";

const capabilities: ServerCapabilities = {
  semanticTokensProvider: {
    legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] },
    full: true,
    range: true,
  },
};

export const semanticTokens = documentFeature<SemanticTokensParams, SemanticTokens>({
  method: "textDocument/semanticTokens/full",
  capabilities,
  answer: ({ document }) => ({ data: [...encoded(document.live)] }),
});

export const semanticTokensRange = documentFeature<SemanticTokensRangeParams, SemanticTokens>({
  method: "textDocument/semanticTokens/range",
  capabilities,
  answer: ({ document: { live }, params }) => {
    const [from, to] = [live.lines.offset(params.range.start), live.lines.offset(params.range.end)];
    const within = tokensOf(live).filter(({ span }) => span[0] < to && span[1] > from);
    return { data: encode(live, within) };
  },
});

const encoded = perObject((live: LiveDocument) => encode(live, tokensOf(live)));

/** The protocol's five numbers for each token, places relative to the one before. */
function encode({ lines }: LiveDocument, tokens: readonly Token[]): number[] {
  const data: number[] = [];
  let before = { line: 0, character: 0 };
  for (const { span, type, modifiers } of tokens) {
    const at = lines.position(span[0]);
    const column = at.line === before.line ? at.character - before.character : at.character;
    const bits = modifiers.reduce((sum, modifier) => sum | (1 << tokenModifiers.indexOf(modifier)), 0);
    data.push(at.line - before.line, column, span[1] - span[0], tokenTypes.indexOf(type), bits);
    before = at;
  }
  return data;
}
