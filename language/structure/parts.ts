/**
 * Where a document's nodes, edges and starts stand: the graph's parts by the path of their construct, and by stretch
 * of the text. Derived once for each version.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { nodeIndex, type Edge, type Graph, type Node } from "../../src/graph/model.ts";
import { perObject } from "../../src/graph/memo.ts";

/** A node, the graph it is in, and the runner of that graph in an X.yaml. */
export interface PlacedNode {
  readonly graph: Graph;
  readonly runner: string | null;
  readonly node: Node;
}

/** Something with its construct's stretch of the text. */
export interface Placed<T> {
  readonly of: T;
  readonly extent: Span;
}

/** A path as a key of maps. */
export function pathKey(path: DocumentPath): string {
  return path.join("\u0000");
}

/** Nodes by the path of their construct. With several graphs over one construct the first wins. */
export const nodesByPath: (live: LiveDocument) => ReadonlyMap<string, PlacedNode> = perObject((live) => {
  const found = new Map<string, PlacedNode>();
  for (const { graph, runner } of live.graphs)
    for (const node of graph.nodes) {
      const key = pathKey(node.at);
      if (!found.has(key)) found.set(key, { graph, runner, node });
    }
  return found;
});

/** Edges by the path of their construct, where edges are written at all. */
export const edgesByPath: (live: LiveDocument) => ReadonlyMap<string, Edge> = perObject((live) => {
  const found = new Map<string, Edge>();
  for (const { graph } of live.graphs)
    if (graph.dialect === "workflow") for (const edge of graph.edges) found.set(pathKey(edge.at), edge);
  return found;
});

/** All nodes with their stretches, in the order of the text. */
const nodeStretches = perObject((live: LiveDocument): readonly Placed<PlacedNode>[] =>
  stretches(live, [...nodesByPath(live).values()], (placed) => placed.node.at),
);

/** All edges with their stretches, in the order of the text. */
const edgeStretches = perObject((live: LiveDocument): readonly Placed<Edge>[] =>
  stretches(live, [...edgesByPath(live).values()], (edge) => edge.at),
);

/** Nodes of which something stands between two offsets. */
export function nodesWithin(live: LiveDocument, from: number, to: number): PlacedNode[] {
  return touching(nodeStretches(live), from, to);
}

/** Written edges of which something stands between two offsets. */
export function edgesWithin(live: LiveDocument, from: number, to: number): Edge[] {
  return touching(edgeStretches(live), from, to);
}

/** The node of a graph by its id; null when there is none. */
export function nodeNamed(graph: Graph, id: string): Node | null {
  const index = indexOf(graph).get(id);
  return index === undefined ? null : (graph.nodes[index] ?? null);
}

const indexOf = perObject(nodeIndex);

function stretches<T>(live: LiveDocument, all: readonly T[], at: (one: T) => DocumentPath): Placed<T>[] {
  return all
    .flatMap((of) => {
      const extent = live.source.element(at(of))?.extent;
      return extent === undefined ? [] : [{ of, extent }];
    })
    .sort((a, b) => a.extent[0] - b.extent[0]);
}

function touching<T>(all: readonly Placed<T>[], from: number, to: number): T[] {
  return all.filter(({ extent }) => extent[0] <= to && extent[1] >= from).map(({ of }) => of);
}
