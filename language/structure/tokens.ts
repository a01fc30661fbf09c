/**
 * What the words of a document mean, as stretches with a type: names from the one list of names, the rest of
 * dotted references and template markers, kinds, and stage keys. One table says how clients may colour them.
 *
 * Invariants: sorted, never overlapping, each within one line.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import { copied } from "../../src/dialects/live/text-lines.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Dialect, Node, NodeReference } from "../../src/graph/model.ts";
import { parseStageKey } from "../../src/graph/stage-key.ts";
import { kindTable } from "../../src/kinds/definitions.generated.ts";
import { perObject } from "../../src/graph/memo.ts";
import { occurrencesOf } from "../symbols/occurrences.ts";
import type { SymbolKind } from "../symbols/symbol.ts";
import { valueSpan } from "../symbols/text-spans.ts";
import { nodesByPath, type PlacedNode } from "./parts.ts";

/** Token types, in the order of the legend: all are names that themes know. */
export const tokenTypes = [
  "function",
  "event",
  "type",
  "enumMember",
  "property",
  "parameter",
  "variable",
  "namespace",
  "class",
  "struct",
  "number",
  "operator",
  "keyword",
  "string",
] as const;
/** Token modifiers, in the order of the legend. */
export const tokenModifiers = ["declaration", "readonly", "defaultLibrary"] as const;

export type TokenType = (typeof tokenTypes)[number];
export type TokenModifier = (typeof tokenModifiers)[number];

/** One coloured stretch. */
export interface Token {
  readonly span: Span;
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}

/** How names are shown. */
const nameTypes: Readonly<Record<SymbolKind, readonly [TokenType, ...TokenModifier[]]>> = {
  node: ["function"],
  start: ["event"],
  secret: ["variable", "readonly"],
  server: ["namespace"],
  backend: ["class"],
  auth: ["class", "readonly"],
  group: ["struct"],
  label: ["enumMember"],
  input: ["parameter"],
  output: ["property"],
  runner: ["class"],
};

/** The keys under which a node's kind stands, and a stage's key. */
const kindKeys: Readonly<Record<Dialect, readonly string[]>> = {
  workflow: ["type"],
  skill: ["run", "type"],
  pipeline: ["type"],
};
const stageKeys: Readonly<Record<Dialect, readonly string[]>> = {
  workflow: ["key"],
  skill: ["run", "key"],
  pipeline: ["stage"],
};

/** Tokens of a whole document. */
export const tokensOf: (live: LiveDocument) => readonly Token[] = perObject((live) => {
  const found: Token[] = [];
  const add: Add = (span, type, ...modifiers) => {
    if (span !== null && span[1] > span[0]) found.push({ span, type, modifiers });
  };
  for (const { span, symbol, role } of occurrencesOf(live)) {
    const [type, ...modifiers] = nameTypes[symbol.kind];
    // What a run is started with is no node of the document's.
    if (symbol.kind === "node" && symbol.name === "trigger" && role === "reference")
      add(span, "variable", "defaultLibrary");
    else add(span, type, ...modifiers, ...(role === "definition" ? (["declaration"] as const) : []));
  }
  for (const placed of nodesByPath(live).values()) for (const token of nodeTokens(live, placed)) found.push(token);
  return apart(live, found);
});

/** What a node's words were found to be, counted from its place, and the text between the first and the last of them. */
interface NodeTokens {
  readonly from: number;
  readonly text: string;
  readonly tokens: readonly Token[];
}

const known = new WeakMap<Node, NodeTokens>();

/** Tokens of one node beside its names: found once, and moved with it as long as it is the same. */
function nodeTokens(live: LiveDocument, placed: PlacedNode): readonly Token[] {
  const { node } = placed;
  const base = live.source.span({ path: node.at })[0];
  const before = known.get(node);
  if (before !== undefined && live.text.startsWith(before.text, base + before.from)) return moved(before.tokens, base);
  const tokens: Token[] = [];
  const add: Add = (span, type, ...modifiers) => {
    if (span !== null && span[1] > span[0]) tokens.push({ span, type, modifiers });
  };
  for (const reference of node.references) addReference(live, reference, add);
  addKind(live, placed, add);
  if (node.kind === "stage") addStageKey(live, placed, add);
  const from = tokens.reduce((least, { span }) => Math.min(least, span[0]), Infinity);
  const to = tokens.reduce((most, { span }) => Math.max(most, span[1]), 0);
  const text = tokens.length === 0 ? "" : copied(live.text.slice(from, to));
  known.set(node, { from: tokens.length === 0 ? 0 : from - base, text, tokens: moved(tokens, -base) });
  return tokens;
}

function moved(tokens: readonly Token[], by: number): Token[] {
  return tokens.map(({ span, type, modifiers }) => ({ span: [span[0] + by, span[1] + by], type, modifiers }));
}

type Add = (span: Span | null, type: TokenType, ...modifiers: TokenModifier[]) => void;

/** A string in the text, and where stretches of what it says stand. */
interface Scalar {
  readonly text: string;
  readonly stretch: (from: number, to: number) => Span | null;
}

