/** Takes the names that are found in one document, and finds where exactly they stand. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement, Span } from "../../src/dialects/live/source.ts";
import { furtherKeys, keySpan, valueSpan } from "./text-spans.ts";
import { symbolKey, type Home, type Occurrence, type SymbolKind, type SymbolName } from "./symbol.ts";

/** Most symbols that one place means. */
const MAX_MEANINGS = 256;

/** What a name belongs to, where that is not the document itself. */
export interface Belongs {
  readonly owner?: string | null;
  readonly runner?: string | null;
  readonly home?: Home | null;
}

/** Where a name is looked for. */
export interface Site {
  readonly element: SourceElement;
  readonly within: string | null;
}

/** A symbol of these parts. */
export function symbolOf(kind: SymbolKind, name: string, belongs: Belongs = {}): SymbolName {
  return { kind, name, owner: belongs.owner ?? null, runner: belongs.runner ?? null, home: belongs.home ?? null };
}

/** One name of an item, counted from the item's place. */
interface Piece {
  readonly symbol: SymbolName;
  readonly role: Occurrence["role"];
  readonly from: number;
  readonly to: number;
  readonly written: Occurrence["written"];
  readonly path: Occurrence["path"];
  readonly within: string | null;
}

/** Names found in a node or an edge. They hold for as long as it is the same object, wherever its text has moved. */
export type ItemNames = WeakMap<object, readonly Piece[]>;

/** See the header. Empty names, as they stand while somebody types, are no names. */
export class Sink {
  readonly live: LiveDocument;
  readonly found: Occurrence[] = [];
  /** By the start of their spans, to tell what is there already. */
  private readonly starts = new Map<number, Occurrence[]>();
  /** Takes note of an item's names while they are looked for. */
  private noted: Piece[] | null = null;

  constructor(live: LiveDocument) {
    this.live = live;
  }

  /**
   * The names of an item at `path`: what `known` holds, else what `find` reports. What does not spell its name, and what
   * is not where it would have moved to, is looked for again.
   */
  item(known: ItemNames, item: object, path: Occurrence["path"], find: () => void): void {
    const { text, source } = this.live;
    const base = source.span({ path })[0];
    const pieces = known.get(item);
    const isThere = ({ symbol: { name }, from, to }: Piece): boolean =>
      to - from === name.length && text.startsWith(name, base + from);
    if (pieces?.every(isThere) === true) {
      for (const { symbol, role, from, to, written, path: at, within } of pieces)
        this.put(at, within, role, written, [base + from, base + to], symbol);
      return;
    }
    const noted: Piece[] = [];
    this.noted = noted;
    find();
    this.noted = null;
    const moved = noted.map((one) => ({ ...one, from: one.from - base, to: one.to - base }));
    if (moved.every(isThere)) known.set(item, moved);
  }

  /** The scalar at `site` is a name as a whole. */
  scalar(site: Site, role: Occurrence["role"], symbol: (name: string) => SymbolName): void {
    const { text, form } = site.element;
    const { what } = this.live;
    // In a `spec.kv` every value is text, also one of digits.
    const digits = form === "number" && what.document === "graph" && what.dialect === "pipeline";
    if (text === null || (form !== "string" && form !== "other" && !digits)) return;
    this.part(site, role, "scalar", 0, text.length, symbol(text));
  }

  /** A stretch of the scalar at `site`. */
  part(
    site: Site,
    role: Occurrence["role"],
    written: Occurrence["written"],
    from: number,
    to: number,
    symbol: SymbolName,
  ): void {
    const span = valueSpan(this.live, site.element, from, to);
    if (span !== null) this.add(site, role, written, span, symbol);
  }

  /** The key at `site`, or the stretch of it that begins at `from` of the decoded key and holds the symbol's name. */
  key(site: Site, role: Occurrence["role"], symbol: SymbolName, from = 0): void {
    const { key } = site.element;
    if (key === null) return;
    for (const one of [key, ...furtherKeys(this.live, site.element)])
      this.add(site, role, "key", keySpan(this.live, one, from, from + symbol.name.length), symbol);
  }

  private add(
    site: Site,
    role: Occurrence["role"],
    written: Occurrence["written"],
    span: Span,
    symbol: SymbolName,
  ): void {
    const { path } = site.element;
    this.noted?.push({ symbol, role, from: span[0], to: span[1], written, path, within: site.within });
    this.put(path, site.within, role, written, span, symbol);
  }

  private put(
    path: Occurrence["path"],
    within: string | null,
    role: Occurrence["role"],
    written: Occurrence["written"],
    span: Span,
    symbol: SymbolName,
  ): void {
    if (symbol.name === "" || span[1] <= span[0]) return;
    const known = this.starts.get(span[0]);
    // A place may mean several symbols, as a gate over several steps does, but none twice.
    if (known?.some((one) => sameSymbol(one.symbol, symbol)) === true) return;
    const one = new Named(this.live.lines, symbol, role, span, written, path, within);
    if (known === undefined) this.starts.set(span[0], [one]);
    else if (known.length < MAX_MEANINGS) known.push(one);
    else return;
    this.found.push(one);
  }
}

function sameSymbol(a: SymbolName, b: SymbolName): boolean {
  return a.kind === b.kind && a.name === b.name && a.owner === b.owner && symbolKey(a) === symbolKey(b);
}

/** An occurrence whose range is found when somebody asks. */
class Named implements Occurrence {
  readonly symbol: SymbolName;
  readonly role: Occurrence["role"];
  readonly span: Span;
  readonly written: Occurrence["written"];
  readonly path: Occurrence["path"];
  readonly within: string | null;
  private readonly lines: LiveDocument["lines"];

  constructor(
    lines: LiveDocument["lines"],
    symbol: SymbolName,
    role: Occurrence["role"],
    span: Span,
    written: Occurrence["written"],
    path: Occurrence["path"],
    within: string | null,
  ) {
    this.lines = lines;
    this.symbol = symbol;
    this.role = role;
    this.span = span;
    this.written = written;
    this.path = path;
    this.within = within;
  }

  get range(): Occurrence["range"] {
    return this.lines.range(this.span[0], this.span[1]);
  }
}
