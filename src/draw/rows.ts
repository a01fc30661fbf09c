/**
 * A plain layout in rows, by distance from the ways in: cheap for any graph, for when ELK takes too long. Linear in
 * the size of the drawing.
 */
import { entryWays, type Drawing } from "./drawing.ts";
import { ghostKeys } from "./elk.ts";
import type { Box, Fixed, Layout } from "./layout.ts";
import { entrySize, measures, nodeSize } from "./sizes.ts";

const GAP_X = 36;
const GAP_Y = 64;
/** Most boxes of a row before it is broken. */
const MAX_ROW = 24;

/** Lays a drawing out in rows. */
export function rowLayout(drawing: Drawing, fixed: Fixed): Layout {
  const sizes = new Map(drawing.nodes.map((node) => [node.key, nodeSize(node)]));
  for (const key of ghostKeys(drawing)) sizes.set(key, { width: measures.nodeMin, height: 34 });
  const nodes: Record<string, Box> = {};
  const entries: Record<string, Box> = {};
  let y = 0;
  let width = 0;
  const place = (
    keys: readonly string[],
    sizeOf: (key: string) => { width: number; height: number },
    to: Record<string, Box>,
  ): void => {
    let [x, tallest] = [0, 0];
    for (const key of keys) {
      const size = sizeOf(key);
      to[key] = { x, y, ...size, ...fixed.moved[key] };
      x += size.width + GAP_X;
      tallest = Math.max(tallest, size.height);
    }
    if (keys.length > 0) y += tallest + GAP_Y;
    width = Math.max(width, x - GAP_X);
  };
  const byEntry = new Map(drawing.entries.map((entry) => [entry.key, entrySize(entry)]));
  place([...byEntry.keys()], (key) => byEntry.get(key) as { width: number; height: number }, entries);
  for (const row of rowsOf(drawing, [...sizes.keys()])) {
    for (let i = 0; i < row.length; i += MAX_ROW)
      place(row.slice(i, i + MAX_ROW), (key) => sizes.get(key) as { width: number; height: number }, nodes);
  }
  return { nodes, entries, frames: {}, edges: {}, width, height: y };
}

/** Keys by their distance from an entry, in the order of the document; what no entry reaches follows its own roots. */
function rowsOf(drawing: Drawing, keys: readonly string[]): string[][] {
  const out = new Map<string, string[]>();
  const entered = new Set<string>();
  for (const { from, to, loop } of drawing.edges) {
    if (loop !== null) continue;
    const list = out.get(from);
    if (list === undefined) out.set(from, [to]);
    else list.push(to);
    entered.add(to);
  }
  const rows: string[][] = [];
  const seen = new Set<string>();
  let row = drawing.entries.flatMap((entry) => entryWays(entry).map((way) => way.to));
  const roots = keys.filter((key) => !entered.has(key));
  row.push(...roots);
  for (let next = 0; ;) {
    row = [...new Set(row)].filter((key) => !seen.has(key));
    if (row.length === 0) {
      while (next < keys.length && seen.has(keys[next] as string)) next++;
      const first = keys[next];
      if (first === undefined) return rows;
      row = [first];
    }
    for (const key of row) seen.add(key);
    rows.push(row);
    row = row.flatMap((key) => out.get(key) ?? []);
  }
}
