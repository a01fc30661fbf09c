/**
 * Texts of documents and runs made harmless, measured and cut (pure).
 *
 * Invariant: nothing that comes out of {@link clean} moves the cursor, sets a colour or breaks a line, so a document
 * cannot draw over what a program says about it.
 */
import { visibleText } from "../../graph/visible.ts";

/** The text on one line, without control characters: those are shown as pictures (`␛`) or escapes (`\u{202e}`). */
export const clean = visibleText;

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

/** `1 node`, `2 nodes`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
