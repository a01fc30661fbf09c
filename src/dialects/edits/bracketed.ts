/**
 * Lists and tables between brackets, `[a, b]` and `{ a = 1 }`, on one line or many: TOML arrays and inline tables, YAML
 * flow collections. They have the same commas and comments.
 */
import type { Span } from "../live/source.ts";
import { deleteAt, insertAt, type TextEdit } from "./edit.ts";
import { commentsAbove, indentOf, isBlank, lineEnd, lineStart, nextLine, ownsLines, skipBlank } from "./lines.ts";
import { Refusal } from "./refusal.ts";

/** A bracketed value, taken apart. */
export interface Bracketed {
  /** Offset of the opening bracket, and of the closing one. */
  readonly open: number;
  readonly close: number;
  readonly items: readonly Span[];
  /** Offset of the comma behind each item; null where there is none, which only the last may be. */
  readonly commas: readonly (number | null)[];
}

/** Takes the value at `span` apart; `ends` are the ends of its items, ascending. Refuses what does not fit. */
export function bracketed(text: string, span: Span, ends: readonly number[]): Bracketed {
  const open = span[0];
  const close = span[1] - 1;
  const items: Span[] = [];
  const commas: (number | null)[] = [];
  let at = open + 1;
  for (const [i, end] of ends.entries()) {
    const start = skipBlank(text, at, close);
    const next = skipBlank(text, end, close);
    const comma = text[next] === "," && next < close ? next : null;
    if (start >= end || end > close || (comma === null && (i < ends.length - 1 || next !== close))) throw damaged();
    items.push([start, end]);
    commas.push(comma);
    at = comma === null ? end : comma + 1;
  }
  if (!"[{".includes(text[open] ?? " ") || !"]}".includes(text[close] ?? " ")) throw damaged();
  if (skipBlank(text, at, close) !== close) throw damaged();
  return { open, close, items, commas };
}

function damaged(): Refusal {
  return new Refusal("edit_unsafe", "the list or table to be changed is not written completely; mend it first");
}

/** The item and its comma have their lines to themselves. */
function ownLines(text: string, list: Bracketed, index: number): boolean {
  const [from, to] = list.items[index] as Span;
  const comma = list.commas[index] ?? null;
  if (lineStart(text, from) <= list.open || lineEnd(text, comma ?? to) >= list.close) return false;
  return ownsLines(text, from, comma === null ? to : comma + 1) && (comma === null || isBlank(text, to, comma));
}

/** Takes items out, with their commas. An item on lines of its own goes with its comments. */
export function removeBracketed(text: string, list: Bracketed, gone: ReadonlySet<number>): TextEdit[] {
  const { items, commas, open, close } = list;
  const edits: TextEdit[] = [];
  const within = text.slice(open + 1, close);
  if (gone.size === items.length && !/[\r\n]/.test(within)) return [deleteAt([open + 1, close])];
  const last = items.findLastIndex((_, index) => !gone.has(index));
  const dangling = commas[last] ?? null;
  const tail = last < 0 || dangling === null ? null : tailOnOneLine(text, list, dangling);
  if (tail !== null && last < items.length - 1) edits.push(deleteAt(tail));
  const loose = tail === null ? gone : [...gone].filter((index) => index < last);
  let done = open + 1;
  for (const index of [...loose].sort((a, b) => a - b)) {
    const [from, to] = items[index] as Span;
    const comma = commas[index] ?? null;
    const end = comma === null ? to : comma + 1;
    if (ownLines(text, list, index)) {
      edits.push(deleteAt([withComments(text, list, index), nextLine(text, end)]));
    } else if (comma !== null && !isBlank(text, to, comma)) {
      // Between the item and its comma stand comments: what is below the item's own line belongs to the next one.
      const line = lineStart(text, from) > open && ownsLines(text, from, to);
      const own = line ? [withComments(text, list, index), nextLine(text, to)] : [from, lineEnd(text, to)];
      edits.push(deleteAt([own[0] as number, own[1] as number]), deleteAt([comma, spacesAfter(text, comma + 1)]));
    } else if (comma !== null && index < items.length - 1) {
      edits.push(deleteAt([from, spacesAfter(text, end)]));
    } else {
      // Where it begins a line, the bracket behind it keeps that line's indentation.
      const begins = isBlank(text, lineStart(text, from), from) && lineStart(text, from) > open;
      edits.push(deleteAt([begins ? from : Math.max(done, spacesBefore(text, from)), end]));
    }
    done = edits.at(-1)?.range[1] ?? done;
  }
  // Where no comma stood behind the last item, none shall stand there now.
  if (tail === null && last < items.length - 1 && commas.at(-1) === null && dangling !== null)
    edits.push(deleteAt([dangling, dangling + 1]));
  return edits;
}

/** Where an item on lines of its own begins, with the comment lines directly above it. */
function withComments(text: string, { open, items }: Bracketed, index: number): number {
  const limit = Math.max(nextLine(text, open), index === 0 ? 0 : nextLine(text, items[index - 1]?.[1] ?? 0));
  return commentsAbove(text, lineStart(text, items[index]?.[0] ?? 0), limit);
}

/** What follows the last item that stays, if it is on that item's line: with the comma that would dangle. */
function tailOnOneLine(text: string, { items, commas }: Bracketed, dangling: number): Span | null {
  const comma = commas.at(-1) ?? null;
  const end = comma === null ? (items.at(-1)?.[1] ?? dangling) : comma + 1;
  if (/[\r\n]/.test(text.slice(dangling, end))) return null;
  return comma === null ? [dangling, end] : [dangling + 1, end];
}

function spacesAfter(text: string, offset: number): number {
  let at = offset;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

function spacesBefore(text: string, offset: number): number {
  let at = offset;
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return at;
}

/**
 * Puts `made` behind item `after` (-1: in front of all), in the form of the others; `pad` stands between brackets and
 * the only item. `step` is one level of indentation, for lists whose brackets stand on different lines.
 */
export function insertBracketed(
  text: string,
  list: Bracketed,
  after: number,
  made: readonly string[],
  pad: string,
  step: string,
): TextEdit[] {
  const { items, commas, open, close } = list;
  const eol = text.slice(lineEnd(text, open), nextLine(text, open));
  if (items.length === 0) {
    if (isBlank(text, open + 1, close)) return [{ range: [open + 1, close], text: `${pad}${made.join(", ")}${pad}` }];
    const indent = `${indentOf(text, close)}${step}`;
    return [insertAt(lineStart(text, close), made.map((one) => `${indent}${one},${eol}`).join(""))];
  }
  if (after < 0) {
    const [from] = items[0] as Span;
    const indent = indentOf(text, from);
    const separator = ownLines(text, list, 0) ? `,${eol}${indent}` : ", ";
    return [insertAt(from, made.map((one) => one + separator).join(""))];
  }
  const [from, to] = items[after] as Span;
  const comma = commas[after] ?? null;
  if (!ownLines(text, list, after)) {
    if (comma === null) return [insertAt(to, made.map((one) => `, ${one}`).join(""))];
    return [insertAt(comma + 1, made.map((one) => ` ${one},`).join(""))];
  }
  const indent = indentOf(text, from);
  const line = nextLine(text, comma ?? to);
  if (comma !== null) return [insertAt(line, made.map((one) => `${indent}${one},${eol}`).join(""))];
  return [insertAt(to, ","), insertAt(line, made.map((one) => `${indent}${one}`).join(`,${eol}`) + eol)];
}
