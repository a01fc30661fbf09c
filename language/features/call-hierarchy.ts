/**
 * Call hierarchy: `callHierarchy/…` over `call`, `parallel`, `map` and nested skills. Its items are documents, their
 * starts or runners, and nodes; an item is found again by name, so it survives edits elsewhere.
 */
import {
  SymbolKind as WireKind,
  type CallHierarchyIncomingCall,
  type CallHierarchyIncomingCallsParams,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type CallHierarchyOutgoingCallsParams,
  type CallHierarchyPrepareParams,
  type CancellationToken,
} from "vscode-languageserver";
import { z } from "zod";
import type { Graph } from "../../src/graph/model.ts";
import { documentFeature, documentFeatureAt, type Session } from "../feature.ts";
import { callsIn, calleeOf, callersOf, entryOf, reached, type Call, type Callee } from "../symbols/calls.ts";
import { fileLinkAt } from "../symbols/files.ts";
import { homed } from "../symbols/across.ts";
import { symbolIndex } from "../symbols/occurrences.ts";
import type { Occurrence } from "../symbols/symbol.ts";
import { constructRange, startOf } from "../symbols/targets.ts";
import { nameOf } from "../uris.ts";
import type { Snapshot } from "../workspace.ts";

/** What an item carries back: which of a document's things it is. */
const dataSchema = z.object({
  start: z.string().nullable(),
  node: z.string().nullable(),
  runner: z.string().nullable(),
});
type Data = z.infer<typeof dataSchema>;

const whole: Data = { start: null, node: null, runner: null };

export const prepareCallHierarchy = documentFeature<CallHierarchyPrepareParams, CallHierarchyItem[]>({
  method: "textDocument/prepareCallHierarchy",
  capabilities: { callHierarchyProvider: true },
  answer: async ({ session, document, params }) => {
    const { live } = document;
    const offset = live.lines.offset(params.position);
    const occurrence = symbolIndex(live).at(offset);
    const link = fileLinkAt(live, offset);
    if (link !== null) {
      const file = callsIn(document).find((call) => call.link === link);
      const callee = file === undefined ? null : await calleeOf(session, file);
      if (callee !== null) return [calleeItem(callee)];
    }
    if (occurrence !== null) {
      const home = await homed(session.workspace, document, occurrence.symbol);
      const { kind, name, runner } = home?.symbol ?? occurrence.symbol;
      if (home !== null && (kind === "start" || kind === "runner"))
        return [calleeItem({ document: home.document, start: name })];
      if (home !== null && kind === "node") {
        const item = nodeItem(home.document, name, runner);
        if (item !== null) return [item];
      }
    }
    const around = nodeAround(document, offset);
    return [around ?? calleeItem({ document, start: null })];
  },
});

export const incomingCalls = documentFeatureAt<CallHierarchyIncomingCallsParams, CallHierarchyIncomingCall[]>({
  method: "callHierarchy/incomingCalls",
  capabilities: {},
  uri: ({ item }) => item.uri,
  answer: async ({ session, document, params, token }) => {
    const data = dataOf(params.item);
    if (data.node === null) {
      const calls = await callersOf(session, { document, start: data.start }, token);
      return byNode(calls).flatMap(([item, ranges]) => [{ from: item, fromRanges: ranges }]);
    }
    return enclosing(document, data.node, data.runner);
  },
});

export const outgoingCalls = documentFeatureAt<CallHierarchyOutgoingCallsParams, CallHierarchyOutgoingCall[]>({
  method: "callHierarchy/outgoingCalls",
  capabilities: {},
  uri: ({ item }) => item.uri,
  answer: ({ session, document, params, token }) => {
    const data = dataOf(params.item);
    return data.node === null ? within(document, data.start) : calledBy(session, document, data, token);
  },
});

function dataOf(item: CallHierarchyItem): Data {
  const parsed = dataSchema.safeParse(item.data);
  return parsed.success ? parsed.data : whole;
}

/** Callers of a node: the starts whose runs reach it; without starts, its document. */
function enclosing(document: Snapshot, node: string, runner: string | null): CallHierarchyIncomingCall[] {
  const graph = graphOf(document, runner);
  if (graph === null) return [];
  const before = reached(graph, node, true);
  const starts = graph.dialect === "workflow" ? graph.starts : [];
  const found = starts.flatMap(({ name }) => {
    const entry = entryOf(graph, name);
    if (entry === null || !before.has(entry)) return [];
    const from = calleeItem({ document, start: name });
    return [{ from, fromRanges: [entryRange(document, name) ?? from.selectionRange] }];
  });
  if (graph.dialect === "workflow") return found;
  const from = calleeItem({ document, start: runner });
  const own = nodeDefinition(document, node, runner);
  return [{ from, fromRanges: [own?.range ?? from.selectionRange] }];
}

