/**
 * Cuts a block-style YAML text into pieces that can be read by themselves: root keys, and the entries of what leads to
 * steps (`steps`, `runners`, and the `graph` of a skill).
 *
 * Only columns decide, as they do for the YAML library itself: a line that stands no further in than the key or dash
 * before it ends whatever that began, an open quote or bracket included. What could be anything else (a root in flow
 * style, directives, a second document) is not cut at all. One pass over the lines, no regular expression over the text.
 */

/** A stretch that is read by itself, from the start of a line to that of another. */
export interface Leaf {
  readonly type: "entry" | "item";
  readonly from: number;
  readonly to: number;
  /** Where its key or dash stands. */
  readonly start: number;
  /** Some line of it stands where YAML has no place for it. */
  readonly odd: boolean;
  /** Such a line begins with a sign, so that what it opens may reach beyond the piece. */
  readonly wild: boolean;
}

/** A key whose value is cut further. */
export interface Block {
  readonly type: "block";
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  /** Where the `:` behind the key ends. */
  readonly colon: number;
  readonly list: boolean;
  readonly column: number;
  readonly pieces: readonly Piece[];
}

export type Piece = Leaf | Block;

/** Keys whose values are cut further, wherever they lead to steps. */
const cutKeys: ReadonlySet<string> = new Set(["steps", "runners", "source", "graph"]);
const keyAt = /(?:"[^"\\\n]*"|'[^'\n]*'|[\w$\u0080-\uffff][\w$.\-\u0080-\uffff]*)[ \t]*:(?=[ \t\r\n]|$)/y;
/** A key that is a text as it stands: the whole of it, and no word that YAML takes for something else. */
const plainWord = /^(?!(?:null|true|false)[ \t]*:)([A-Za-z_][\w.-]*)[ \t]*:$/i;
const restOfHead = /[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/y;
const wordSign = /[\w\u0080-\uffff]/;
const marker = /(?:---|\.\.\.|%)/y;
const startMarker = /---[ \t]*\r?(?:\n|$)/y;

/** The pieces of a text, in order; null where cutting is not safe. What stands before the first is white space. */
export function cut(text: string): readonly Piece[] | null {
  return new Cutter(text).cut();
}

class Cutter {
  private readonly text: string;
  /** Starts of lines, and one for the end. */
  private readonly starts: number[] = [];
  /** Columns of their first character; -1 for blank lines and comments. */
  private readonly columns: number[] = [];

  constructor(text: string) {
    this.text = text;
  }

  cut(): readonly Piece[] | null {
    if (this.text.startsWith("\ufeff") || !this.scan()) return null;
    let first = this.content(0, this.columns.length);
    if (first >= 0 && this.matches(startMarker, this.starts[first] as number)) {
      first = this.content(first + 1, this.columns.length);
    }
    if (first < 0 || this.columns[first] !== 0) return null;
    if (!/[\w$"'\u0080-\uffff]/.test(this.text[this.starts[first] as number] as string)) return null;
    return this.pieces(first, this.columns.length, 0, false, null);
  }

  /** Finds lines and columns; false for texts with directives or a second document. */
  private scan(): boolean {
    const { text, starts, columns } = this;
    let markers = 0;
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf("\n", start);
      const end = newline < 0 ? text.length : newline + 1;
      let at = start;
      while (text.charCodeAt(at) === 32) at++;
      const code = at < end ? text.charCodeAt(at) : 10;
      const blank = code === 35 || code === 10 || ((code === 9 || code === 13) && text.slice(at, end).trim() === "");
      starts.push(start);
      columns.push(blank ? -1 : at - start);
      if (!blank && at === start && this.matches(marker, at)) {
        // One marker may open the document; `pieces` starts behind it.
        if (markers++ > 0 || !this.matches(startMarker, at) || columns.slice(0, -1).some((one) => one >= 0))
          return false;
      }
      start = end;
    }
    starts.push(text.length);
    return true;
  }

  private matches(pattern: RegExp, at: number): boolean {
    pattern.lastIndex = at;
    return pattern.test(this.text);
  }

  /** The first line from `line` on that has content; -1 for none before `end`. */
  private content(line: number, end: number): number {
    for (let i = line; i < end; i++) if ((this.columns[i] as number) >= 0) return i;
    return -1;
  }

  private isDash(at: number): boolean {
    const next = this.text.charCodeAt(at + 1);
    return this.text[at] === "-" && (Number.isNaN(next) || next === 32 || next === 10 || next === 9 || next === 13);
  }

  /** The pieces of one block of lines; `parent` is the key that holds it. */
  private pieces(first: number, end: number, column: number, list: boolean, parent: string | null): readonly Piece[] {
    const pieces: Piece[] = [];
    let open = first;
    let odd = false;
    let wild = false;
    // The open piece may be a list that stands in its key's own column.
    let dashes = false;
    const close = (line: number): void => {
      if (line > open) pieces.push(this.piece(open, line, column, list, { odd, wild }, parent));
      odd = wild = false;
    };
    for (let line = first; line < end; line++) {
      const at = this.columns[line] as number;
      if (at < 0 || at > column) continue;
      const offset = (this.starts[line] as number) + at;
      const begins = at === column && (list ? this.isDash(offset) : this.matches(keyAt, offset));
      const char = this.text[offset];
      const closes = at === column && line > first && (char === "]" || char === "}");
      const belongs = closes || (at === column && dashes && this.isDash(offset));
      if (!begins && (belongs || (list && line > first))) {
        odd ||= !belongs;
        wild ||= !belongs && !wordSign.test(char ?? "");
        continue;
      }
      const head = begins && !list && this.matches(restOfHead, keyAt.lastIndex);
      close(line);
      open = line;
      dashes = head;
      odd = !begins;
      wild = odd && !wordSign.test(char ?? "");
    }
    close(end);
    return pieces;
  }

  private piece(
    open: number,
    end: number,
    column: number,
    list: boolean,
    how: Pick<Leaf, "odd" | "wild">,
    parent: string | null,
  ): Piece {
    const from = this.starts[open] as number;
    const to = this.starts[end] as number;
    const start = from + (this.columns[open] as number);
    const leaf: Leaf = { type: list ? "item" : "entry", from, to, start, ...how };
    if (list || how.odd || !this.matches(keyAt, start)) return leaf;
    const colon = keyAt.lastIndex;
    const name = plainWord.exec(this.text.slice(start, colon))?.[1];
    if (name === undefined || !(cutKeys.has(name) || parent === "runners")) return leaf;
    const first = this.content(open + 1, end);
    if (first < 0 || !this.matches(restOfHead, colon)) return leaf;
    const inner = this.columns[first] as number;
    const at = (this.starts[first] as number) + inner;
    const isList = this.isDash(at);
    if (isList ? inner < column : inner <= column || !this.matches(keyAt, at)) return leaf;
    const pieces = this.pieces(first, end, inner, isList, name);
    return { type: "block", name, from, to, start, colon, list: isList, column: inner, pieces };
  }
}
