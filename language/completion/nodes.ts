/** Ids of nodes where a node is meant, and numbers of stages where a pipeline means one. */
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Graph, Node } from "../../src/graph/model.ts";
import { kindDefinition } from "../../src/kinds/definitions.generated.ts";
import { graphPath } from "../schema/names.ts";
import { subjectOf, type Asked } from "./asked.ts";
import { inSlot, type Offer } from "./offer.ts";
import { siblings } from "./words.ts";

/** What is said beside a node's id. */
export function nodeDetail(node: Node): string {
  const summary = kindDefinition(node.kind)?.summary;
  if (node.kind === "" || summary === undefined) return node.label ?? node.kind;
  return `${node.kind} · ${node.label ?? summary}`;
}

/** Nodes that may be named here. */
export async function nodeIds(asked: Asked): Promise<Offer[]> {
  const subject = await subjectOf(asked, asked.path);
  if (subject === null) return [];
  const { graph } = subject;
  const taken = siblings(asked);
  const seen = new Set<string>();
  const rank = ranking(asked, graph);
  return candidates(asked, graph).flatMap((node) => {
    if (node.id === "" || seen.has(node.id) || taken.has(node.id)) return [];
    seen.add(node.id);
    const { slot } = asked;
    return [
      inSlot(slot, 0, slot.text.length, node.id, {
        kind: "node",
        detail: nodeDetail(node),
        rank: rank(node),
      }),
    ];
  });
}

/** A gate of a fan-out group speaks of the group's own branches. */
function candidates({ live, path }: Asked, graph: Graph): readonly Node[] {
  const rest = path.slice(graphPath(live, path).length);
  if (rest[0] !== "fanout" || rest[1] !== "groups") return graph.nodes;
  return graph.nodes.filter((node) => node.group === rest[2]);
}

/** For the end of an edge: nodes that nothing leads to yet come first; its own beginning comes last. */
function ranking({ live, path }: Asked, graph: Graph): (node: Node) => number {
  if (path.at(-1) !== "to") return () => 0;
  const from = live.source.element([...path.slice(0, -1), "from"])?.text;
  const taken = entered(graph);
  return ({ id }) => (id === from ? 2 : taken.has(id) ? 1 : 0);
}

const known = new WeakMap<Graph, ReadonlySet<string>>();

function entered(graph: Graph): ReadonlySet<string> {
  const found = known.get(graph) ?? new Set(graph.edges.map(({ to }) => to));
  known.set(graph, found);
  return found;
}

/** Numbers of the stages before this one. */
export function stageIndexes({ live, path, slot }: Asked): Offer[] {
  const own = Number(path[2]);
  const list: DocumentPath = ["single_ring", "stages"];
  const dependencies = path.slice(0, -1);
  const taken = new Set(
    (live.source.element(dependencies)?.children ?? [])
      .filter((item) => item !== path.at(-1) && item !== "count")
      .map((item) => live.source.element([...dependencies, item])?.text),
  );
  return (live.source.element(list)?.children ?? []).flatMap((index): Offer[] => {
    if (typeof index !== "number" || index >= own || taken.has(String(index))) return [];
    const id = live.source.element([...list, index, "id"])?.text ?? "";
    return [
      inSlot(slot, 0, slot.text.length, String(index), {
        kind: "node",
        label: id === "" ? String(index) : `${index}  ${id}`,
        filter: String(index),
      }),
    ];
  });
}
