/** Offsets of a text as lines and columns. */
import type { Position } from "../../graph/diagnostic.ts";

/** Line and column of an offset. */
export function positionAt(lines: readonly number[], offset: number): Position {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - (lines[low] as number) };
}
