/**
 * The source tree of a YAML text (spec/editor.md §4), and with it the places of diagnostics.
 *
 * Invariants: every span lies in the text; reading a tree never changes it. What an offset stands on is `live-point.ts`.
 */
import type { DocumentPath, Place } from "../../graph/diagnostic.ts";
import type { SourceElement, SourceTree, Span } from "../live/source.ts";
import type { TextLines } from "../live/text-lines.ts";
import { documentPart, emptyPart, trimmed, type Part } from "./live-part.ts";
import { pointAt } from "./live-point.ts";
import { scalarOffsets } from "./scalar-offsets.ts";
import { composeYaml } from "./yaml-compose.ts";

/** A part found in a text: its spans count from `base`. */
export interface Found {
  readonly part: Part;
  readonly base: number;
}

/** The parts of a whole text, read in one go. */
export function wholePart(text: string): Part {
  const [document] = composeYaml(text) ?? [];
  return document === undefined ? emptyPart : documentPart(document.contents, text);
}

/** Finds parts by path and places of diagnostics. */
export class YamlTree implements SourceTree {
  readonly text: string;
  readonly root: Part;
  private readonly lines: TextLines;
  /** The stretch that holds YAML: the front matter of a SKILL.md. */
  private readonly within: Span;

  constructor(text: string, root: Part, lines: TextLines, within: Span = [0, text.length]) {
    this.text = text;
    this.root = root;
    this.lines = lines;
    this.within = within;
  }

  element(path: DocumentPath): SourceElement | null {
    const { found, exact } = find(this.root, path);
    return exact ? elementOf(found, path, this.text.length) : null;
  }

  at(offset: number) {
    return pointAt(this.text, this.root, offset, this.within);
  }

  span(place: Place): Span {
    return placeSpan(this.text, this.root, place);
  }

  range(place: Place) {
    const [from, to] = this.span(place);
    return this.lines.range(from, to);
  }
}

/** Where a place of a diagnostic stands. */
export function placeSpan(text: string, root: Part, place: Place): Span {
  const { found, exact, depth } = find(root, place.path);
  const span = exact ? exactSpan(text, found, place, depth === 0) : ancestorSpan(text, found, depth === 0);
  const clamp = (offset: number): number => Math.max(0, Math.min(offset, text.length));
  const from = clamp(span[0]);
  return [from, Math.max(from, clamp(span[1]))];
}

/** The deepest part on a path, and whether it is its end. */
function find(root: Part, path: DocumentPath): { found: Found; exact: boolean; depth: number } {
  let found: Found = { part: root, base: 0 };
  for (const [depth, segment] of path.entries()) {
    const next = childOf(found, segment);
    if (next === null) return { found, exact: false, depth };
    found = next;
  }
  return { found, exact: true, depth: path.length };
}

function childOf({ part, base }: Found, segment: string | number): Found | null {
  const { children, form } = part;
  const numbered = children[Number(segment)];
  const child =
    form === "list"
      ? numbered
      : (children.find((one) => one.name === String(segment)) ?? (numbered?.name === null ? numbered : undefined));
  return child === undefined ? null : { part: child.part, base: base + child.shift };
}

function moved(span: Span | null, base: number): Span | null {
  return span === null ? null : [span[0] + base, span[1] + base];
}

function elementOf({ part, base }: Found, path: DocumentPath, length: number): SourceElement {
  const root = path.length === 0;
  return {
    path,
    key: moved(part.key, base),
    header: moved(part.dash, base),
    value: root ? [0, length] : moved(part.value, base),
    form: part.form,
    text: part.text,
    extent: root ? [0, length] : (moved(part.extent, base) as Span),
    children: part.children.map((child, i) => (part.form === "list" ? i : (child.name ?? i))),
  };
}

function ancestorSpan(text: string, { part, base }: Found, isRoot: boolean): Span {
  if (isRoot) return [0, 0];
  const own = moved(part.raw, base) ?? moved(part.key, base) ?? [0, 0];
  return trimmed(own, text);
}

/** Offsets within scalars that were asked about: a string's markers are asked about one after the other. */
const knownOffsets = new WeakMap<object, ReturnType<typeof scalarOffsets>>();

function offsetsOf(scalar: Parameters<typeof scalarOffsets>[0], source: string): ReturnType<typeof scalarOffsets> {
  let offsets = knownOffsets.get(scalar);
  if (offsets === undefined) {
    offsets = scalarOffsets(scalar, source);
    knownOffsets.set(scalar, offsets);
  }
  return offsets;
}

function exactSpan(text: string, { part, base }: Found, place: Place, isRoot: boolean): Span {
  const key = moved(part.key, base);
  const value = isRoot ? ([0, text.length] as const) : moved(part.raw, base);
  const own: Span = value ?? (key === null ? [0, 0] : [key[1], key[1]]);
  if (place.part === "key") return key ?? own;
  if (place.within !== undefined && value !== null && part.scalar !== null) {
    const offsets = offsetsOf(part.scalar, text.slice(value[0], value[1]));
    const [first, last] = [offsets?.[place.within.from], offsets?.[place.within.to]];
    if (first !== undefined && last !== undefined) return [value[0] + first, value[0] + last];
  }
  if (place.part === "construct" && key !== null) return [key[0], Math.max(key[1], own[1])];
  return trimmed(own, text);
}
