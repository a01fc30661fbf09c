/** Where a line has gone after changes of its text. Pure. */

/** A change as VS Code tells it: what was replaced, in positions before the change, and by what. */
export interface LineChange {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly text: string;
}

/**
 * The line, from 0, on which what stood at `line` stands now; null when it was removed whole. Changes are those of one
 * edit: all positions are of the text before it, and none overlap.
 */
export function movedLine(line: number, changes: readonly LineChange[]): number | null {
  let moved = line;
  for (const { range, text } of changes) {
    const { start, end } = range;
    if (start.line > line || (start.line === line && start.character > 0)) continue;
    const added = text.split("\n").length - 1;
    const removed = end.line - start.line;
    if (end.line < line || (end.line === line && end.character === 0)) {
      // Before it; text that is put right at its beginning pushes it down by whole lines.
      moved += added - removed;
      continue;
    }
    // Its beginning is replaced: with nothing, or by other lines of which one takes its place.
    if (text === "" && (end.line > line || start.line < line)) return null;
    if (start.line < line) moved += Math.min(added, line - start.line) - (line - start.line);
  }
  return moved;
}
