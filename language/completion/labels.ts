/** Labels that the source of an edge can give, without those that other edges of it take. */
import type { Graph, Node } from "../../src/graph/model.ts";
import { splitReference } from "../../src/graph/reference.ts";
import { walkShape, type Shape } from "../../src/graph/shape.ts";
import { viewOf } from "../schema/where.ts";
import { subjectOf, type Asked } from "./asked.ts";
import { inSlot, type Offer } from "./offer.ts";

/** What a label means, where it is not the author's own word. */
const meanings: Readonly<Record<string, string>> = {
  true: "the value counts as true",
  false: "the value counts as false",
  error: "it failed",
  exhausted: "its steps or tokens are used up",
  denied: "somebody said no",
  approved: "somebody said yes",
  null: "the value is null or not there",
};

/** Labels for the `when` of an edge, or for what a fixture expects of a node. */
export async function edgeLabels(asked: Asked): Promise<Offer[]> {
  const { live, path, slot } = asked;
  const subject = await subjectOf(asked, path);
  if (subject === null) return [];
  const { graph } = subject;
  const isEdge = path.at(-1) === "when";
  const from = isEdge
    ? live.source.element([...path.slice(0, -1), "from"])?.text
    : String(path[0] === "assume" ? path[1] : path[2]);
  const index = viewOf(graph).byId.get(from ?? "");
  if (index === undefined) return [];
  const node = viewOf(graph).node(index);
  const own = isEdge ? path.slice(0, -1) : null;
  const taken = new Set(own === null ? [] : takenLabels(graph, node, own));
  // What a switch may give is open; where a fixture speaks of it, the edges tell what is meant.
  const followed = own === null ? (viewOf(graph).out.get(index) ?? []).flatMap((edge) => edge.when ?? []) : [];
  return [...new Set([...labelsOf(graph, node), ...followed])]
    .filter((label) => !taken.has(label))
    .map((label) => {
      const detail = meanings[label];
      return inSlot(slot, 0, slot.text.length, label, { kind: "word", ...(detail === undefined ? {} : { detail }) });
    });
}

function takenLabels(graph: Graph, node: Node, own: readonly (string | number)[]): string[] {
  const index = own.at(-1);
  const others = viewOf(graph).out.get(node.index) ?? [];
  return others.flatMap((edge) => (edge.when === null || edge.at.at(-1) === index ? [] : edge.when));
}

/** All labels that are known of a node; of a `switch` those that the type of its value leaves. */
export function labelsOf(graph: Graph, node: Node): readonly string[] {
  const ports = viewOf(graph).ports(node);
  if (ports === null) return [];
  const expr = node.fields["expr"];
  if (!ports.open || typeof expr !== "string") return ports.labels;
  const { head, rest } = splitReference(expr);
  const index = viewOf(graph).byId.get(head);
  const found = index === undefined ? null : walkShape(viewOf(graph).output(viewOf(graph).node(index)), rest);
  const texts = found?.type === "shape" ? textsOf(found.shape) : [];
  return [...new Set([...ports.labels, ...texts])];
}

/** Texts that values of a shape have as labels, where they are few. */
function textsOf(shape: Shape): readonly string[] {
  if (shape.type === "boolean") return ["true", "false"];
  if (shape.type === "null") return ["null"];
  return shape.type === "union" ? shape.of.flatMap(textsOf) : [];
}
