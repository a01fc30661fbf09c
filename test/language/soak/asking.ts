/** Requests about a place of a document, as far as the server offers them. */
import type { Diagnostic, Position, Range, ServerCapabilities } from "vscode-languageserver/node";

/** What requests are made of. */
export interface Subject {
  readonly uri: string;
  readonly position: Position;
  readonly name: string;
  /** The whole document. */
  readonly all: Range;
  /** What was published last. */
  readonly diagnostics: readonly Diagnostic[];
}

type Made = readonly [capability: keyof ServerCapabilities, method: string, params: (subject: Subject) => object];

const here = ({ position }: Subject): object => ({ position });
const none = (): object => ({});
const from = ({ position, all }: Subject): Range => ({ start: position, end: all.end });

const made: readonly Made[] = [
  ["hoverProvider", "textDocument/hover", here],
  ["completionProvider", "textDocument/completion", (one) => ({ ...here(one), context: { triggerKind: 1 } })],
  ["definitionProvider", "textDocument/definition", here],
  ["referencesProvider", "textDocument/references", (one) => ({ ...here(one), context: { includeDeclaration: true } })],
  ["documentHighlightProvider", "textDocument/documentHighlight", here],
  ["renameProvider", "textDocument/prepareRename", here],
  ["renameProvider", "textDocument/rename", (one) => ({ ...here(one), newName: one.name })],
  ["callHierarchyProvider", "textDocument/prepareCallHierarchy", here],
  ["documentSymbolProvider", "textDocument/documentSymbol", none],
  ["workspaceSymbolProvider", "workspace/symbol", ({ name }) => ({ query: name })],
  ["foldingRangeProvider", "textDocument/foldingRange", none],
  ["selectionRangeProvider", "textDocument/selectionRange", ({ position }) => ({ positions: [position] })],
  ["semanticTokensProvider", "textDocument/semanticTokens/full", none],
  ["semanticTokensProvider", "textDocument/semanticTokens/range", (one) => ({ range: from(one) })],
  ["inlayHintProvider", "textDocument/inlayHint", ({ all }) => ({ range: all })],
  ["codeLensProvider", "textDocument/codeLens", none],
  ["documentLinkProvider", "textDocument/documentLink", none],
  [
    "codeActionProvider",
    "textDocument/codeAction",
    ({ position, diagnostics }) => {
      const chosen = diagnostics.filter(({ range }) => range.start.line >= position.line).slice(0, 3);
      return { range: chosen[0]?.range ?? { start: position, end: position }, context: { diagnostics: chosen } };
    },
  ],
  ["documentFormattingProvider", "textDocument/formatting", () => ({ options: { tabSize: 2, insertSpaces: true } })],
];

/** The request that a number from 0 to 1 means; null when the server offers none. */
export function asked(
  can: ServerCapabilities,
  which: number,
  subject: Subject,
): { method: string; params: object } | null {
  const offered = made.filter(([capability]) => can[capability] !== undefined && can[capability] !== false);
  const one = offered[Math.floor(which * offered.length)];
  if (one === undefined) return null;
  const [, method, params] = one;
  return { method, params: { textDocument: { uri: subject.uri }, ...params(subject) } };
}

/** What is asked next about the parts of an answer. */
export function following(
  can: ServerCapabilities,
  method: string,
  answer: unknown,
): { method: string; params: object }[] {
  const list = Array.isArray(answer) ? answer : ((answer as { readonly items?: unknown[] } | null)?.items ?? []);
  const items = list.filter((one): one is object => typeof one === "object" && one !== null).slice(0, 3);
  const resolve = (name: string): { method: string; params: object }[] =>
    items.map((params) => ({ method: name, params }));
  switch (method) {
    case "textDocument/prepareCallHierarchy":
      return items.flatMap((item) => [
        { method: "callHierarchy/incomingCalls", params: { item } },
        { method: "callHierarchy/outgoingCalls", params: { item } },
      ]);
    case "textDocument/completion":
      return can.completionProvider?.resolveProvider === true ? resolve("completionItem/resolve") : [];
    case "textDocument/codeLens":
      return can.codeLensProvider?.resolveProvider === true ? resolve("codeLens/resolve") : [];
    default:
      return [];
  }
}
