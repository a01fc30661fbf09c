/** Changes of what stands at the cursor, where nothing is wrong: of an edge, of a node. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { graphAt, nodeAt } from "../schema/where.ts";
import { begins, freeName, idsOf, type Offer } from "./about.ts";

/** Iterations of a new loop edge. */
const ITERATIONS = 3;

/** What may be done with what stands at an offset. */
export function refactorings(live: LiveDocument, offset: number): readonly Offer[] {
  const { path, part } = live.source.at(offset);
  if (part === "comment" || part === "space" || live.what.document !== "graph") return [];
  const index = live.graphs.findIndex((one) => one === graphAt(live, path));
  const graph = live.graphs[index]?.graph;
  if (graph === undefined) return [];
  const taken = idsOf(graph);
  const node = nodeAt(live, path)?.node;
  if (node !== undefined) {
    if (node.id === "" || !taken.includes(node.id)) return [];
    const id = freeName(node.id, taken);
    const intent = { type: "duplicate-node", node: node.index, id, graph: index } as const;
    return [{ title: `Duplicate the node \`${node.id}\``, change: { type: "intent", intent } }];
  }
  if (graph.dialect !== "workflow") return [];
  const edge = graph.edges.find(({ at }) => begins(path, at));
  return edge === undefined ? [] : edgeOffers(edge, index, freeName("step", taken));
}

function edgeOffers(
  edge: {
    readonly index: number;
    readonly from: string;
    readonly to: string;
    readonly maxIterations: number | null;
    readonly at: DocumentPath;
  },
  graph: number,
  id: string,
): Offer[] {
  const arrow = `\`${edge.from}\` → \`${edge.to}\``;
  const node = { id, kind: "merge", fields: [] } as const;
  const inserted: Offer = {
    title: `Insert a node \`${id}\` (merge) on ${arrow}`,
    change: { type: "intent", intent: { type: "insert-on-edge", index: edge.index, node, graph } },
  };
  const maxIterations = edge.maxIterations === null ? ITERATIONS : null;
  const looped: Offer = {
    title: maxIterations === null ? `Make ${arrow} a plain edge` : `Make ${arrow} a loop edge`,
    change: { type: "intent", intent: { type: "set-edge", index: edge.index, maxIterations, graph } },
  };
  return [looped, inserted];
}
