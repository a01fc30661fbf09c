/** Which rows of a timeline are to be seen, and where its bars stand. Pure. */
import type { RunView } from "../../src/protocol/run-fold.ts";

/** Height of a row in pixels, as `run.css` has it. */
export const ROW_HEIGHT = 24;
/** Rows that are drawn above and below what is to be seen. */
const MARGIN = 6;

/** First and one past the last row to draw. */
export function visibleRows(count: number, scrolled: number, height: number): readonly [number, number] {
  const first = Math.max(0, Math.floor(scrolled / ROW_HEIGHT) - MARGIN);
  return [Math.min(first, count), Math.min(count, Math.ceil((scrolled + height) / ROW_HEIGHT) + MARGIN)];
}

/** Where a stretch of time stands in the run so far, in per cent; never narrower than can be seen. */
export function bar(
  run: Pick<RunView, "now">,
  at: number,
  ms: number,
): { readonly left: number; readonly width: number } {
  const whole = Math.max(1, run.now);
  const left = Math.min(99, Math.max(0, (at / whole) * 100));
  return { left, width: Math.min(100 - left, Math.max(1, (ms / whole) * 100)) };
}

/** The node of the drawing that a row belongs to: its own, or the one whose child it stands in. */
export function drawnNode(keys: ReadonlySet<string>, node: string): string | null {
  for (let end = node.length; end > 0; end = node.lastIndexOf("/", end - 1)) {
    const key = node.slice(0, end);
    if (keys.has(key)) return key;
  }
  return null;
}
