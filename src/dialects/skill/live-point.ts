/**
 * What stands at an offset of a YAML text: a key, a value, a comment, or room for more (spec/editor.md §4).
 *
 * On a line without a key of its own the column decides: a new key belongs to the innermost open block whose column
 * is not behind it, as YAML itself would read it.
 */
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { SourcePoint, Span } from "../live/source.ts";
import { lineStart, type Part } from "./live-part.ts";
import { scalarOffsets } from "./scalar-offsets.ts";

/** A part that begins before the offset, with its place. */
export interface Open {
  readonly part: Part;
  readonly base: number;
  readonly path: DocumentPath;
}

/** What stands at `offset`; `within` is the stretch of the text that is YAML. */
export function pointAt(text: string, root: Part, offset: number, within: Span): SourcePoint {
  const at = Math.max(0, Math.min(offset, text.length));
  if (at < within[0] || at > within[1]) return point([], "space", [at, at], null);
  const chain = opened(root, at);
  const last = chain[chain.length - 1] as Open;
  return inToken(text, last, at) ?? inFlow(text, chain, at) ?? inBlock(text, chain, at);
}

function point(
  path: DocumentPath,
  part: SourcePoint["part"],
  replace: Span,
  table: DocumentPath | null,
  string: SourcePoint["string"] = null,
): SourcePoint {
  return { path, part, replace, string, table };
}

/** From the root inwards: at each level the last part that begins at or before the offset. */
export function opened(root: Part, at: number): Open[] {
  const chain: Open[] = [{ part: root, base: 0, path: [] }];
  for (let top = chain[0]; top !== undefined;) {
    const { part, base, path }: Open = top;
    const { children } = part;
    let low = -1;
    let high = children.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const child = children[middle];
      if (child !== undefined && base + child.shift + child.start <= at) low = middle;
      else high = middle - 1;
    }
    const child = children[low];
    if (child === undefined) break;
    const name = part.form === "list" ? low : (child.name ?? low);
    top = { part: child.part, base: base + child.shift, path: [...path, name] };
    chain.push(top);
  }
  return chain;
}

/** Inside a key, a dash or a scalar, its ends included. */
function inToken(text: string, { part, base, path }: Open, at: number): SourcePoint | null {
  const { key, dash, value, scalar } = part;
  if (key !== null && at >= key[0] + base && at <= key[1] + base) {
    return point(path, "key", [key[0] + base, key[1] + base], path.slice(0, -1));
  }
  if (dash !== null && at >= dash[0] + base && at < dash[1] + base) return point(path, "header", [at, at], null);
  if (value === null || part.children.length > 0 || part.form === "table" || part.form === "list") return null;
  const [from, to] = [value[0] + base, value[1] + base];
  if (at < from || at > to) return null;
  const string =
    scalar === null || part.text === null || part.form !== "string" ? null : inString(text, part, base, at);
  return point(path, "value", [from, to], startsKey(text, part, from, to) ? path : null, string);
}

/** Where in the decoded text of a string an offset is. */
function inString(text: string, part: Part, base: number, at: number): SourcePoint["string"] {
  const raw = part.raw ?? [0, 0];
  const from = raw[0] + base;
  const decoded = part.text ?? "";
  const offsets = part.scalar === null ? null : scalarOffsets(part.scalar, text.slice(from, raw[1] + base));
  if (offsets === null) return { text: decoded, offset: Math.min(decoded.length, Math.max(0, at - from)) };
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] as number) <= at - from) low = middle;
    else high = middle - 1;
  }
  return { text: decoded, offset: low };
}

/** A plain word where a block mapping may begin: it may become its first key. */
function startsKey(text: string, part: Part, from: number, to: number): boolean {
  if (part.scalar?.type !== "PLAIN" || text.slice(from, to).includes("\n")) return false;
  return /^[ \t]*(?:-[ \t]+)*$/.test(text.slice(lineStart(text, from), from));
}

