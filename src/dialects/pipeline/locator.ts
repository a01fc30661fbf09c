/**
 * Places of a `spec.kv` -> ranges (spec/editor.md §4). A path is the key's segments, array indexes as numbers:
 * `["single_ring", "stages", 1, "stage"]`.
 */
import type { DocumentPath, Locator, Place, Range } from "../../graph/diagnostic.ts";
import { entryRange, lineRange, readLines, type KvEntry } from "./lines.ts";

/** The node field `key` stands in the file as `stage`. */
const aliases: Readonly<Record<string, string>> = { key: "stage" };

/** A locator for one text; lines that cannot be read are not found. */
export function createLocator(text: string): Locator {
  const { entries } = readLines(text, "");
  return { range: (place) => rangeOf(entries, place) };
}

function rangeOf(entries: readonly KvEntry[], place: Place): Range {
  for (let length = place.path.length; length > 0; length--) {
    const exact = length === place.path.length;
    const found = find(entries, place.path.slice(0, length), exact ? place : { path: [] });
    if (found !== null) return found;
  }
  return lineRange(0, 0, 0);
}

function find(entries: readonly KvEntry[], path: DocumentPath, place: Place): Range | null {
  const tail = path.at(-1);
  const named = path.length === 4 && typeof tail === "string" ? (aliases[tail] ?? tail) : tail;
  const key = named === undefined ? "" : [...path.slice(0, -1), named].join(".");
  const leaf = entries.find((entry) => entry.key === key);
  if (leaf !== undefined) {
    const whole = entryRange(leaf, place.part ?? "construct");
    if (place.within === undefined) return whole;
    const start = entryRange(leaf, "value").start.character;
    const end = start + leaf.value.length;
    const clamp = (offset: number): number => Math.min(end, start + offset);
    return lineRange(leaf.line, clamp(place.within.from), clamp(place.within.to));
  }
  const inside = entries.filter((entry) => entry.key.startsWith(`${key}.`));
  const first = inside[0];
  const last = inside.at(-1);
  if (first === undefined || last === undefined) return null;
  if (place.part === "key") return lineRange(first.line, 0, key.length);
  return { start: { line: first.line, character: 0 }, end: entryRange(last, "construct").end };
}
