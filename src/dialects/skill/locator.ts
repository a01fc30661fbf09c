/**
 * Places in YAML text (spec/editor.md §4): a path of keys and positions -> the range of its key, its value or both,
 * and inside a string the range of a part of its decoded text.
 *
 * Works on text with errors, as far as the YAML library can make something of it.
 */
import { isAlias, isMap, isPair, isScalar, isSeq, type Pair } from "yaml";
import type { DocumentPath, Locator, Place, Range } from "../../graph/diagnostic.ts";
import { scalarOffsets } from "./scalar-offsets.ts";
import { lineStarts, positionAt } from "./text-lines.ts";
import { composeYaml } from "./yaml-text.ts";

type Span = readonly [from: number, to: number];

/** A key with its value, or a list's item. */
interface Found {
  readonly key: Span | null;
  readonly value: Span | null;
  readonly node: unknown;
}

/** A locator for one text. */
export function yamlLocator(text: string): Locator {
  const lines = lineStarts(text);
  const [document] = composeYaml(text) ?? [];
  const whole: Found = { key: null, value: [0, text.length], node: document?.contents ?? null };
  const toRange = ([from, to]: Span): Range => ({
    start: positionAt(lines, Math.min(from, text.length)),
    end: positionAt(lines, Math.min(Math.max(from, to), text.length)),
  });
  return {
    range(place) {
      const { found, exact } = find(whole, place.path);
      return toRange(exact ? spanOf(found, place, text) : trimmed(found.value ?? found.key ?? [0, 0], text));
    },
  };
}

/** The deepest thing on the path, and whether it is its end. */
function find(whole: Found, path: DocumentPath): { found: Found; exact: boolean } {
  let found = whole;
  for (const segment of path) {
    const next = child(found.node, segment);
    if (next === null) return { found: found === whole ? { ...whole, value: [0, 0] } : found, exact: false };
    found = next;
  }
  return { found, exact: true };
}

function child(node: unknown, segment: string | number): Found | null {
  if (isMap(node)) {
    const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(segment));
    return pair === undefined ? null : foundPair(pair);
  }
  if (!isSeq(node)) return null;
  const item = node.items[Number(segment)];
  if (item === undefined) return null;
  if (isPair(item)) return foundPair(item);
  return { key: null, value: rangeOf(item), node: item };
}

function foundPair(pair: Pair): Found {
  const value = rangeOf(pair.value);
  return { key: rangeOf(pair.key), value, node: pair.value };
}

/** A node's own text, without what follows on its line. An empty value has no text. */
function rangeOf(node: unknown): Span | null {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return null;
  const range = node.range;
  return range === null || range === undefined ? null : [range[0], range[1]];
}

function spanOf(found: Found, place: Place, text: string): Span {
  const { key, value } = found;
  const own: Span = value ?? (key === null ? [0, 0] : [key[1], key[1]]);
  if (place.part === "key") return key ?? own;
  if (place.within !== undefined && value !== null && isScalar(found.node)) {
    const offsets = scalarOffsets(found.node, text.slice(value[0], value[1]));
    const { from, to } = place.within;
    const [first, last] = [offsets?.[from], offsets?.[to]];
    if (first !== undefined && last !== undefined) return [value[0] + first, value[0] + last];
  }
  if (place.part === "construct" && key !== null) return [key[0], Math.max(key[1], own[1])];
  return trimmed(own, text);
}

/** Block collections and block scalars end with line breaks that belong to nobody. */
function trimmed([from, to]: Span, text: string): Span {
  let end = to;
  while (end > from && /\s/.test(text[end - 1] as string)) end--;
  return [from, end];
}
