/** Every request that a server says it answers, about one place of a document. */
import type { Position, ServerCapabilities } from "vscode-languageserver/node";

/** A request, ready to be sent. */
export interface Asked {
  readonly method: string;
  readonly params: object;
}

interface Where {
  readonly uri: string;
  readonly name: Position;
  readonly reference: Position;
}

type Made = readonly [capability: keyof ServerCapabilities, method: string, params: (where: Where) => object];

const at = (position: Position): object => ({ position });
const all: readonly Made[] = [
  ["hoverProvider", "textDocument/hover", ({ reference }) => at(reference)],
  [
    "completionProvider",
    "textDocument/completion",
    ({ reference }) => ({ ...at(reference), context: { triggerKind: 1 } }),
  ],
  ["signatureHelpProvider", "textDocument/signatureHelp", ({ reference }) => at(reference)],
  ["definitionProvider", "textDocument/definition", ({ reference }) => at(reference)],
  [
    "referencesProvider",
    "textDocument/references",
    ({ name }) => ({ ...at(name), context: { includeDeclaration: true } }),
  ],
  ["documentHighlightProvider", "textDocument/documentHighlight", ({ name }) => at(name)],
  ["renameProvider", "textDocument/prepareRename", ({ name }) => at(name)],
  ["renameProvider", "textDocument/rename", ({ name }) => ({ ...at(name), newName: "another" })],
  ["linkedEditingRangeProvider", "textDocument/linkedEditingRange", ({ name }) => at(name)],
  ["callHierarchyProvider", "textDocument/prepareCallHierarchy", ({ name }) => at(name)],
  ["documentSymbolProvider", "textDocument/documentSymbol", () => ({})],
  ["workspaceSymbolProvider", "workspace/symbol", () => ({ query: "n1" })],
  ["foldingRangeProvider", "textDocument/foldingRange", () => ({})],
  [
    "selectionRangeProvider",
    "textDocument/selectionRange",
    ({ name, reference }) => ({ positions: [name, reference] }),
  ],
  ["semanticTokensProvider", "textDocument/semanticTokens/full", () => ({})],
  ["inlayHintProvider", "textDocument/inlayHint", ({ name }) => ({ range: page(name) })],
  ["codeLensProvider", "textDocument/codeLens", () => ({})],
  ["documentLinkProvider", "textDocument/documentLink", () => ({})],
  [
    "codeActionProvider",
    "textDocument/codeAction",
    ({ reference }) => ({ range: { start: reference, end: reference }, context: { diagnostics: [] } }),
  ],
  ["documentFormattingProvider", "textDocument/formatting", () => ({ options: { tabSize: 2, insertSpaces: true } })],
];

/** What an editor shows at once. */
function page({ line }: Position): object {
  return { start: { line: Math.max(0, line - 30), character: 0 }, end: { line: line + 30, character: 0 } };
}

/** The requests that `can` speaks of. */
export function requests(can: ServerCapabilities, where: Where): Asked[] {
  return all
    .filter(([capability]) => can[capability] !== undefined && can[capability] !== false)
    .map(([, method, params]) => ({ method, params: { textDocument: { uri: where.uri }, ...params(where) } }));
}

/** Requests of the table that `can` does not speak of. */
export function unanswered(can: ServerCapabilities): string[] {
  return all.flatMap(([capability, method]) => (can[capability] === undefined ? [method] : []));
}
