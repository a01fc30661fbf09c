/**
 * Context references segment by segment: nodes that can have run come first, then fields of their outputs with types.
 * Also `$input.…` bindings of skills.
 */
import type { Graph, Node, Start } from "../../src/graph/model.ts";
import { anyShape, type Shape } from "../../src/graph/shape.ts";
import { nodeAt, viewOf } from "../schema/where.ts";
import { subjectOf, type Asked } from "./asked.ts";
import { nodeDetail } from "./nodes.ts";
import { inSlot, type Offer } from "./offer.ts";
import { Outputs } from "./outputs.ts";
import { segmentAt, type Segment } from "./segments.ts";
import { membersAt, shapeWord } from "./shapes.ts";

/** What may follow in a reference. */
export async function references(asked: Asked): Promise<Offer[]> {
  const subject = await subjectOf(asked, asked.path);
  if (subject === null) return [];
  const { graph } = subject;
  const outputs = new Outputs(asked.session, subject.document, graph);
  const segment = segmentAt(asked.slot.text, asked.slot.offset);
  const reader = asked.live === subject.document.live ? readerAt(asked, graph) : null;
  const { before } = reachable(graph, reader);
  const [head, ...rest] = segment.before;
  if (head === undefined) return heads(asked, graph, reader, segment);
  if (head === "trigger" && graph.dialect === "workflow") {
    const starts = reader === null ? graph.starts : startsInto(graph, before, reader);
    return members(asked, segment, await outputs.trigger(starts), rest);
  }
  const index = viewOf(graph).byId.get(head);
  const shape = index === undefined ? anyShape : await outputs.output(viewOf(graph).node(index));
  return members(asked, segment, shape, rest);
}

/** Members of a shape as offers in place of a segment. */
export function members(asked: Asked, segment: Segment, shape: Shape, path: readonly string[]): Offer[] {
  return membersAt(shape, path).map(({ name, shape: of }) =>
    inSlot(asked.slot, segment.from, segment.to, name, {
      kind: "member",
      detail: shapeWord(of),
      ...(of.doc === undefined ? {} : { doc: of.doc }),
    }),
  );
}

/** The node that reads; a guard reads for the step it stands before. */
function readerAt({ live, path }: Asked, graph: Graph): Node | null {
  const own = nodeAt(live, path)?.node;
  if (own !== undefined) return own;
  if (path.at(-1) !== "field") return null;
  const step = live.source.element([...path.slice(0, -1), "step"])?.text;
  return graph.nodes.find((node) => node.id === step) ?? null;
}

function heads(asked: Asked, graph: Graph, reader: Node | null, segment: Segment): Offer[] {
  const { slot } = asked;
  const offers: Offer[] = [];
  if (graph.dialect === "workflow")
    offers.push(
      inSlot(slot, segment.from, segment.to, "trigger", { kind: "variable", detail: "the run's input", rank: 1 }),
    );
  const { before } = reachable(graph, reader);
  const seen = new Set(["trigger"]);
  for (const node of graph.nodes) {
    if (node.id === "" || node.id.includes(".") || seen.has(node.id)) continue;
    seen.add(node.id);
    const can = before === null || before.has(node.index);
    if (!can && graph.dialect === "skill") continue;
    // Read last what has run last: the nearest nodes above are what is mostly meant.
    const near =
      reader === null ? 0 : node.index < reader.index ? (reader.index - node.index) / (graph.nodes.length + 1) : 1;
    offers.push(
      inSlot(slot, segment.from, segment.to, node.id, {
        kind: "node",
        detail: can ? nodeDetail(node) : `${nodeDetail(node)} · cannot have run`,
        rank: can ? near : 3,
      }),
    );
  }
  return offers;
}

/** Nodes that can have run when `reader` starts; null when everything can, as far as is known. */
function reachable(graph: Graph, reader: Node | null): { readonly before: ReadonlySet<number> | null } {
  if (reader === null) return { before: null };
  if (graph.dialect === "skill") {
    const earlier = graph.nodes.filter(
      (node) => node.index < reader.index && (node.group === null || node.group !== reader.group),
    );
    return { before: new Set(earlier.map(({ index }) => index)) };
  }
  const view = viewOf(graph);
  const into = new Map<number, number[]>();
  for (const edge of graph.edges) {
    const [from, to] = [view.byId.get(edge.from), view.byId.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const list = into.get(to);
    if (list === undefined) into.set(to, [from]);
    else list.push(from);
  }
  const found = new Set<number>();
  const queue = [reader.index];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const from of into.get(node) ?? []) {
      if (found.has(from)) continue;
      found.add(from);
      queue.push(from);
    }
  }
  // A node without edges yet is being written; anything may come to stand before it.
  return { before: found.size === 0 ? null : found };
}

/** Starts from which a walk can come to `reader`. */
function startsInto(graph: Graph, before: ReadonlySet<number> | null, reader: Node): readonly Start[] {
  if (before === null) return graph.starts;
  return graph.starts.filter(({ entry }) => {
    const index = entry === null ? undefined : viewOf(graph).byId.get(entry);
    return index === undefined || index === reader.index || before.has(index);
  });
}

const inputBinding = "$input.";

/** `$input.NAME` in the inputs of a step: what the skill declares. */
export function inputBindings(asked: Asked): Offer[] {
  const { slot, live, path } = asked;
  const graph = nodeAt(live, path)?.graph;
  const typed = slot.text.slice(0, slot.offset);
  if (graph?.inputs === undefined || !inputBinding.startsWith(typed.slice(0, inputBinding.length))) return [];
  return graph.inputs.map(({ name, type, description }) =>
    inSlot(slot, 0, slot.text.length, `${inputBinding}${name}`, {
      kind: "variable",
      detail: type,
      ...(description === null ? {} : { doc: description }),
    }),
  );
}
