/** An edge: from where to where, when it is taken, how often. */
import type { Edge, Graph, Node } from "../../src/graph/model.ts";
import { emits } from "../../src/graph/checks/check.ts";
import { viewOf } from "../schema/where.ts";
import { code, paragraphs } from "./markdown.ts";
import { nodeLine } from "./node.ts";

/** An edge in Markdown. */
export function edgeText(graph: Graph, edge: Edge): string {
  const view = viewOf(graph);
  const source = nodeOf(graph, edge.from);
  const target = nodeOf(graph, edge.to);
  const loop =
    edge.maxIterations === null
      ? null
      : `A loop edge: taken at most ${edge.maxIterations} ${edge.maxIterations === 1 ? "time" : "times"} in a run.`;
  const ports = source === null ? null : view.ports(source);
  const never = ports !== null && (!emits(ports, edge.when) || edge.maxIterations === 0);
  return paragraphs(
    `${code(edge.from)} → ${code(edge.to)}${edge.when === null ? "" : ` when ${code(edge.when)}`}`,
    never ? "⚠ Never taken: its source does not end that way." : whenText(edge),
    loop,
    [
      source === null ? `There is no node ${code(edge.from)}.` : `from ${nodeLine(source)}`,
      target === null ? `There is no node ${code(edge.to)}.` : `to ${nodeLine(target)}`,
    ].join("  \n"),
  );
}

function whenText({ from, when }: Edge): string {
  return when === null
    ? `Taken when ${code(from)} ends without a label.`
    : `Taken when ${code(from)} ends with the label ${code(when)}.`;
}

function nodeOf(graph: Graph, id: string): Node | null {
  const index = viewOf(graph).byId.get(id);
  return index === undefined ? null : viewOf(graph).node(index);
}
