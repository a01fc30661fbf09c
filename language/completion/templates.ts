/**
 * Markers of templates: `{{path}}` relative to the node's input, `{{secret:NAME}}` in headers, inputs in the arguments of a
 * tool. Offered inside a marker and right behind an opening brace, never in the prose around.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Graph, Node } from "../../src/graph/model.ts";
import { anyShape, type Shape } from "../../src/graph/shape.ts";
import { nodeAt, nodePathOf } from "../schema/where.ts";
import type { Asked } from "./asked.ts";
import { outputsAt, secretNames } from "./declared.ts";
import { inSlot, type Offer } from "./offer.ts";
import type { Outputs } from "./outputs.ts";
import { segmentAt } from "./segments.ts";
import { membersAt, shapeWord } from "./shapes.ts";

/** A marker that is being typed. */
interface Marker {
  /** Where its content begins; behind both braces, or at the place of the single one. */
  readonly from: number;
  readonly to: number;
  /** What is missing before and behind the content. */
  readonly open: string;
  readonly close: string;
}

/** The marker at `offset` of a template; null in the text around. */
export function markerAt(text: string, offset: number): Marker | null {
  const open = text.lastIndexOf("{{", offset - 1);
  const closed = text.lastIndexOf("}}", offset - 1);
  if (open >= 0 && open + 2 <= offset && (closed < open || closed + 2 > offset)) {
    const end = text.slice(offset).search(/[{}\n]|\s(?=\S)/);
    const to = end < 0 ? text.length : offset + end;
    const behind = /^\s*(\}{0,2})/.exec(text.slice(to))?.[1] ?? "";
    return { from: open + 2, to, open: "", close: "}}".slice(behind.length) };
  }
  if (text[offset - 1] !== "{") return null;
  const behind = /^\}{0,2}/.exec(text.slice(offset))?.[0] ?? "";
  return { from: offset, to: offset, open: "{", close: "}}".slice(behind.length) };
}

/** What may stand in the markers of a template. */
export async function templateMarkers(asked: Asked): Promise<Offer[]> {
  const { slot, live, path } = asked;
  const marker = markerAt(slot.text, slot.offset);
  const outputs = outputsAt(asked);
  if (marker === null || outputs === null) return [];
  const found = nodeAt(live, path);
  const shape = await inputShape(outputs, live, found?.node ?? null, path);
  const lead = /^\s*/.exec(slot.text.slice(marker.from, slot.offset))?.[0].length ?? 0;
  const segment = segmentAt(slot.text, slot.offset, marker.from + lead, marker.to);
  const known = segment.before.filter((one) => one !== "");
  return membersAt(shape, known).map(({ name, shape: of }) =>
    inSlot(slot, segment.from, segment.to, `${marker.open}${name}${marker.close}`, {
      label: name,
      filter: `${marker.open}${name}`,
      kind: "member",
      detail: shapeWord(of),
      ...(of.doc === undefined ? {} : { doc: of.doc }),
    }),
  );
}

/** `{{secret:NAME}}` in the value of a header. */
export function secretMarkers(asked: Asked): Offer[] {
  const { slot } = asked;
  const marker = markerAt(slot.text, slot.offset);
  if (marker === null) return [];
  return secretNames(asked).map(({ name, detail }) =>
    inSlot(slot, marker.from, marker.to, `${marker.open}secret:${name}${marker.close}`, {
      label: `secret:${name}`,
      filter: `${marker.open}secret:${name}`,
      kind: "variable",
      ...(detail === undefined ? {} : { detail }),
    }),
  );
}

/** Kinds whose input is null, not the trigger, without `input_from` (spec/workflow.md §8.1, §9.1). */
const nullWithoutInput: ReadonlySet<string> = new Set(["template_render", "llm_infer"]);

/** What markers of a node's templates are relative to. */
export async function inputShape(
  outputs: Outputs,
  live: LiveDocument,
  node: Node | null,
  path: DocumentPath,
): Promise<Shape> {
  const graph = outputs.graph;
  if (graph.dialect !== "workflow") return skillInputs(graph, node);
  const at = nodePathOf(live, path);
  const text = (key: string): string | null => (at === null ? null : (live.source.element([...at, key])?.text ?? null));
  const from = text("input_from");
  if (from !== null) return outputs.at(from);
  return nullWithoutInput.has(text("type") ?? "") ? anyShape : outputs.trigger(graph.starts);
}

/** A step sees its inputs and context; a skill's own source sees what the skill declares. */
function skillInputs(graph: Graph, node: Node | null): Shape {
  const members: Record<string, Shape> = {};
  const own = node !== null && node.at.includes("steps");
  if (!own)
    for (const { name, description } of graph.inputs ?? [])
      members[name] = { type: "any", ...(description === null ? {} : { doc: description }) };
  for (const key of ["inputs", "context"]) {
    const named = node?.fields[key];
    if (typeof named === "object" && named !== null) for (const name of Object.keys(named)) members[name] = anyShape;
  }
  return { type: "object", members, open: true };
}
