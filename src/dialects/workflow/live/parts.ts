/**
 * The syntax of a section -> its parts by name: dotted keys, inline tables and arrays become one tree.
 */
import type { SourceForm, Span } from "../../live/source.ts";
import type { Literal, Pair, SectionSyntax } from "./syntax.ts";

/** One named or numbered part of a section. Offsets are relative to the section. */
export interface Part {
  /** Its key, or an array element itself. */
  readonly name: Span;
  /** Where it is written in one piece. */
  readonly value: Literal | null;
  /** Everything that belongs to it. */
  own: Span;
  members: Map<string, Part> | null;
  items: Part[] | null;
}

const known = new WeakMap<SectionSyntax, Part>();

/** The pairs of a section as one part without a name. Remembered with the section, which never changes. */
export function partsOf(section: SectionSyntax): Part {
  const before = known.get(section);
  if (before !== undefined) return before;
  const body: Part = { name: [0, 0], value: null, own: [0, 0], members: null, items: null };
  addPairs(body, section.pairs);
  known.set(section, body);
  return body;
}

/** What kind of value a part holds. */
export function formOf(part: Part): SourceForm {
  if (part.value !== null) return part.value.form;
  return part.members === null ? "missing" : "table";
}

function addPairs(table: Part, pairs: readonly Pair[]): void {
  for (const pair of pairs) {
    const last = pair.keys[pair.keys.length - 1];
    if (last === undefined) continue;
    let at = table;
    for (const { name, span } of pair.keys.slice(0, -1)) {
      const next = at.members?.get(name);
      if (next !== undefined) {
        if (next.value === null) next.own = joined(next.own, pair.span);
        at = next;
      } else at = addMember(at, name, { name: span, value: null, own: pair.span, members: null, items: null });
    }
    // Of equal keys, which only text with errors has, the first counts.
    if (at.members?.has(last.name) === true) continue;
    const made: Part = { name: last.span, value: pair.value, own: pair.span, members: null, items: null };
    addMember(at, last.name, made);
    if (pair.value !== null) addLiteral(made, pair.value);
  }
}

function addLiteral(part: Part, { items, pairs }: Literal): void {
  if (pairs !== null && pairs.length > 0) addPairs(part, pairs);
  if (items === null || items.length === 0) return;
  part.items = items.map((value): Part => {
    const item: Part = { name: value.span, value, own: value.span, members: null, items: null };
    addLiteral(item, value);
    return item;
  });
}

function addMember(table: Part, name: string, child: Part): Part {
  (table.members ??= new Map()).set(name, child);
  return child;
}

/** From the beginning of the first to the end of the last. */
export function joined(a: Span, b: Span): Span {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}
