/**
 * A text as its sections, each read by itself: places by the scanner, values by smol-toml. After an edit only the
 * sections that it touched are read again.
 *
 * Invariant: the sections of a text are the same whether or not earlier ones were given; a section never changes but
 * for what is remembered with it, which follows from it.
 */
import { copied } from "../../live/text-lines.ts";
import { isTable, parseToml, type TomlTable } from "../toml.ts";
import { scanSection } from "./scan.ts";
import type { Key, Pair, SectionSyntax } from "./syntax.ts";

/** Why a part of a section is no TOML, and where in the section. */
export interface SyntaxFault {
  readonly message: string;
  readonly offset: number;
}

/** One section. */
export interface Section {
  readonly syntax: SectionSyntax;
  /** The values of its pairs; of a section with faults, those that could be read. */
  readonly body: TomlTable;
  /** Empty for a section that smol-toml accepts; otherwise what is wrong with each of its statements. */
  readonly faults: readonly SyntaxFault[];
  /** Pairs that smol-toml refuses. */
  readonly broken: readonly Pair[];
  /** What was put together from it and others last time; see merge.ts. */
  readonly memory: SectionMemory;
}

/** Values made of several sections, kept with the first of them. */
export interface SectionMemory {
  table: Composite<TomlTable> | null;
  list: Composite<readonly unknown[]> | null;
}

/** A value and the very parts that it was made of. */
export interface Composite<T> {
  readonly parts: readonly unknown[];
  readonly made: T;
}

/** A text, cut. */
export interface Sections {
  readonly text: string;
  readonly list: readonly Section[];
  /** Where each section begins. The first is what stands before the first header, and may be empty. */
  readonly starts: readonly number[];
  /** Strings end at their closing quotes, whatever is in them. */
  readonly strict: boolean;
}

/** Cuts a text. `before`: the sections of a similar text. */
export function cutSections(text: string, strict: boolean, before: Sections | null): Sections {
  const list: Section[] = [];
  const starts: number[] = [];
  const old = before?.strict === strict ? before : null;
  let at = 0;
  let next = 0;
  let same = { prefix: 0, suffix: 0 };
  if (old !== null) {
    same = common(old.text, text);
    const keep = keptSections(old, same.prefix);
    for (let i = 0; i < keep; i++) {
      list.push(old.list[i] as Section);
      starts.push(old.starts[i] as number);
    }
    at = old.starts[keep] ?? 0;
    // The first section is never one of those behind an edit.
    next = Math.max(1, keep);
  }
  const delta = old === null ? 0 : text.length - old.text.length;
  while (list.length === 0 || at < text.length) {
    if (old !== null && at >= text.length - same.suffix && at > 0) {
      while ((old.starts[next] ?? Infinity) < at - delta) next++;
      if (old.starts[next] === at - delta) {
        for (let i = next; i < old.list.length; i++) {
          list.push(old.list[i] as Section);
          starts.push((old.starts[i] as number) + delta);
        }
        break;
      }
    }
    const syntax = list.length === 0 ? rootSyntax(text, strict) : scanSection(text, at, strict);
    const again = old?.list[list.length];
    const isSame = again !== undefined && old?.starts[list.length] === at && again.syntax.length === syntax.length;
    // Read again only to see where it ends.
    const kept = isSame && !syntax.open && !again.syntax.open && at + syntax.length <= same.prefix;
    const section = kept ? again : readSection(text, at, syntax);
    list.push(section);
    starts.push(at);
    at += section.syntax.length;
  }
  return { text, list, starts, strict };
}

/** How many sections at the beginning cannot have changed when the first `prefix` characters are the same. */
function keptSections(old: Sections, prefix: number): number {
  const { list, starts } = old;
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= prefix) low = middle + 1;
    else high = middle;
  }
  // The section of the change, and the one before it, whose end is recognised by what follows.
  const keep = Math.max(0, low - 2);
  for (let i = 0; i < keep; i++) if (list[i]?.syntax.open === true) return i;
  return keep;
}

/** How many characters two texts have in common at their ends. */
function common(a: string, b: string): { prefix: number; suffix: number } {
  const most = Math.min(a.length, b.length);
  let prefix = 0;
  for (let step = 4096; step > 0; step = step === 1 ? 0 : step >> 4 || 1) {
    while (prefix + step <= most && a.slice(prefix, prefix + step) === b.slice(prefix, prefix + step)) prefix += step;
  }
  let suffix = 0;
  const left = most - prefix;
  for (let step = 4096; step > 0; step = step === 1 ? 0 : step >> 4 || 1) {
    while (suffix + step <= left && tail(a, suffix, step) === tail(b, suffix, step)) suffix += step;
  }
  return { prefix, suffix };
}

function tail(text: string, from: number, length: number): string {
  return text.slice(text.length - from - length, text.length - from);
}

function readSection(text: string, start: number, syntax: SectionSyntax): Section {
  // Values are slices of what they are read from; the whole text is not to live as long as they do.
  const source = copied(text.slice(start, start + syntax.length));
  const memory: SectionMemory = { table: null, list: null };
  const parsed = parseToml(source);
  if (parsed.ok) {
    const body = syntax.header === null ? parsed.table : below(parsed.table, syntax.header.keys);
    if (body !== null) return { syntax, body, faults: [], broken: [], memory };
  }
  const faults: SyntaxFault[] = [];
  const broken: Pair[] = [];
  const body = tableOf();
  if (syntax.header !== null) {
    const [from, to] = syntax.header.span;
    const read = parseToml(throughLine(source, from, to));
    if (!read.ok) faults.push({ message: read.message, offset: from + read.offset });
  }
  for (const pair of syntax.pairs) {
    const from = pair.span[0];
    const read = parseToml(throughLine(source, from, Math.max(from, pair.end)));
    if (!read.ok || pair.keys.length === 0) {
      broken.push(pair);
      if (!read.ok) faults.push({ message: read.message, offset: from + read.offset });
    } else add(body, read.table);
  }
  // Such as a key that is given twice.
  if (faults.length === 0 && !parsed.ok) faults.push(parsed);
  return { syntax, body, faults, broken, memory };
}

/** With the line's end, at which smol-toml sees what is unfinished. */
function throughLine(source: string, from: number, to: number): string {
  const line = source.indexOf("\n", Math.max(from, to > 0 && source[to - 1] === "\n" ? to - 1 : to));
  return source.slice(from, line < 0 ? source.length : line + 1);
}

/** The first section ends where the first header begins, even when that is at the start. */
function rootSyntax(text: string, strict: boolean): SectionSyntax {
  const lead = /^\ufeff?[ \t]*/.exec(text)?.[0].length ?? 0;
  if (text[lead] !== "[") return scanSection(text, 0, strict);
  return { length: 0, header: null, pairs: [], comments: [], open: false };
}

/** A table as smol-toml makes them. */
export function tableOf(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** What a header's pairs became. */
function below(table: TomlTable, keys: readonly Key[]): TomlTable | null {
  let at: unknown = table;
  for (const { name } of keys) {
    if (!isTable(at)) return null;
    const next: unknown = at[name];
    at = Array.isArray(next) ? next[0] : next;
  }
  return isTable(at) ? at : null;
}

/** Adds what a table does not have yet; tables on both sides become one. */
export function add(table: Record<string, unknown>, more: TomlTable): void {
  for (const key of Object.keys(more)) {
    const own = table[key];
    const other = more[key];
    if (!Object.hasOwn(table, key)) table[key] = other;
    else if (isTable(own) && isTable(other)) {
      const joined = Object.assign(tableOf(), own);
      add(joined, other);
      table[key] = joined;
    }
  }
}
