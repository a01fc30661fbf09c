/** Text for terminals: how wide it may be, its colours, and rows with aligned columns (pure). */
import { cut, width } from "../../runtime/kept-runs/plain.ts";
import { styleFor, type Style, type Terminal } from "../terminal.ts";

export { charWidth, clean, cleanLines, count, cut, width } from "../../runtime/kept-runs/plain.ts";

/** Colours for standard output: those of {@link styleFor}, but only where standard output itself is a terminal. */
export function productStyle(terminal: Terminal): Style {
  const { interactive } = terminal;
  return styleFor({ ...terminal, interactive: { ...interactive, output: interactive.product ?? false } });
}

/** Columns of standard output. What is not a terminal (a file, another program) gets whole lines. */
export function productWidth(terminal: Terminal): number {
  return terminal.interactive.product === true ? Math.max(20, terminal.width) : Number.POSITIVE_INFINITY;
}

/** One cell: its text, and how it is coloured once it has its width. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/**
 * Rows with aligned columns, two blanks between them. The last column is cut to what is left of `columns`; column i of
 * the others gets at most `most[i]` columns (44 when there is no such entry). Infinite columns cut nothing.
 */
export function table(
  rows: readonly (readonly Cell[])[],
  columns: number,
  indent = "",
  most: readonly number[] = [],
): string[] {
  const limit = (i: number): number => (columns === Number.POSITIVE_INFINITY ? columns : (most[i] ?? 44));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      if (i < row.length - 1) widths[i] = Math.max(widths[i] ?? 0, Math.min(limit(i), width(cell.text)));
    });
  }
  return rows.map((row) => {
    let line = indent;
    let used = width(indent);
    row.forEach((cell, i) => {
      const last = i === row.length - 1;
      const text = cut(cell.text, last ? Math.max(8, columns - used) : limit(i));
      const painted = cell.paint === undefined || text === "" ? text : cell.paint(text);
      if (last) {
        line += painted;
        return;
      }
      const size = widths[i] ?? 0;
      line += `${painted}${" ".repeat(Math.max(0, size - width(text)))}  `;
      used += size + 2;
    });
    return line.trimEnd();
  });
}