/** On one line, in quotes or none, without anything that is not what it says. */
const plain = /^(?:"[^"\\\r\n]*"|'[^'\r\n]*'|[^"'\s|>&*!][^\r\n]*)$/;

/** The string at a path; where there is none, any text may come that stands near. Most strings need no decoding. */
function scalarAt(live: LiveDocument, path: DocumentPath): Scalar | null {
  const [from, to] = live.source.span({ path, part: "value" });
  const raw = live.text.slice(from, to);
  if (plain.test(raw)) {
    const lead = raw.startsWith('"') || raw.startsWith("'") ? 1 : 0;
    const text = lead === 0 ? raw : raw.slice(1, -1);
    return { text, stretch: (start, end) => [from + lead + start, from + lead + end] };
  }
  const element = live.source.element(path);
  if (element === null || element.text === null || element.form !== "string") return null;
  return { text: element.text, stretch: (start, end) => valueSpan(live, element, start, end) };
}

/** A reference's segments; those that are names are in the list of names and win by coming first. */
function addReference(live: LiveDocument, { text, at, role }: NodeReference, add: Add): void {
  const scalar = scalarAt(live, at.path);
  if (scalar === null) return;
  const { stretch } = scalar;
  const from = at.within?.from ?? 0;
  const to = at.within?.to ?? scalar.text.length;
  if (at.within !== undefined) addMarker(scalar.text, from, to, stretch, add);
  const start = scalar.text.indexOf(text, from);
  if (start < 0 || start + text.length > to) return;
  if (role === "secret") return add(stretch(start, start + text.length), "variable", "readonly");
  let next = start;
  for (const [index, segment] of text.split(".").entries()) {
    const span = stretch(next, next + segment.length);
    next += segment.length + 1;
    if (/^\+?[0-9]+$/.test(segment)) add(span, "number");
    else if (index === 0 && role !== "input" && segment === "trigger") add(span, "variable", "defaultLibrary");
    else add(span, index === 0 && role !== "input" ? "function" : "property");
  }
}

/** The braces of a marker and the word `secret`. */
function addMarker(
  text: string,
  from: number,
  to: number,
  stretch: (from: number, to: number) => Span | null,
  add: Add,
): void {
  const marker = text.slice(from, to);
  const lead = /^(?:\{\{|\$\{)/.exec(marker)?.[0].length ?? 0;
  const trail = /\}\}?$/.exec(marker)?.[0].length ?? 0;
  if (lead === 0 || trail === 0) return;
  add(stretch(from, from + lead), "operator");
  add(stretch(to - trail, to), "operator");
  const secret = /^\s*secret(?=:)/.exec(marker.slice(lead))?.[0];
  if (secret !== undefined)
    add(stretch(from + lead + secret.length - "secret".length, from + lead + secret.length), "keyword");
}

function addKind(live: LiveDocument, { graph, node }: PlacedNode, add: Add): void {
  const scalar = scalarAt(live, [...node.at, ...kindKeys[graph.dialect]]);
  // The text, not the node: a node with a slip elsewhere has no kind.
  if (scalar !== null && kindTable(scalar.text) !== undefined) add(scalar.stretch(0, scalar.text.length), "type");
}

function addStageKey(live: LiveDocument, { graph, node }: PlacedNode, add: Add): void {
  const scalar = scalarAt(live, [...node.at, ...stageKeys[graph.dialect]]);
  const read = scalar === null ? null : parseStageKey(scalar.text);
  if (scalar === null || read?.ok !== true) return;
  const { text, stretch } = scalar;
  const { family } = read.key;
  add(stretch(0, family.length), "keyword");
  if (read.key.family === "http_post") add(stretch(family.length + 1, text.length), "string");
  if (read.key.family !== "exec") return;
  let next = family.length + 1;
  for (const [index, part] of [read.key.program, ...read.key.args].entries()) {
    if (index > 0) add(stretch(next - 1, next), "operator");
    add(stretch(next, next + part.length), index === 0 ? "function" : "parameter");
    next += part.length + 1;
  }
}

/** In order; of two that overlap the one that was found first stays; what crosses lines is left out. */
function apart(live: LiveDocument, tokens: readonly Token[]): Token[] {
  const order = tokens.map((token, rank) => ({ token, rank }));
  order.sort((a, b) => a.token.span[0] - b.token.span[0] || a.rank - b.rank);
  const kept: { readonly token: Token; readonly rank: number }[] = [];
  const lineEndAfter = lineEnds(live);
  for (const one of order) {
    const [from, to] = one.token.span;
    if (to > lineEndAfter(from)) continue;
    const last = kept[kept.length - 1];
    if (last === undefined || last.token.span[1] <= from) kept.push(one);
    else if (one.rank < last.rank && to <= last.token.span[1]) kept[kept.length - 1] = one;
  }
  return kept.map(({ token }) => token);
}

/** Gives the end of the line of offsets that only grow. */
function lineEnds({ lines, text }: LiveDocument): (offset: number) => number {
  let line = 0;
  let end = lines.lineEnd(0);
  return (offset) => {
    while (end < offset && end < text.length) end = lines.lineEnd(++line);
    return end;
  };
}
