/**
 * The source tree of a `spec.kv` (spec/editor.md §4): the dotted keys of its lines as tables, lists and values.
 *
 * Paths are a key's segments, array indexes as numbers: `["single_ring", "stages", 1, "stage"]`. Lines that are only
 * half typed are there too. Invariants: every span lies in the text; a key's first line counts; time is linear.
 */
import type { DocumentPath, Place } from "../../graph/diagnostic.ts";
import type { SourceElement, SourcePoint, SourceTree, Span } from "../live/source.ts";
import type { TextLines } from "../live/text-lines.ts";

/** The node field `key` stands in the file as `stage`. */
const aliases: Readonly<Record<string, string>> = { key: "stage" };

/** What one segment of a key names. */
interface Branch {
  readonly path: DocumentPath;
  readonly children: Map<string, Branch>;
  /** From the first line that names it through the last. */
  readonly extent: [from: number, to: number];
  /** The key up to this segment, on its first line. */
  readonly lead: Span;
  /** The segment alone, on its first line. */
  readonly segment: Span;
  /** Its own line; null for tables and lists. */
  leaf: { readonly line: Span; readonly keyEnd: number; readonly split: number } | null;
}

/** Takes a text apart, when somebody asks for a part of it. */
export function readTree(text: string, lines: TextLines): SourceTree {
  return new KvTree(text, lines);
}

function branchesOf(text: string): Branch {
  const root: Branch = {
    path: [],
    children: new Map(),
    extent: [0, text.length],
    lead: [0, 0],
    segment: [0, 0],
    leaf: null,
  };
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    takeLine(root, text, start, end);
    start = end + 1;
  }
  return root;
}

/** The end of a line's key: before its `=`, or its end without blanks. */
function keyEnd(text: string, start: number, end: number): number {
  const split = text.indexOf("=", start);
  if (split >= 0 && split < end) return split;
  let to = end;
  while (to > start && /\s/.test(text[to - 1] as string)) to--;
  return to;
}

function isComment(text: string, start: number): boolean {
  return text[start] === "#" || text[start] === ";";
}

/** Most segments of a key that are taken apart; the schema's longest key has five. */
const MAX_SEGMENTS = 16;

function takeLine(root: Branch, text: string, start: number, end: number): void {
  const to = keyEnd(text, start, end);
  if (to === start || isComment(text, start)) return;
  const line: Span = [start, end];
  let at = start;
  let branch = root;
  for (let depth = 1; at <= to; depth++) {
    const dot = depth === MAX_SEGMENTS ? -1 : text.indexOf(".", at);
    const last = dot < 0 || dot >= to;
    const segmentEnd = last ? to : dot;
    const name = text.slice(at, segmentEnd);
    // `single_ring.stages.` while it is being typed: the table is named, the key is not there yet.
    if (last && name === "") return;
    const known = branch.children.get(name);
    const next = known ?? {
      path: [...branch.path, /^(?:0|[1-9][0-9]{0,14})$/.test(name) ? Number(name) : name],
      children: new Map<string, Branch>(),
      extent: [start, end],
      lead: [start, segmentEnd] as const,
      segment: [at, segmentEnd] as const,
      leaf: null,
    };
    if (known === undefined) branch.children.set(name, next);
    if (last) next.leaf ??= { line, keyEnd: to, split: text.startsWith("=", to) && to < end ? to : -1 };
    next.extent[1] = end;
    branch = next;
    if (last) return;
    at = segmentEnd + 1;
  }
}

class KvTree implements SourceTree {
  private readonly text: string;
  private readonly lines: TextLines;
  private known: Branch | null = null;

  constructor(text: string, lines: TextLines) {
    this.text = text;
    this.lines = lines;
  }

  private get root(): Branch {
    return (this.known ??= branchesOf(this.text));
  }

  element(path: DocumentPath): SourceElement | null {
    const branch = this.find(path);
    if (branch === null) return null;
    const children = [...branch.children.values()].map((child) => child.path[child.path.length - 1] as string | number);
    const base = { path, key: path.length === 0 ? null : branch.segment, header: null, children };
    if (branch.leaf === null || children.length > 0) {
      const list = children.length > 0 && children.every((name) => typeof name === "number" || name === "count");
      const form = list ? "list" : "table";
      return { ...base, value: null, form, text: null, extent: branch.extent };
    }
    const { line, split } = branch.leaf;
    if (split < 0 || split + 1 === line[1]) {
      return { ...base, value: null, form: "missing", text: null, extent: line };
    }
    const value: Span = [split + 1, line[1]];
    const text = this.text.slice(...value);
    const number = /^(?:0|[1-9][0-9]*)$/.test(text);
    return { ...base, value, form: number ? "number" : "string", text, extent: line };
  }

  at(offset: number): SourcePoint {
    const { text } = this;
    const at = Math.max(0, Math.min(offset, text.length));
    const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const none = { replace: [at, at] as Span, string: null };
    if (isComment(text, start) && at > start) return { ...none, path: [], part: "comment", table: null };
    const to = keyEnd(text, start, end);
    const path = pathOf(text.slice(start, to));
    if (to === start && text[to] !== "=") return { ...none, path: [], part: "space", table: [] };
    if (at <= to) {
      const half = text[to - 1] === ".";
      const dot = at === 0 ? -1 : text.lastIndexOf(".", at - 1);
      const from = Math.max(start, dot + 1);
      const next = text.indexOf(".", at);
      const segmentEnd = next < 0 || next > to ? to : next;
      const upTo = pathOf(text.slice(start, from === start ? start : from - 1));
      const own = pathOf(text.slice(start, segmentEnd));
      if (half && at === to) return { ...none, path: upTo, part: "space", table: upTo };
      return { path: own, part: "key", replace: [from, segmentEnd], string: null, table: upTo };
    }
    if (text[to] !== "=") return { ...none, path, part: "key", table: path.slice(0, -1) };
    const value: Span = [to + 1, end];
    const decoded = text.slice(...value);
    const string = decoded === "" ? null : { text: decoded, offset: at - value[0] };
    return { path, part: "value", replace: value, string, table: null };
  }

  span(place: Place): Span {
    for (let length = place.path.length; length > 0; length--) {
      const branch = this.find(place.path.slice(0, length));
      if (branch !== null) return this.spanOf(branch, length === place.path.length ? place : { path: [] });
    }
    return [0, 0];
  }

  range(place: Place) {
    const [from, to] = this.span(place);
    return this.lines.range(from, to);
  }

  private find(path: DocumentPath): Branch | null {
    let branch = this.root;
    for (const [i, name] of path.entries()) {
      const alias = i === 3 && path.length === 4 && typeof name === "string" ? (aliases[name] ?? name) : name;
      const next = branch.children.get(String(alias));
      if (next === undefined) return null;
      branch = next;
    }
    return branch;
  }

  private spanOf(branch: Branch, place: Place): Span {
    if (branch.leaf === null) return place.part === "key" ? branch.lead : branch.extent;
    const { line, keyEnd: keyTo, split } = branch.leaf;
    const value: Span = split < 0 ? [keyTo, keyTo] : [split + 1, line[1]];
    if (place.within !== undefined) {
      const clamp = (offset: number): number => Math.min(value[1], value[0] + offset);
      return [clamp(place.within.from), clamp(place.within.to)];
    }
    if (place.part === "key") return [line[0], keyTo];
    return place.part === "value" ? value : line;
  }
}

function pathOf(key: string): DocumentPath {
  if (key === "") return [];
  return key.split(".").map((name) => (/^(?:0|[1-9][0-9]{0,14})$/.test(name) ? Number(name) : name));
}
