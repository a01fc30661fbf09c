/**
 * Breakpoints between lines of a document and elements of its drawing: the same rule as in the gutter. Pure.
 *
 * Invariant: an element's own line leads back to the element.
 */
import type { CanvasState } from "../canvas/state.ts";
import { spotAt, spotsOf, type GraphSpot } from "./spots.ts";

/** Remembered per version of a document, which never changes. */
const known = new WeakMap<CanvasState, readonly GraphSpot[]>();

function spotsIn(state: CanvasState): readonly GraphSpot[] {
  const before = known.get(state);
  if (before !== undefined) return before;
  const made = spotsOf(state.graph, state.live);
  known.set(state, made);
  return made;
}

/** The key of the element whose breakpoint a line is; null for a line that is nobody's. */
export function elementAtLine(state: CanvasState, line: number): string | null {
  const spot = spotAt(spotsIn(state), line);
  if (spot === null) return null;
  const { nodes, edges } = state.drawing;
  if (spot.on === "node") return nodes.find((one) => one.index === spot.index)?.key ?? null;
  return edges.find((one) => one.type === "control" && one.index === spot.index)?.key ?? null;
}

/** The line of an element's breakpoint, from 0; null for an element on which none can stand. */
export function breakpointLine(state: CanvasState, element: string): number | null {
  const { nodes, edges } = state.drawing;
  const node = nodes.find((one) => one.key === element);
  const edge = edges.find((one) => one.key === element && one.type === "control");
  const [on, index] = node === undefined ? ["edge", edge?.index ?? null] : ["node", node.index];
  return spotsIn(state).find((spot) => spot.on === on && spot.index === index)?.line ?? null;
}

/** The id of a drawn node, by which a run knows it; null for what is no node. */
export function nodeIdOf(state: CanvasState, key: string): string | null {
  const node = state.drawing.nodes.find((one) => one.key === key);
  return node === undefined ? null : (state.graph.nodes[node.index]?.id ?? null);
}
