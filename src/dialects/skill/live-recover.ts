/**
 * What can be made out of a piece of YAML that is broken: its lines by their columns, each key for itself.
 *
 * Half-typed keys are parts without a value; an open quote or bracket ends with its line. Where a stretch is sound the
 * YAML library reads it. Invariants: spans lie in the piece; the work is bounded by the length of the piece.
 */
import { lineStart, documentPart, emptyPart, type Child, type Part } from "./live-part.ts";
import { composeYaml, MAX_DEPTH } from "./yaml-compose.ts";

/** The parts of the block that begins at `start`: keys, or items. */
export function recover(text: string, start: number): Part {
  return new Recovery(text).block(start, text.length, 0);
}

const keySign = /(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s:#'"[\]{},&*!|>%@`-][^:#\n]*?)[ \t]*:(?=[ \t\r\n]|$)/y;

class Recovery {
  private readonly text: string;
  /** How much the library may still be asked to read. */
  private budget: number;

  constructor(text: string) {
    this.text = text;
    this.budget = 8 * text.length + 10_000;
  }

  /** The block whose first key or dash stands at `start`. */
  block(start: number, to: number, depth: number): Part {
    const column = start - lineStart(this.text, start);
    const list = this.isDash(start);
    const children: Child[] = [];
    for (const [begin, end] of this.chunks(start, to, column)) {
      if (!list) children.push(...this.entry(begin, end, depth));
      else if (this.isDash(begin)) children.push(this.item(begin, end, depth));
      else this.adopt(children, this.entry(begin, end, depth));
    }
    const end = children.reduce((most, one) => Math.max(most, one.shift + one.part.extent[1]), start);
    const span = [start, end] as const;
    return { ...emptyPart, raw: span, value: span, form: list ? "list" : "table", column, extent: span, children };
  }

  /** Keys that stand where only an item may: they were meant for the item before. */
  private adopt(items: Child[], keys: readonly Child[]): void {
    const last = items.pop();
    if (last === undefined) return;
    const { part, shift } = last;
    if (part.form !== "table" && part.form !== "missing") return void items.push(last);
    const moved = keys.map((one) => ({ ...one, shift: one.shift - shift }));
    const to = moved.reduce((most, one) => Math.max(most, one.shift + one.part.extent[1]), part.extent[1]);
    const column = part.column ?? this.columnOf(keys[0]);
    const from = part.value?.[0] ?? (moved[0] === undefined ? to : moved[0].shift + moved[0].start);
    const value = [from, to] as const;
    const children = [...part.children, ...moved];
    const table: Part = { ...part, form: "table", column, value, raw: value, extent: [part.extent[0], to], children };
    items.push({ ...last, part: table });
  }

  private columnOf(child: Child | undefined): number {
    if (child === undefined) return 0;
    const at = child.shift + child.start;
    return at - lineStart(this.text, at);
  }

  /** Stretches that begin at a line in the block's column, or before it. */
  private chunks(start: number, to: number, column: number): [number, number][] {
    const begins = [start];
    for (let line = this.nextLine(start); line < to; line = this.nextLine(line)) {
      const at = this.firstOf(line, to);
      if (at === null || at - line > column) continue;
      if (!/[\]}]/.test(this.text[at] as string)) begins.push(at);
    }
    return begins.map((begin, i) => [begin, begins[i + 1] ?? to]);
  }

  private nextLine(at: number): number {
    const newline = this.text.indexOf("\n", at);
    return newline < 0 ? this.text.length : newline + 1;
  }

  /** The first character of a line; null for blank lines and comments. */
  private firstOf(line: number, to: number): number | null {
    let at = line;
    while (at < to && (this.text[at] === " " || this.text[at] === "\t")) at++;
    return at >= to || /[#\r\n]/.test(this.text[at] as string) ? null : at;
  }

  private isDash(at: number): boolean {
    return this.text[at] === "-" && /^(?:\s|$)/.test(this.text.slice(at + 1, at + 2));
  }

  /** Where the content of a line ends: before its comment and the blanks around it. */
  private contentEnd(from: number, to: number): number {
    const newline = this.text.indexOf("\n", from);
    const line = this.text.slice(from, newline < 0 || newline > to ? to : newline);
    const comment = /(?:^|\s)#/.exec(line);
    return from + line.slice(0, comment?.index ?? line.length).trimEnd().length;
  }

  private item(from: number, to: number, depth: number): Child {
    const sound = this.read(from, to, "", false);
    if (sound !== null && sound.part.dash !== null) return sound;
    const dash = [from, from + 1] as const;
    const inner = this.inner(from + 1, to, -1, depth);
    const part: Part = { ...inner, dash, extent: [from, Math.max(from + 1, inner.extent[1])] };
    return { name: null, shift: 0, start: from, part };
  }

  /** What stands from `from` on: a block on this line or below it that is further in than `column`. */
  private inner(from: number, to: number, column: number, depth: number): Part {
    const none: Part = { ...emptyPart, extent: [from, from] };
    if (depth >= MAX_DEPTH) return none;
    let first = this.firstOf(from, this.contentEnd(from, to));
    for (let line = this.nextLine(from); first === null && line < to; line = this.nextLine(line)) {
      first = this.firstOf(line, to);
    }
    if (first === null) return none;
    const at = first - lineStart(this.text, first);
    return at > column || (at === column && this.isDash(first)) ? this.block(first, to, depth + 1) : none;
  }

  /** A key with its value, and keys below it that stand in a column of their own. */
  private entry(from: number, to: number, depth: number): Child[] {
    const sound = this.read(from, to, "", false);
    if (sound !== null && sound.part.key !== null) return [sound];
    const end = this.contentEnd(from, to);
    const below = Math.min(this.nextLine(from), to);
    const siblings = (): readonly Child[] => {
      const inner = below < to ? this.inner(below - 1, to, -1, depth) : emptyPart;
      return inner.form === "table" ? inner.children : [];
    };
    keySign.lastIndex = from;
    if (!keySign.test(this.text) || keySign.lastIndex > end) {
      // Half a key, or a colon that nothing precedes.
      return [this.child(from, [from, end], null, emptyPart), ...siblings()];
    }
    const colon = keySign.lastIndex;
    const keyEnd = from + this.text.slice(from, colon - 1).trimEnd().length;
    if (colon === end) {
      const inner = this.inner(colon, to, from - lineStart(this.text, from), depth);
      return [this.child(from, [from, keyEnd], colon, inner)];
    }
    const at = this.firstOf(colon, end) ?? end;
    const open = /["'[{|>]/.test(this.text[at] ?? "");
    const several = open && below < to ? this.read(from, to, closing(this.text.slice(at, to)), true) : null;
    if (several !== null && several.part.key !== null) return [several];
    const line = this.read(from, end, closing(this.text.slice(at, end)), false) ?? this.read(from, end, "", true);
    const value = [at, end] as const;
    const raw: Part = { ...emptyPart, value, raw: value, form: "other", text: this.text.slice(at, end), extent: value };
    const own = line !== null && line.part.key !== null ? line : this.child(from, [from, keyEnd], colon, raw);
    return [own, ...siblings()];
  }

  private child(from: number, key: readonly [number, number], colon: number | null, value: Part): Child {
    const name = this.text.slice(...key).replace(/^(["'])(.*)\1$/, "$2");
    const to = Math.max(key[1], colon ?? 0, value.form === "missing" ? 0 : value.extent[1]);
    return { name, shift: 0, start: from, part: { ...value, key, colon, extent: [from, to] } };
  }

  /** One key or item as the library reads it, with `more` behind it; errors only where they are `allowed`. */
  private read(from: number, to: number, more: string, allowed: boolean): Child | null {
    this.budget -= to - from + 50;
    if (this.budget < 0) return null;
    const column = from - lineStart(this.text, from);
    const text = " ".repeat(column) + this.text.slice(from, to) + more;
    const [document, second] = composeYaml(text) ?? [];
    if (document === undefined || second !== undefined) return null;
    if (document.errors.length > 0 && !allowed) return null;
    const { children } = documentPart(document.contents, text);
    const [child] = children;
    if (child === undefined || children.length !== 1 || child.start !== column) return null;
    return { ...child, shift: from - column, part: clipped(child.part, text.length - more.length) };
  }
}

/** A part without what lies behind `end`, which is not in the text. */
function clipped(part: Part, end: number): Part {
  if (part.extent[1] <= end && (part.raw === null || part.raw[1] <= end)) return part;
  const clip = (span: readonly [number, number]): readonly [number, number] => [
    Math.min(span[0], end),
    Math.min(span[1], end),
  ];
  return {
    ...part,
    raw: part.raw === null ? null : clip(part.raw),
    value: part.value === null ? null : clip(part.value),
    extent: clip(part.extent),
    children: part.children.map((child) => ({ ...child, part: clipped(child.part, end) })),
  };
}

/** What closes the quotes and brackets that a value leaves open. */
function closing(value: string): string {
  let quote = "";
  let brackets = "";
  for (let i = 0; i < value.length; i++) {
    const char = value[i] as string;
    if (quote !== "") {
      if (char === "\\" && quote === '"') i++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") {
      if (i === 0 || /[\s[{,:]/.test(value[i - 1] as string)) quote = char;
    } else if (char === "[") brackets = "]" + brackets;
    else if (char === "{") brackets = "}" + brackets;
    else if (char === brackets[0]) brackets = brackets.slice(1);
  }
  return quote + brackets.slice(0, MAX_DEPTH);
}
