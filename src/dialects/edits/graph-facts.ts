/**
 * Finding what an intent names in a graph, with a refusal where it is not there.
 */
import type { Edge, Graph, Node, Start } from "../../graph/model.ts";
import type { LiveDocument } from "../live/live.ts";
import type { Intent, NodeRef } from "./intent.ts";
import { Refusal } from "./refusal.ts";

/** The graph that an intent is about. */
export function graphOf(document: LiveDocument, intent: Pick<Intent, "graph">): Graph {
  const found = document.graphs[intent.graph ?? 0];
  if (found !== undefined) return found.graph;
  throw new Refusal("edit_unknown", "the document has no such graph, or its text cannot be made out");
}

/** A node by position or id. */
export function nodeOf(graph: Graph, ref: NodeRef): Node {
  const found = typeof ref === "number" ? graph.nodes[ref] : graph.nodes.find((node) => node.id === ref);
  if (found !== undefined) return found;
  throw new Refusal(
    "edit_unknown",
    typeof ref === "number" ? `there is no node #${ref}` : `there is no node \`${ref}\``,
  );
}

/** An edge by position. */
export function edgeOf(graph: Graph, index: number): Edge {
  const found = graph.edges[index];
  if (found !== undefined) return found;
  throw new Refusal("edit_unknown", `there is no edge #${index}`);
}

/** A start by position or name, which means the first of that name. */
export function startOf(graph: Graph, ref: number | string): Start {
  const found = typeof ref === "number" ? graph.starts[ref] : graph.starts.find((start) => start.name === ref);
  if (found !== undefined) return found;
  throw new Refusal(
    "edit_unknown",
    typeof ref === "number" ? `there is no start #${ref}` : `there is no start \`${ref}\``,
  );
}

/** Refuses an id that another node has. */
export function requireFreeId(graph: Graph, id: string): void {
  if (graph.nodes.some((node) => node.id === id))
    throw new Refusal("edit_conflict", `there is a node \`${id}\` already; give the new one another id`);
}

/** The last number of a path: the position of an item in its list. */
export function itemIndex(at: Node["at"]): number {
  const last = at.at(-1);
  if (typeof last === "number") return last;
  throw new Refusal("edit_unsafe", "the place of the node in the text could not be made out");
}

/** Where a node lands that is moved by `steps` places. */
export function movedIndex(graph: Graph, node: Node, steps: number): number {
  const to = node.index + steps;
  if (!Number.isInteger(steps) || to < 0 || to >= graph.nodes.length)
    throw new Refusal(
      "edit_unknown",
      `\`${node.id}\` cannot be moved by ${steps}: there are ${graph.nodes.length} nodes`,
    );
  return to;
}

/** The refusal of an intent that a dialect has no way to say. */
export function notExpressible(message: string): Refusal {
  return new Refusal("edit_not_expressible", message);
}
