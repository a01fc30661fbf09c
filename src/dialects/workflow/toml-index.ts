/**
 * A syntax tree of TOML -> where each table, key and value stands. Tables may be written as `[a.b]`, `[[a]]`, with
 * dotted keys or inline; the index hides the difference. Works on trees with errors: what was recognised is there.
 */
import type { Tree, TreeCursor } from "web-tree-sitter";
import { keySegments, type KeySegment, type Span } from "./toml-string.ts";

/** Deeper parts of a document have no place of their own; nothing a workflow takes is so deep. */
const MAX_DEPTH = 200;

/** One named or numbered part of a document. */
export interface Entry {
  /** Its key, its header (`[[nodes]]`), or an array element itself. */
  name: Span;
  /** Its value, where it is written after `=` or in an array; null for tables that headers or dotted keys open. */
  value: Span | null;
  /** Everything that belongs to it, without its children's parts elsewhere. */
  own: Span;
  /** True once a header of its own opened it. */
  explicit: boolean;
  members: Map<string, Entry> | null;
  items: Entry[] | null;
}

/** A tree of the part of the text that begins at `offset`. */
export interface TreePart {
  readonly tree: Tree;
  readonly offset: number;
}

/** The index of `text` from the trees of its parts, in order. The trees can be deleted afterwards. */
export function indexTrees(text: string, parts: Iterable<TreePart>): Entry {
  const builder = new Builder(text);
  for (const { tree, offset } of parts) builder.add(tree, offset);
  return builder.root;
}

/** From the first to the last character of an entry and everything in it. */
export function extent(entry: Entry): Span {
  let [from, to] = entry.own;
  const widen = (child: Entry): void => {
    const [first, last] = extent(child);
    from = Math.min(from, first);
    to = Math.max(to, last);
  };
  if (entry.value !== null) return entry.own;
  entry.members?.forEach(widen);
  entry.items?.forEach(widen);
  return [from, to];
}

function newEntry(name: Span, own: Span, value: Span | null): Entry {
  return { name, value, own, explicit: false, members: null, items: null };
}

const keyTypes: ReadonlySet<string> = new Set(["bare_key", "quoted_key", "dotted_key"]);
const noValues: ReadonlySet<string> = new Set(["[", "]", "{", "}", ",", "=", "comment", "ERROR", "newline"]);

class Builder {
  readonly root: Entry;
  private readonly text: string;
  /** The table that pairs go to. */
  private current: Entry;
  /** A header's opening bracket whose key has not come yet. */
  private bracket: { readonly from: number; readonly array: boolean } | null = null;
  /** Where the part that is being read begins. */
  private offset = 0;

  constructor(text: string) {
    this.text = text;
    this.root = newEntry([0, 0], [0, text.length], null);
    this.root.members = new Map();
    this.current = this.root;
  }

  add(tree: Tree, offset: number): void {
    this.offset = offset;
    const cursor = tree.walk();
    this.statements(cursor, 0);
    cursor.delete();
  }

  private start(cursor: TreeCursor): number {
    return this.offset + cursor.startIndex;
  }

  private end(cursor: TreeCursor): number {
    return this.offset + cursor.endIndex;
  }

