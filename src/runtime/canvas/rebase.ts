/**
 * An intent for the drawing that a page was shown -> the same intent for the present one, or why it cannot be
 * (spec/editor.md §2). Pure.
 *
 * Invariants: no other construct is named than the one that was meant; nothing is written over what others have typed
 * since the page was drawn ({@link overwrites}).
 */
import type { TextEdit } from "../../dialects/edits/edit.ts";
import type { Span } from "../../dialects/live/source.ts";
import type { Drawing, DrawnEdge } from "../../draw/drawing.ts";
import type { PageIntent } from "../../protocol/webview.ts";

/** A drawing that a page was shown, and what has become of it. */
export interface Base {
  readonly drawing: Drawing;
  /** Its nodes' keys in the present drawing; null: all are what they were. */
  readonly now: ReadonlyMap<string, string> | null;
  /** What of the present text others have changed since; an empty stretch is where something was taken out. */
  readonly foreign: readonly Span[];
}

/** What a person is told whose drawing is not that of the document any more. */
export const changedMeanwhile = "the document has changed; look again";

/** The base of a drawing that has just been made. */
export function baseOf(drawing: Drawing): Base {
  return { drawing, now: null, foreign: [] };
}

/** A base after the text has changed. `own`: by an edit that this page asked for. */
export function afterChange(base: Base, before: string, after: string, own: boolean): Base {
  if (before === after) return base;
  const { from, to, fresh } = changeOf(before, after);
  const shift = fresh - to;
  const kept = base.foreign.map(([start, end]): Span => {
    // What the change took away begins, or ends, where the change does.
    const first = start <= from ? start : start >= to ? start + shift : from;
    const last = end <= from ? end : end >= to ? end + shift : Math.max(from, fresh);
    return [first, Math.max(first, last)];
  });
  return { ...base, foreign: own ? kept : joined([...kept, [from, fresh]]) };
}

/** A base after the drawing has changed. `moves`: as `followNodes` gives them. */
export function afterDrawing(base: Base, moves: ReadonlyMap<string, string> | null): Base {
  if (moves === null) return base;
  if (base.now === null) return { ...base, now: moves };
  const now = new Map<string, string>();
  for (const [sent, key] of base.now) {
    const next = moves.get(key);
    if (next !== undefined) now.set(sent, next);
  }
  return { ...base, now };
}

/** True when edits of the present text would take away what others have written, or write over what they took away. */
export function overwrites({ foreign }: Base, edits: readonly TextEdit[]): boolean {
  return edits.some(({ range: [from, to] }) => {
    if (from === to) return false;
    return foreign.some(([start, end]) => (start === end ? from <= start && start <= to : start < to && from < end));
  });
}

/** The intent in the keys of the present drawing; a sentence when what it is about cannot be found again. */
export function rebased(intent: PageIntent, base: Base, present: Drawing): PageIntent | string {
  const keys = new Keys(base, present);
  const result = keys.of(intent);
  return keys.lost ? changedMeanwhile : result;
}

class Keys {
  lost = false;
  private readonly base: Base;
  private readonly present: Drawing;

  constructor(base: Base, present: Drawing) {
    this.base = base;
    this.present = present;
  }

  of(intent: PageIntent): PageIntent {
    switch (intent.type) {
      case "add-node":
        return { ...intent, after: this.orNone(intent.after) };
      case "remove": {
        const { nodes, edges, starts } = intent;
        return {
          ...intent,
          nodes: nodes.map(this.node),
          edges: edges.map(this.edge),
          starts: starts.map(this.element),
        };
      }
      case "duplicate":
        return { ...intent, nodes: intent.nodes.map(this.node) };
      case "rename": {
        const element = this.element(intent.element);
        // Somebody else has given it another name meanwhile.
        if (nameOf(this.base.drawing, intent.element) !== nameOf(this.present, element)) this.lost = true;
        return { ...intent, element };
      }
      case "connect":
        return { ...intent, from: this.node(intent.from), to: this.node(intent.to) };
      case "set-edge":
      case "insert-on-edge":
        return { ...intent, edge: this.edge(intent.edge) };
      case "set-start":
        return { ...intent, name: this.startName(intent.name), entry: this.node(intent.entry) };
      case "reorder":
        return { ...intent, node: this.node(intent.node) };
      case "set-field":
      case "remove-field":
      case "add-item":
        return { ...intent, element: this.orNone(intent.element) };
      case "add-start":
      case "begin":
      case "paste":
        return intent;
    }
  }

  private orNone(key: string | null): string | null {
    return key === null ? null : this.element(key);
  }

  /** A node or a start. Starts are their names. */
  private readonly element = (key: string): string => {
    const { entries } = this.base.drawing;
    const entry = entries.find((one) => one.key === key);
    if (entry === undefined) return this.node(key);
    const named = (one: { readonly name: string }): boolean => one.name === entry.name;
    const [old, fresh] = [entries.filter(named), this.present.entries.filter(named)];
    const found = old.length === fresh.length ? fresh[old.indexOf(entry)] : undefined;
    if (found === undefined) this.lost = true;
    return found?.key ?? key;
  };

  /** A key that the page was shown, in the present drawing. Keys of what is no node are the planner's to refuse. */
  private readonly node = (key: string): string => {
    const { drawing, now } = this.base;
    if (now === null || !drawing.nodes.some((one) => one.key === key)) return key;
    const found = now.get(key);
    if (found === undefined) this.lost = true;
    return found ?? key;
  };

  /** Edges are what they connect: the one of as many equal ones. */
  private readonly edge = (key: string): string => {
    const { drawing } = this.base;
    const edge = drawing.edges.find((one) => one.key === key);
    if (edge === undefined) return key;
    const meant = { from: this.node(edge.from), to: this.node(edge.to), port: edge.port };
    const old = drawing.edges.filter((one) => same(one, edge));
    const fresh = this.present.edges.filter((one) => same(one, meant));
    const found = old.length === fresh.length ? fresh[old.indexOf(edge)] : undefined;
    if (found === undefined) this.lost = true;
    return found?.key ?? key;
  };

  /** A start by its name, which is still there as often as it was. */
  private startName(name: string): string {
    const named = ({ entries }: Drawing): number => entries.filter((one) => one.name === name).length;
    if (named(this.base.drawing) !== named(this.present)) this.lost = true;
    return name;
  }
}

function nameOf({ nodes, entries }: Drawing, key: string): string | null {
  return nodes.find((one) => one.key === key)?.id ?? entries.find((one) => one.key === key)?.name ?? null;
}

function same(a: Pick<DrawnEdge, "from" | "to" | "port">, b: Pick<DrawnEdge, "from" | "to" | "port">): boolean {
  return a.from === b.from && a.to === b.to && a.port === b.port;
}

/** The one stretch in which two texts differ: `[from, to)` of the old became `[from, fresh)` of the new. */
function changeOf(
  before: string,
  after: string,
): { readonly from: number; readonly to: number; readonly fresh: number } {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before.charCodeAt(from) === after.charCodeAt(from)) from++;
  let end = 0;
  while (end < most - from && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end))
    end++;
  return { from, to: before.length - end, fresh: after.length - end };
}

/** Sorted, with what overlaps or touches as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const made: Span[] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = made.at(-1);
    if (last !== undefined && from <= last[1]) made[made.length - 1] = [last[0], Math.max(last[1], to)];
    else made.push([from, to]);
  }
  return made;
}