/** Between the brackets of a flow collection. */
function inFlow(text: string, chain: readonly Open[], at: number): SourcePoint | null {
  const inner = chain.findLast(({ part, base }) => part.flow && holds(text, part, base, at));
  if (inner === undefined) return null;
  const last = chain[chain.length - 1] as Open;
  const from = last === inner ? base0(inner) + 1 : Math.min(at, endOf(last));
  const between = text.slice(from, at);
  if (isComment(text, from, at)) return point(inner.path, "comment", [at, at], null);
  const waits = last !== inner && last.part.colon !== null && last.part.value === null && !/,/.test(between);
  if (waits) return point(last.path, "value", [at, at], null);
  return point(inner.path, "space", [at, at], inner.part.form === "table" ? inner.path : null);
}

function base0({ part, base }: Open): number {
  return (part.value?.[0] ?? part.extent[0]) + base;
}

function endOf({ part, base }: Open): number {
  return part.extent[1] + base;
}

/** True strictly between the brackets; an open one reaches to its end. */
function holds(text: string, part: Part, base: number, at: number): boolean {
  if (part.value === null) return false;
  const [from, to] = [part.value[0] + base, part.value[1] + base];
  const closed = to - from > 1 && /[\]}]/.test(text[to - 1] ?? "");
  return at > from && (closed ? at < to : at <= to);
}

/** True when a `#` that begins a comment stands between `from` and `at` on the line of `at`. */
function isComment(text: string, from: number, at: number): boolean {
  const start = Math.max(from, lineStart(text, at));
  const before = start === 0 ? "\n" : (text[start - 1] as string);
  return /(?:^|\s)#/.test((/\s/.test(before) ? " " : "x") + text.slice(start, at));
}

function inBlock(text: string, chain: readonly Open[], at: number): SourcePoint {
  const last = chain[chain.length - 1] as Open;
  const start = lineStart(text, at);
  const lineBefore = text.slice(start, at);
  const { part, base, path } = last;
  // What of the last part is written before the offset.
  const signs = [part.key?.[1], part.colon, part.dash?.[1], part.value?.[1]];
  const ends = signs.flatMap((one) => (one === null || one === undefined || one + base > at ? [] : [one + base]));
  const end = Math.max(-1, ...ends);
  if (end >= start && end >= 0 && chain.length > 1) {
    if (isComment(text, end, at)) return point(path, "comment", [at, at], null);
    if (part.dash !== null && (part.value === null || part.value[0] + base >= at)) {
      return point(path, "space", [at, at], path);
    }
    return point(path, "value", [at, at], null);
  }
  const comment = /^[ \t]*#/.test(lineBefore);
  const blank = /^[ \t\ufeff]*$/.test(lineBefore);
  const column = comment ? lineBefore.indexOf("#") : lineBefore.length;
  const { owner, table } = byColumn(chain, column);
  if (comment || isComment(text, start, at)) return point(owner, "comment", [at, at], null);
  return point(owner, "space", [at, at], blank ? table : null);
}

/** Whose a new key or item at a column would be. */
function byColumn(chain: readonly Open[], column: number): { owner: DocumentPath; table: DocumentPath | null } {
  const blocks = chain.filter(({ part }) => part.column !== null);
  const last = chain[chain.length - 1] as Open;
  const around = blocks.at(-1)?.part.column ?? -1;
  if (last.part.form === "missing" && (column > around || chain.length === 1)) {
    return { owner: last.path, table: last.path };
  }
  for (let i = blocks.length - 1; i >= 0; i--) {
    const { part, path } = blocks[i] as Open;
    if (part.column === null || (part.column > column && i > 0)) continue;
    if (part.form === "table") return { owner: path, table: path };
    const outer = blocks[i - 1];
    const level = outer !== undefined && outer.part.column === part.column && outer.part.column === column;
    return { owner: path, table: level ? outer.path : null };
  }
  return { owner: [], table: null };
}
