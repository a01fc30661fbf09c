/**
 * Text for terminals: what a document or a run says is made harmless, measured and cut (pure).
 *
 * Invariant: nothing that comes out of {@link clean} moves the cursor, sets a colour or breaks a line, so a document
 * cannot draw over what the program says about it.
 */
import { styleFor, type Style, type Terminal } from "../terminal.ts";

/** Colours for standard output: those of {@link styleFor}, but only where standard output itself is a terminal. */
export function productStyle(terminal: Terminal): Style {
  const { interactive } = terminal;
  return styleFor({ ...terminal, interactive: { ...interactive, output: interactive.product ?? false } });
}

/** Columns of standard output. What is not a terminal (a file, another program) gets whole lines. */
export function productWidth(terminal: Terminal): number {
  return terminal.interactive.product === true ? Math.max(20, terminal.width) : Number.POSITIVE_INFINITY;
}

/** C0, DEL, C1, and what reorders or hides text. */
const unsafe = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** The text on one line, without control characters: those are shown as pictures (`␛`) or escapes (`\u{202e}`). */
export function clean(text: string): string {
  return text.replace(unsafe, (unit) => {
    const code = unit.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : `\\u{${code.toString(16)}}`;
  });
}

/** As {@link clean}, but the text's own lines stay lines: for messages that quote documents, payloads and servers. */
export function cleanLines(text: string): string {
  return text.split("\n").map(clean).join("\n");
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const joins = /^[\p{Mn}\p{Me}\u200d\ufe00-\ufe0f]$/u;

/** Columns that one character (code point) takes. */
export function charWidth(character: string): number {
  if (joins.test(character)) return 0;
  if (character.length > 1) return (character.codePointAt(0) as number) >= 0x1f300 ? 2 : 1;
  return wide.test(character) ? 2 : 1;
}

const plain = /^[\x20-\x7e]*$/;

/** Columns that a text takes. */
export function width(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += charWidth(character);
  return columns;
}

/** The text in at most `columns` columns, `…` at its end where something was cut. */
export function cut(text: string, columns: number): string {
  if (columns === Number.POSITIVE_INFINITY || (text.length <= columns && width(text) <= columns)) return text;
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += charWidth(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? "" : `${kept}…`;
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

/** `1 node`, `2 nodes`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