  /** The children of a document, a table or an error: pairs, headers, and errors among them. */
  private statements(cursor: TreeCursor, depth: number): void {
    if (depth > MAX_DEPTH || !cursor.gotoFirstChild()) return;
    do {
      const type = cursor.nodeType;
      if (type === "[[" || (type === "[" && this.beginsLine(this.start(cursor)))) {
        this.bracket = { from: this.start(cursor), array: type === "[[" };
        continue;
      }
      // The key of a header with an error may be inside an error of its own.
      if (type === "ERROR") {
        this.statements(cursor, depth + 1);
        continue;
      }
      if (keyTypes.has(type)) {
        const segments = this.segments(cursor);
        const { bracket } = this;
        if (bracket === null) this.loneKey(segments);
        else this.open(segments, this.headerSpan(bracket.from, this.end(cursor)), bracket.array);
      }
      this.bracket = null;
      if (type === "pair") this.pair(cursor, this.current, depth);
      else if (type === "table" || type === "table_array_element") this.statements(cursor, depth + 1);
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }

  private beginsLine(offset: number): boolean {
    let at = offset - 1;
    while (this.text[at] === " " || this.text[at] === "\t") at--;
    return at < 0 || this.text[at] === "\n";
  }

  /** A header with its closing brackets, if they are there. */
  private headerSpan(from: number, keyEnd: number): Span {
    closing.lastIndex = keyEnd;
    return [from, keyEnd + (closing.exec(this.text)?.[0].length ?? 0)];
  }

  private segments(cursor: TreeCursor): KeySegment[] {
    const from = this.start(cursor);
    return keySegments(this.text.slice(from, this.end(cursor)), from).slice(0, MAX_DEPTH);
  }

  /** Opens `[a.b]` or `[[a.b]]`: the pairs that follow are its own. */
  private open(segments: readonly KeySegment[], header: Span, array: boolean): void {
    const last = segments[segments.length - 1];
    if (last === undefined) return;
    const table = this.descend(this.root, segments.slice(0, -1), null);
    const known = member(table, last.name);
    if (array) {
      const list = known ?? addMember(table, last.name, newEntry(header, header, null));
      const item = newEntry(header, header, null);
      item.explicit = true;
      (list.items ??= []).push(item);
      this.current = item;
      return;
    }
    const opened = known ?? addMember(table, last.name, newEntry(header, header, null));
    if (!opened.explicit) {
      opened.explicit = true;
      opened.name = header;
      opened.own = joined(opened.own, header);
    }
    this.current = opened;
  }

  /** Follows a key's leading parts, opening tables on the way; an array of tables means its last element. */
  private descend(from: Entry, segments: readonly KeySegment[], pair: Span | null): Entry {
    let at = from;
    for (const { name, span } of segments) {
      const known = member(at, name);
      const next: Entry = known ?? addMember(at, name, newEntry(span, pair ?? span, null));
      if (known !== undefined && pair !== null && next.items === null) next.own = joined(next.own, pair);
      at = next.items?.[next.items.length - 1] ?? next;
    }
    return at;
  }

  /** A key without a value, as it stands while somebody types. */
  private loneKey(segments: readonly KeySegment[]): void {
    const last = segments[segments.length - 1];
    if (last === undefined) return;
    const table = this.descend(this.current, segments.slice(0, -1), null);
    if (member(table, last.name) === undefined) addMember(table, last.name, newEntry(last.span, last.span, null));
  }

  private pair(cursor: TreeCursor, table: Entry, depth: number): void {
    const from = this.start(cursor);
    if (!cursor.gotoFirstChild()) return;
    let segments: readonly KeySegment[] | null = null;
    let done = false;
    do {
      const type = cursor.nodeType;
      if (keyTypes.has(type) && segments === null) segments = this.segments(cursor);
      else if (segments !== null && !done && !noValues.has(type) && !cursor.nodeIsMissing) {
        done = true;
        const entry = this.assign(table, segments, [from, this.end(cursor)], [this.start(cursor), this.end(cursor)]);
        this.inside(cursor, entry, depth + 1);
      }
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
    if (segments !== null && !done) this.loneKey(segments);
  }

  /** `key = value`; of equal keys, which only text with errors has, the first counts. */
  private assign(table: Entry, segments: readonly KeySegment[], own: Span, value: Span): Entry {
    const last = segments[segments.length - 1];
    const entry = newEntry(last?.span ?? own, own, value);
    if (last === undefined) return entry;
    const parent = this.descend(table, segments.slice(0, -1), own);
    if (member(parent, last.name) === undefined) addMember(parent, last.name, entry);
    return entry;
  }

  /** The parts of an array or inline table. */
  private inside(cursor: TreeCursor, entry: Entry, depth: number): void {
    const type = cursor.nodeType;
    if (type !== "array" && type !== "inline_table") return;
    if (depth > MAX_DEPTH || !cursor.gotoFirstChild()) return;
    do {
      const child = cursor.nodeType;
      if (child === "pair") this.pair(cursor, entry, depth);
      else if (type === "array" && !noValues.has(child) && cursor.nodeIsNamed) {
        const span: Span = [this.start(cursor), this.end(cursor)];
        const item = newEntry(span, span, span);
        (entry.items ??= []).push(item);
        this.inside(cursor, item, depth + 1);
      }
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
}

const closing = /[ \t]*\]{1,2}/y;

function member(entry: Entry, name: string): Entry | undefined {
  return entry.members?.get(name);
}

function addMember(entry: Entry, name: string, child: Entry): Entry {
  (entry.members ??= new Map()).set(name, child);
  return child;
}

function joined(a: Span, b: Span): Span {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}
