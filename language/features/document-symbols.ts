/** `textDocument/documentSymbol`: the outline, as a tree for clients that take one and as a list for others. */
import {
  SymbolKind,
  type DocumentSymbol,
  type DocumentSymbolParams,
  type SymbolInformation,
} from "vscode-languageserver";
import { documentFeature } from "../feature.ts";
import { outlineOf, type OutlineItem } from "../structure/outline.ts";
import type { Part } from "../structure/outline-rules.ts";
import type { Snapshot } from "../workspace.ts";

/** How editors show the parts of our documents. */
export const symbolKinds: Readonly<Record<Part, SymbolKind>> = {
  document: SymbolKind.Module,
  start: SymbolKind.Event,
  node: SymbolKind.Function,
  step: SymbolKind.Function,
  edge: SymbolKind.Operator,
  edges: SymbolKind.Array,
  trigger: SymbolKind.Event,
  route: SymbolKind.Interface,
  secret: SymbolKind.Key,
  server: SymbolKind.Namespace,
  backend: SymbolKind.Class,
  group: SymbolKind.Struct,
  guard: SymbolKind.Boolean,
  runner: SymbolKind.Class,
  input: SymbolKind.Variable,
  case: SymbolKind.Method,
  table: SymbolKind.Object,
  list: SymbolKind.Array,
  value: SymbolKind.Property,
};

export const documentSymbols = documentFeature<DocumentSymbolParams, DocumentSymbol[] | SymbolInformation[]>({
  method: "textDocument/documentSymbol",
  capabilities: { documentSymbolProvider: { label: "Countersign" } },
  answer: ({ session, document }) => {
    const items = outlineOf(document.live);
    const { hierarchicalDocumentSymbolSupport: tree } = session.client.textDocument?.documentSymbol ?? {};
    return tree === true ? items.map((item) => symbol(item, document)) : flat(items, document);
  },
});

function symbol(item: OutlineItem, document: Snapshot): DocumentSymbol {
  const { lines } = document.live;
  const children = item.children.map((child) => symbol(child, document));
  return {
    name: item.name,
    ...(item.detail === "" ? {} : { detail: item.detail }),
    kind: symbolKinds[item.part],
    range: lines.range(...item.extent),
    selectionRange: lines.range(...item.focus),
    ...(children.length === 0 ? {} : { children }),
  };
}

/** Each part with the name of what it is in. */
function flat(items: readonly OutlineItem[], document: Snapshot, container: string | null = null): SymbolInformation[] {
  return items.flatMap((item) => [
    {
      name: item.name,
      kind: symbolKinds[item.part],
      location: { uri: document.uri, range: document.live.lines.range(...item.extent) },
      ...(container === null ? {} : { containerName: container }),
    },
    ...flat(item.children, document, item.name),
  ]);
}
