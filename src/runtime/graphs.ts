/** Small reads of a loaded bundle, for the programs above the composition root. */
import type { Bundle } from "../dialects/bundle.ts";
import { RUN, SKIP } from "../dialects/skill/walk.ts";
import type { Graph, Node } from "../graph/model.ts";
import { didYouMean, suggest } from "../graph/suggest.ts";
import { kindTable } from "../kinds/definitions.generated.ts";

export { rootGraph, type Bundle } from "../dialects/bundle.ts";

/**
 * Why `--assume NODE=LABEL` chooses nothing; null when it does: some document has that node, and the node has ways
 * out of that label, or in a skill graph a `when` that may be assumed to `run` or `skip`.
 */
export function assumptionProblem(bundle: Bundle, id: string, label: string): string | null {
  const graphs = [...bundle.entries.values()].flatMap(({ graph }) => (graph === null ? [] : [graph]));
  const named = graphs.flatMap((graph) => graph.nodes.map((node) => ({ graph, node })));
  const found = named.filter(({ node }) => node.id === id);
  if (found.length === 0)
    return `there is no node \`${id}\`${didYouMean(suggest(id, new Set(named.map(({ node }) => node.id))))}`;
  const labels = found.map(({ graph, node }) => labelsOf(graph, node));
  if (labels.some((one) => one === "any" || one.includes(label))) return null;
  const known = [...new Set(labels.flat())].map((one) => `\`${one}\``);
  return known.length === 0
    ? `\`${id}\` has no condition that could be assumed`
    : `\`${id}\` has the labels ${known.join(", ")}`;
}

function labelsOf(graph: Graph, node: Node): readonly string[] | "any" {
  if (graph.dialect === "skill") return node.when === null ? [] : [RUN, SKIP];
  const ports = kindTable(node.kind)?.ports(node);
  if (ports?.open === true) return "any";
  const edges = graph.edges.flatMap(({ from, when }) => (from === node.id && when !== null ? [when] : []));
  return [...(ports?.labels ?? []), ...edges];
}
