/**
 * `workspace/symbol`: starts, nodes, skills and runners of all documents in the workspace, by the letters of their
 * names in order. Bounded, and given up as soon as the client no longer wants it.
 */
import { SymbolKind, type SymbolInformation, type WorkspaceSymbolParams } from "vscode-languageserver";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Range } from "../../src/graph/diagnostic.ts";
import { workspaceFeature } from "../feature.ts";
import { perObject } from "../../src/graph/memo.ts";
import { folderOf, nameOf } from "../uris.ts";
import type { Snapshot } from "../workspace.ts";

/** Most symbols of one answer; the best ones are given. */
const MAX_SYMBOLS = 500;
/** Longest query that is looked at. */
const MAX_QUERY = 200;
/** So many documents are looked through between two looks at whether the answer is still wanted. */
const BREATHE_EVERY = 50;

interface Named {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly container: string;
  readonly range: () => Range;
}

export const workspaceSymbols = workspaceFeature<WorkspaceSymbolParams, SymbolInformation[]>({
  method: "workspace/symbol",
  capabilities: { workspaceSymbolProvider: true },
  answer: async ({ session, params, token }) => {
    const query = params.query.slice(0, MAX_QUERY);
    const found: { readonly named: Named; readonly score: number; readonly document: Snapshot }[] = [];
    for (const [index, document] of (await session.workspace.all()).entries()) {
      if (index % BREATHE_EVERY === 0) await session.workspace.host.breathe();
      if (token.isCancellationRequested) return null;
      const container = nameOf(document.key);
      for (const named of namesOf(document.live)) {
        const score = closeness(query, named.name);
        if (score !== null)
          found.push({ named: { ...named, container: named.container || container }, score, document });
      }
    }
    found.sort(
      (a, b) => a.score - b.score || compare(a.named.name, b.named.name) || compare(a.document.key, b.document.key),
    );
    return found.slice(0, MAX_SYMBOLS).map(({ named, document }) => ({
      name: named.name,
      kind: named.kind,
      containerName: named.container,
      location: { uri: document.uri, range: named.range() },
    }));
  },
});

const namesOf = perObject((live: LiveDocument): readonly Named[] => {
  const at = (path: readonly (string | number)[]) => (): Range => live.source.range({ path, part: "construct" });
  const found: Named[] = [];
  const { what } = live;
  if (what.document === "skill") {
    const key = what.form === "text" ? "name" : "skill";
    const name = live.source.element([key])?.text ?? nameOf(folderOf(live.file));
    found.push({ name, kind: SymbolKind.Package, container: "", range: at([key]) });
  }
  for (const { graph, runner } of live.graphs) {
    if (runner !== null)
      found.push({ name: runner, kind: SymbolKind.Class, container: graph.name, range: at(["runners", runner]) });
    else if (graph.dialect === "workflow")
      for (const { name, at: path } of graph.starts)
        found.push({ name, kind: SymbolKind.Event, container: graph.name, range: at(path) });
    // A skill or runner that is one step has a node of its name, which is found already.
    const own = what.document === "skill" && graph.nodes.length === 1 ? (runner ?? found[0]?.name) : undefined;
    for (const node of graph.nodes)
      if (node.id !== "" && node.id !== own)
        found.push({ name: node.id, kind: SymbolKind.Function, container: runner ?? graph.name, range: at(node.at) });
  }
  return found;
});

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * How well a name fits a query: null when the query's letters are not in it in order, whatever their case. The
 * lower the better: equal, at the start, in one piece, at the starts of words, scattered.
 */
export function closeness(query: string, name: string): number | null {
  const [wanted, text] = [query.toLowerCase(), name.toLowerCase()];
  if (wanted === "" || wanted === text) return 0;
  const piece = text.indexOf(wanted);
  if (piece >= 0) return piece === 0 ? 1 : 2;
  let at = 0;
  let breaks = 0;
  let next = 0;
  for (const letter of wanted) {
    at = text.indexOf(letter, next);
    if (at < 0) return null;
    if (at !== next && !/[^a-z0-9]/.test(text[at - 1] ?? "_")) breaks++;
    next = at + letter.length;
  }
  return 3 + breaks;
}
