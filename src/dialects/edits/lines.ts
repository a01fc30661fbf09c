/**
 * Whole lines of a text: where they begin, what stands above them, and how some of them are taken out.
 *
 * A construct that is written on lines of its own is removed with its same-line comments, with the comment lines directly
 * above it, and with the blank lines above those when a blank line or nothing follows it; at the beginning of the text
 * with the blank lines below. So what stood one blank line before it and one behind are one blank line apart afterwards,
 * and no blank line goes that separates two things which stay (spec/editor.md §2).
 */
import type { Span } from "../live/source.ts";
import { deleteAt, type TextEdit } from "./edit.ts";

/** The line ending of a text: that of its first line. */
export function lineEnding(text: string): "\n" | "\r\n" {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
}

/** Where the line of an offset begins; behind a byte order mark. */
export function lineStart(text: string, offset: number): number {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  return start === 0 && text.startsWith("\ufeff") ? 1 : start;
}

/** Where the line of an offset ends, without its line break. */
export function lineEnd(text: string, offset: number): number {
  const next = text.indexOf("\n", offset);
  if (next < 0) return text.length;
  return next > offset && text[next - 1] === "\r" ? next - 1 : next;
}

/** Where the line after that of an offset begins; the text's end when there is none. */
export function nextLine(text: string, offset: number): number {
  const next = text.indexOf("\n", offset);
  return next < 0 ? text.length : next + 1;
}

/** The white space at the beginning of an offset's line. */
export function indentOf(text: string, offset: number): string {
  const start = lineStart(text, offset);
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? "";
}

/** What stands between two offsets is white space and nothing else. */
export function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!" \t\r\n".includes(text[at] as string)) return false;
  return true;
}

/** White space, and `#` comments that reach to the ends of their lines. */
export function isBlankOrComment(text: string, from: number, to: number): boolean {
  return skipBlank(text, from, to) === to;
}

/** The first offset from `from` that is neither white space nor in a comment; `to` when there is none. */
export function skipBlank(text: string, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const char = text[at] as string;
    if (char === "#") at = Math.min(to, lineEnd(text, at));
    else if (" \t\r\n".includes(char)) at++;
    else return at;
  }
  return to;
}

/** The line that holds `from` to `to` has nothing else but a comment behind it. */
export function ownsLines(text: string, from: number, to: number): boolean {
  return isBlank(text, lineStart(text, from), from) && isBlankOrComment(text, to, lineEnd(text, to));
}

/** Where the comment lines directly above a line begin; not above `limit`. */
export function commentsAbove(text: string, line: number, limit = 0): number {
  let start = line;
  while (start > limit) {
    const above = lineStart(text, start - 1);
    if (above >= start || above < limit || !text.slice(above, start).trimStart().startsWith("#")) break;
    start = above;
  }
  return start;
}

/** How many blank lines stand directly above a line. */
export function blankLinesAbove(text: string, line: number): number {
  let count = 0;
  for (let start = line; start > 0; count++) {
    const above = lineStart(text, start - 1);
    if (above >= start || !isBlank(text, above, start)) break;
    start = above;
  }
  return count;
}

/**
 * Takes out whole lines, each span from a line's beginning to another's, by the rule of this module. `opening`: where
 * spans begin that are the first of their collection, so that the blank lines below separate them from the next.
 */
export function removeLines(text: string, spans: readonly Span[], opening?: ReadonlySet<number>): TextEdit[] {
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && isBlank(text, last[1], from)) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined.map(([from, to]) => deleteAt(withBlankLines(text, from, to, opening?.has(from) === true)));
}

function withBlankLines(text: string, from: number, to: number, opens: boolean): Span {
  const blanks = blankLinesAbove(text, from);
  const blankBelow = to >= text.length || isBlank(text, to, nextLine(text, to));
  // In YAML a block scalar with `+` keeps the blank lines behind it: those above may be its own, those below shall not be.
  const keeps = /[|>][0-9]?\+/.test(text);
  if (from === 0 || (from === 1 && text.startsWith("\ufeff")) || (opens && blanks === 0) || keeps) {
    let below = to;
    while (below < text.length && isBlank(text, below, nextLine(text, below))) below = nextLine(text, below);
    return [from, below];
  }
  if (!blankBelow) return [from, to];
  let above = from;
  for (let i = 0; i < blanks; i++) above = lineStart(text, above - 1);
  return [above, to];
}
