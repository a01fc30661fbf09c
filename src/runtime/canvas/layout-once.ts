/** One layout in this process, for programs that draw a graph and end. */
import ElkConstructor, { type ELK } from "elkjs/lib/elk.bundled.js";
import type { Drawing } from "../../draw/drawing.ts";
import { fromElk, toElk, type ElkNode } from "../../draw/elk.ts";
import type { Fixed, Layout } from "../../draw/layout.ts";
import { rowLayout } from "../../draw/rows.ts";

// The package is CommonJS whose export is the class itself; bundlers and Node disagree on `default`.
const Elk = ((ElkConstructor as unknown as { readonly default?: unknown }).default ?? ElkConstructor) as new () => ELK;

/** More nodes are laid out in rows: nobody waits for a drawing that nobody can read. */
const MAX_NODES = 5_000;

let elk: ELK | null = null;

/** Lays a drawing out; in rows when ELK cannot. */
export async function layoutOnce(drawing: Drawing, fixed: Fixed = { moved: {}, before: null }): Promise<Layout> {
  if (drawing.nodes.length > MAX_NODES) return rowLayout(drawing, fixed);
  try {
    const answer = (await (elk ??= new Elk()).layout(toElk(drawing) as Parameters<ELK["layout"]>[0])) as ElkNode;
    return fromElk(drawing, answer, fixed);
  } catch (problem) {
    if (problem instanceof Error) return rowLayout(drawing, fixed);
    throw problem;
  }
}