/** Where a start names its node. */
function entryRange({ live }: Snapshot, start: string): Occurrence["range"] | null {
  const index = symbolIndex(live);
  const own = index.of({ kind: "start", name: start, owner: null, runner: null, home: null });
  const path = own.find((one) => one.role === "definition")?.path.slice(0, -1);
  const key = path === undefined ? null : JSON.stringify([...path, "entry_node"]);
  return index.all.find((one) => JSON.stringify(one.path) === key)?.range ?? null;
}

/** The nodes that a document, or a run from one of its starts, comes to and that run others. */
function within(document: Snapshot, start: string | null): CallHierarchyOutgoingCall[] {
  const graph = graphOf(document, null);
  const entry = graph === null || start === null ? null : entryOf(graph, start);
  const passed = graph === null || entry === null ? null : reached(graph, entry);
  const calls = callsIn(document).filter(({ node, link }) => {
    if (start === null) return true;
    return link.runner === null ? passed?.has(node) !== false : link.runner === start;
  });
  return byNode(calls).map(([item]) => ({ to: item, fromRanges: [item.selectionRange] }));
}

/** The documents that a node runs. */
async function calledBy(
  session: Session,
  document: Snapshot,
  { node, runner }: Data,
  token: CancellationToken,
): Promise<CallHierarchyOutgoingCall[] | null> {
  const found = new Map<string, CallHierarchyOutgoingCall>();
  for (const call of callsIn(document)) {
    if (call.node !== node || call.link.runner !== runner) continue;
    if (token.isCancellationRequested) return null;
    const callee = await calleeOf(session, call);
    if (callee === null) continue;
    const key = JSON.stringify([callee.document.key, callee.start]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { to: calleeItem(callee), fromRanges: [call.link.range] });
    else known.fromRanges.push(call.link.range);
  }
  return [...found.values()];
}

/** Calls by their node, in order. */
function byNode(calls: readonly Call[]): [CallHierarchyItem, CallHierarchyItem["range"][]][] {
  const found = new Map<string, [CallHierarchyItem, CallHierarchyItem["range"][]]>();
  for (const { document, node, link } of calls) {
    const key = JSON.stringify([document.key, link.runner, node]);
    const known = found.get(key);
    if (known !== undefined) known[1].push(link.range);
    else {
      const item = nodeItem(document, node, link.runner);
      if (item !== null) found.set(key, [item, [link.range]]);
    }
  }
  return [...found.values()];
}

function graphOf({ live }: Snapshot, runner: string | null): Graph | null {
  return live.graphs.find((one) => one.runner === runner)?.graph ?? null;
}

function nodeDefinition({ live }: Snapshot, node: string, runner: string | null): Occurrence | null {
  const symbol = { kind: "node", name: node, owner: null, runner, home: null } as const;
  return (
    symbolIndex(live)
      .of(symbol)
      .find((one) => one.role === "definition") ?? null
  );
}

function nodeItem(document: Snapshot, node: string, runner: string | null): CallHierarchyItem | null {
  const own = nodeDefinition(document, node, runner);
  if (own === null) return null;
  return {
    name: node,
    detail: nameOf(document.key),
    kind: WireKind.Method,
    uri: document.uri,
    range: constructRange(document, own),
    selectionRange: own.range,
    data: { start: null, node, runner } satisfies Data,
  };
}

function calleeItem({ document, start }: Callee): CallHierarchyItem {
  const { live, uri, key } = document;
  const own = start === null ? null : startOf(document, start);
  if (start !== null && own !== null) {
    const range = constructRange(document, own);
    const data: Data = { ...whole, start };
    return { name: start, detail: nameOf(key), kind: WireKind.Function, uri, range, selectionRange: own.range, data };
  }
  const begin = live.lines.position(0);
  return {
    name: live.graphs[0]?.graph.name ?? nameOf(key),
    detail: nameOf(key),
    kind: WireKind.Module,
    uri,
    range: live.lines.range(0, live.text.length),
    selectionRange: { start: begin, end: begin },
    data: whole,
  };
}

/** The node whose construct holds an offset. */
function nodeAround(document: Snapshot, offset: number): CallHierarchyItem | null {
  const { live } = document;
  for (const { graph, runner } of live.graphs)
    for (const node of graph.nodes) {
      const extent = live.source.element(node.at)?.extent;
      if (extent === undefined || offset < extent[0] || offset > extent[1]) continue;
      const item = nodeItem(document, node.id, runner);
      if (item !== null) return item;
    }
  return null;
}
