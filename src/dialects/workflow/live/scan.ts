/**
 * TOML text -> the syntax of one section, for text that is being typed: nothing is refused, and what is broken ends
 * at the end of its line or at the next thing that can only be a new statement.
 *
 * Invariants: for text that smol-toml accepts every key and value is found exactly; never throws; linear in the text.
 */
import type { SourceForm, Span } from "../../live/source.ts";
import { keyName, lineLiteralEnd, literalEnd } from "../toml-string.ts";
import {
  blanks,
  bareKey,
  restOfLine,
  headerInString,
  nameHeader,
  statement,
  temporal,
  date,
  word,
  number,
} from "./patterns.ts";
import type { Header, Key, Literal, Pair, SectionSyntax } from "./syntax.ts";

/** smol-toml reads 512 levels; deeper brackets are left alone. */
const MAX_NESTING = 520;
/** Deeper parts have no place of their own; nothing a document of ours takes is so deep. */
export const MAX_DEPTH = 200;

/**
 * Reads the section that begins at `start`, the start of a line: what it begins with may be a header, and the next
 * header ends it. `strict`: strings go on to their closing quotes, whatever is in them.
 */
export function scanSection(text: string, start: number, strict: boolean): SectionSyntax {
  return new Scanner(text, start, strict).section();
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

class Scanner {
  private readonly text: string;
  private readonly base: number;
  private readonly strict: boolean;
  private readonly comments: Span[] = [];
  private at: number;
  private depth = 0;
  /** Set where a value cannot go on: everything around it ends too. */
  private stopped = false;
  private open = false;

  constructor(text: string, start: number, strict: boolean) {
    this.text = text;
    this.base = start;
    this.strict = strict;
    this.at = start;
  }

  section(): SectionSyntax {
    const { text } = this;
    const pairs: Pair[] = [];
    if (this.at === 0 && text.startsWith("\ufeff")) this.at++;
    this.skip(blanks);
    const header = text[this.at] === "[" ? this.header() : null;
    for (;;) {
      this.void();
      if (this.at >= text.length) break;
      if (text[this.at] === "[") {
        // Statements end with their line, so this is the first thing on its own.
        this.at = lineStart(this.text, this.at);
        break;
      }
      this.stopped = false;
      this.depth = 0;
      const pair = this.pair(false);
      const end = this.endOfLine();
      pairs.push(end === pair.end ? pair : { ...pair, end });
    }
    return { length: this.at - this.base, header, pairs, comments: this.comments, open: this.open };
  }

  private header(): Header {
    const from = this.at++;
    const array = this.text[this.at] === "[";
    if (array) this.at++;
    const { keys, ended } = this.keys();
    let to = keys.length === 0 ? this.at : this.base + (keys[keys.length - 1] as Key).span[1];
    if (!ended) to = this.at;
    this.skip(blanks);
    let closed = 0;
    while (closed < (array ? 2 : 1) && this.text[this.at] === "]") {
      to = ++this.at;
      closed++;
    }
    const wanted = closed === (array ? 2 : 1);
    const rest = this.at;
    const clean = this.endOfLine() === rest - this.base;
    return {
      keys,
      array,
      span: [from - this.base, to - this.base],
      whole: wanted && ended && clean && keys.length > 0,
    };
  }

  /** A dotted key. `ended`: it does not stop behind a dot. */
  private keys(): { keys: Key[]; ended: boolean } {
    const keys: Key[] = [];
    for (;;) {
      const before = this.at;
      this.skip(blanks);
      const from = this.at;
      const to = this.keyEnd();
      if (to === from) {
        if (keys.length === 0) this.at = before;
        return { keys, ended: keys.length === 0 };
      }
      const raw = this.text.slice(from, to);
      keys.push({ name: keyName(raw), span: [from - this.base, to - this.base] });
      this.at = to;
      this.skip(blanks);
      if (this.text[this.at] !== ".") {
        this.at = to;
        return { keys, ended: true };
      }
      this.at++;
    }
  }

  private keyEnd(): number {
    const quote = this.text[this.at];
    if (quote === '"' || quote === "'") return lineLiteralEnd(this.text, this.at) ?? this.at;
    bareKey.lastIndex = this.at;
    return bareKey.test(this.text) ? bareKey.lastIndex : this.at;
  }

  /** One statement, or one member of an inline table. */
  private pair(inline: boolean): Pair {
    const from = this.at;
    const { keys } = this.keys();
    let to = this.at;
    this.skip(blanks);
    let equals: number | null = null;
    let value: Literal | null = null;
    if (this.text[this.at] === "=" && keys.length > 0) {
      equals = this.at++;
      to = this.at;
      this.skip(blanks);
      value = this.value(inline);
      if (value !== null) to = this.base + value.span[1];
    } else if (keys.length > 0) this.at = to;
    return {
      keys,
      span: [from - this.base, to - this.base],
      end: this.at - this.base,
      equals: equals === null ? null : equals - this.base,
      value,
    };
  }

  /** The value here; null when there is none. */
  private value(inside: boolean): Literal | null {
    const { text } = this;
    const from = this.at;
    const char = text[from];
    if (char === undefined || char === "\n" || char === "#") return null;
    if (char === "\r" && text[from + 1] === "\n") return null;
    if (inside && (char === "," || char === "]" || char === "}")) return null;
    if (char === '"' || char === "'") return this.string(from, char);
    if (char === "[" || char === "{") return this.brackets(char);
    let form: SourceForm = "other";
    if (!this.skip(temporal) && !this.skip(date)) {
      if (!this.skip(word)) this.at++;
      const raw = text.slice(from, Math.min(this.at, from + 100));
      if (raw === "true" || raw === "false") form = "boolean";
      else if (number.test(raw)) form = "number";
    }
    return this.literal(form, from, true);
  }

  private literal(form: SourceForm, from: number, closed: boolean): Literal {
    return { form, span: [from - this.base, this.at - this.base], closed, items: null, pairs: null };
  }

  private string(from: number, quote: string): Literal {
    const { text } = this;
    if (!text.startsWith(quote.repeat(3), from)) {
      const end = lineLiteralEnd(text, from);
      this.at = end ?? this.lineEnd(from);
      return this.literal("string", from, end !== null);
    }
    const end = literalEnd(text, from);
    const cut = this.strict ? null : headerInString(text, from, end);
    if (cut !== null) {
      this.open = true;
      this.stopped = true;
      this.at = cut;
    } else this.at = end ?? text.length;
    return this.literal("string", from, end !== null && cut === null);
  }

  private brackets(bracket: "[" | "{"): Literal {
    const from = this.at++;
    if (this.depth >= MAX_NESTING) {
      this.stopped = true;
      return this.literal(bracket === "[" ? "list" : "table", from, false);
    }
    this.depth++;
    const made = bracket === "[" ? this.array(from) : this.inlineTable(from);
    this.depth--;
    return made;
  }

  private array(from: number): Literal {
    const items: Literal[] = [];
    let closed = false;
    let last = this.at;
    while (!this.stopped && !this.beginsStatement(true)) {
      const char = this.text[this.at] as string;
      if (char === "]") {
        last = ++this.at;
        closed = true;
        break;
      }
      if (char === "}") {
        // The end of an inline table around it.
        if (this.depth > 1) break;
        last = ++this.at;
      } else if (char === ",") last = ++this.at;
      else {
        const item = this.value(true);
        if (item === null) break;
        if (this.depth <= MAX_DEPTH) items.push(item);
        last = this.base + item.span[1];
      }
    }
    return { form: "list", span: [from - this.base, last - this.base], closed, items, pairs: null };
  }

  private inlineTable(from: number): Literal {
    const pairs: Pair[] = [];
    let closed = false;
    let comma = true;
    let last = this.at;
    while (!this.stopped && !this.beginsStatement(false, comma)) {
      const char = this.text[this.at] as string;
      if (char === "}") {
        last = ++this.at;
        closed = true;
        break;
      }
      if (char === "]") {
        if (this.depth > 1) break;
        last = ++this.at;
      } else if (char === ",") {
        last = ++this.at;
        comma = true;
      } else {
        const before = this.at;
        const pair = this.pair(true);
        if (pair.keys.length === 0) {
          // Something that is no key: one token of it is passed over.
          if (this.at === before && this.value(true) === null) this.at++;
          last = this.at;
          continue;
        }
        comma = false;
        if (this.depth <= MAX_DEPTH) pairs.push(pair);
        last = Math.max(this.base + pair.span[1], this.base + (pair.value === null ? pair.end : 0));
      }
    }
    return { form: "table", span: [from - this.base, last - this.base], closed, items: null, pairs };
  }

  /**
   * Skips white space and comments in brackets; true at the end of the text and at the beginning of a line that can
   * only be a statement, so that the brackets were not closed.
   */
  private beginsStatement(array: boolean, comma = true): boolean {
    const start = this.void();
    if (this.at >= this.text.length) return true;
    if (start === null) return false;
    nameHeader.lastIndex = this.at;
    const header = this.text[this.at] === "[" && nameHeader.test(this.text);
    statement.lastIndex = this.at;
    if (!header && !((array || !comma) && statement.test(this.text))) return false;
    this.at = start;
    this.stopped = true;
    return true;
  }

  /** Skips white space, line breaks and comments; where the line begins that it came to, null for the same line. */
  private void(): number | null {
    const { text } = this;
    let line: number | null = null;
    for (;;) {
      const char = text.charCodeAt(this.at);
      if (char === 10) line = ++this.at;
      else if (char === 32 || char === 9 || (char === 13 && text.charCodeAt(this.at + 1) === 10)) this.at++;
      else if (char === 35) this.comment();
      else return line;
    }
  }

  private comment(): void {
    const from = this.at;
    this.at = this.lineEnd(from);
    this.comments.push([from - this.base, this.at - this.base]);
  }

  /** Goes to the end of the line, behind what is wrong there; the end of what is not a comment, relative. */
  private endOfLine(): number {
    const from = this.at;
    if (this.stopped && lineStart(this.text, from) === from) return from - this.base;
    this.skip(blanks);
    const char = this.text[this.at];
    if (char === undefined || char === "\n" || (char === "\r" && this.text[this.at + 1] === "\n")) {
      return from - this.base;
    }
    if (char === "#") {
      this.comment();
      return from - this.base;
    }
    this.skip(restOfLine);
    return this.lineEnd(from) - this.base;
  }

  /** The end of the line without its break. */
  private lineEnd(at: number): number {
    const end = this.text.indexOf("\n", at);
    if (end < 0) return this.text.length;
    return end > at && this.text[end - 1] === "\r" ? end - 1 : end;
  }

  private skip(what: RegExp): boolean {
    what.lastIndex = this.at;
    if (!what.test(this.text)) return false;
    this.at = what.lastIndex;
    return true;
  }
}
