/**
 * The parts of a YAML text as a tree of our own: keys, values and items with their places.
 *
 * Boundary: made from what the YAML library composed, text with errors included. Invariants: parts never change; their
 * spans count from the start of the piece of text that was read, so that a piece can move without being read again.
 */
import { isAlias, isMap, isPair, isScalar, isSeq, type Document, type Pair, type Scalar } from "yaml";
import type { SourceForm, Span } from "../live/source.ts";

/** One part: the root, a key with its value, or an item. */
export interface Part {
  readonly key: Span | null;
  /** Where the `:` behind the key ends; null where there is none. */
  readonly colon: number | null;
  readonly dash: Span | null;
  /** The value as YAML counts it: block collections and block scalars end with their last line break. */
  readonly raw: Span | null;
  /** The value without the white space at its end; null when it is missing. */
  readonly value: Span | null;
  readonly form: SourceForm;
  readonly text: string | null;
  /** What the library says of a scalar; null for the rest. */
  readonly scalar: ScalarFacts | null;
  /** The column of a block collection's keys or dashes; null for flow collections and scalars. */
  readonly column: number | null;
  /** True where the value is written between brackets. */
  readonly flow: boolean;
  /** Where the construct begins and ends. */
  readonly extent: Span;
  readonly children: readonly Child[];
}

/** A scalar's value and how it is written. */
export type ScalarFacts = Pick<Scalar, "value" | "type">;

/** A part within another; its spans count from `shift` behind those of its parent. */
export interface Child {
  /** The key's text; null for items. */
  readonly name: string | null;
  readonly shift: number;
  /** Where the part begins, counted like its spans. */
  readonly start: number;
  readonly part: Part;
}

/** A part with nothing in it. */
export const emptyPart: Part = {
  key: null,
  colon: null,
  dash: null,
  raw: null,
  value: null,
  form: "missing",
  text: null,
  scalar: null,
  column: null,
  flow: false,
  extent: [0, 0],
  children: [],
};

/** What a composed document's contents are, as one part. */
export function documentPart(contents: Document["contents"], text: string): Part {
  return contents === null ? emptyPart : valuePart(contents, text);
}

/** A value alone, without key or dash. */
function valuePart(node: unknown, text: string): Part {
  if (isScalar(node)) return scalarPart(node, text);
  if (isAlias(node)) {
    const raw = rangeOf(node) ?? [0, 0];
    return { ...emptyPart, raw, value: raw, form: "other", text: text.slice(...raw), extent: raw };
  }
  if (!isMap(node) && !isSeq(node)) return emptyPart;
  const raw = rangeOf(node) ?? [0, 0];
  const list = isSeq(node);
  const dashes = list ? dashesOf(node.srcToken) : [];
  const children = node.items.map((item, i): Child => {
    const part = isPair(item) ? pairPart(item, text) : itemPart(item, dashes[i] ?? null, text);
    const name = isPair(item) && isScalar(item.key) ? String(item.key.value) : null;
    return { name, shift: 0, start: part.extent[0], part };
  });
  const flow = node.flow === true;
  const value = trimmed(raw, text);
  const last = children.at(-1)?.part.extent[1] ?? value[1];
  return {
    ...emptyPart,
    raw,
    value,
    form: list ? "list" : "table",
    column: flow ? null : raw[0] - lineStart(text, raw[0]),
    flow,
    extent: [raw[0], flow ? value[1] : Math.max(raw[0], last)],
    children,
  };
}

function scalarPart(node: Scalar, text: string): Part {
  const raw = rangeOf(node) ?? [0, 0];
  // Not the node itself, which holds on to all the text's tokens.
  const scalar: ScalarFacts = node.type === undefined ? { value: node.value } : { value: node.value, type: node.type };
  if (raw[0] === raw[1]) return { ...emptyPart, raw, scalar, extent: raw };
  const value = trimmed(raw, text);
  const kind = typeof node.value;
  const form: SourceForm =
    kind === "string"
      ? "string"
      : kind === "number" || kind === "bigint"
        ? "number"
        : kind === "boolean"
          ? "boolean"
          : node.value === null
            ? "null"
            : "other";
  const written = typeof node.value === "string" ? node.value : text.slice(...value);
  return { ...emptyPart, raw, value, form, text: written, scalar, extent: value };
}

function itemPart(node: unknown, dash: Span | null, text: string): Part {
  const part = valuePart(node, text);
  if (dash === null) return part;
  return { ...part, dash, extent: [dash[0], Math.max(dash[1], part.value === null ? 0 : part.extent[1])] };
}

function pairPart(pair: Pair, text: string): Part {
  const key = rangeOf(pair.key);
  const part = valuePart(pair.value, text);
  const sign = pair.srcToken?.sep?.find((one) => one.type === "map-value-ind");
  const colon = sign === undefined ? null : sign.offset + 1;
  const from = key?.[0] ?? pair.srcToken?.start[0]?.offset ?? part.extent[0];
  const to = Math.max(key?.[1] ?? from, colon ?? from, part.value === null ? from : part.extent[1]);
  return { ...part, key, colon, extent: [from, to] };
}

/** The dashes of a block list, one for each of its items. */
function dashesOf(token: { readonly type: string } | undefined): (Span | null)[] {
  if (token === undefined || token.type !== "block-seq" || !("items" in token)) return [];
  const { items } = token as { items: readonly { start: readonly Sign[]; value?: unknown }[] };
  return items.flatMap((item) => {
    const dash = item.start.find((one) => one.type === "seq-item-ind");
    if (dash !== undefined) return [[dash.offset, dash.offset + 1] as const];
    // What is left behind the last item, comments mostly, is no item.
    const marked = item.start.some((one) => one.type === "anchor" || one.type === "tag");
    return item.value === undefined && !marked ? [] : [null];
  });
}

interface Sign {
  readonly type: string;
  readonly offset: number;
}

/** A node's own text, without what follows on its line. */
function rangeOf(node: unknown): Span | null {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return null;
  const range = node.range;
  return range === null || range === undefined ? null : [range[0], range[1]];
}

/** Block collections and block scalars end with line breaks that belong to nobody. */
export function trimmed([from, to]: Span, text: string): Span {
  let end = to;
  while (end > from && /\s/.test(text[end - 1] as string)) end--;
  return [from, end];
}

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}
