/**
 * Places of a workflow document -> ranges of its TOML text (spec/editor.md §4), for every form in which TOML lets a
 * table be written, and for text that does not parse.
 */
import type { Locator, Place } from "../../graph/diagnostic.ts";
import { TextLines } from "./text-lines.ts";
import type { TomlParser } from "./toml-grammar.ts";
import { extent, type Entry } from "./toml-index.ts";
import { indexToml } from "./toml-recover.ts";
import { sourceSpan, type Span } from "./toml-string.ts";

/**
 * A locator for one text. Without `part`, a place means the value of a key, and the header of a table. A place that
 * is not there gives the name of the nearest part that is; the document itself is named by its first line.
 */
export function tomlLocator(text: string, parser: TomlParser): Locator {
  const root = indexToml(text, parser);
  const lines = new TextLines(text);
  return { range: (place) => lines.range(...spanOf(root, place, text, lines)) };
}

function spanOf(root: Entry, place: Place, text: string, lines: TextLines): Span {
  let at = root;
  for (const key of place.path) {
    const next: Entry | undefined = typeof key === "number" ? at.items?.[key] : at.members?.get(key);
    if (next === undefined) return nameOf(at, root, lines);
    at = next;
  }
  switch (place.part) {
    case "key":
      return nameOf(at, root, lines);
    case "construct":
      return extent(at);
    default:
      return valueOf(at, root, place, text, lines);
  }
}

function nameOf(entry: Entry, root: Entry, lines: TextLines): Span {
  return entry === root ? [0, lines.lineEnd(0)] : entry.name;
}

function valueOf(entry: Entry, root: Entry, place: Place, text: string, lines: TextLines): Span {
  if (entry.value === null)
    return place.part === "value" && hasChildren(entry) ? extent(entry) : nameOf(entry, root, lines);
  if (place.within === undefined) return entry.value;
  const [from, to] = entry.value;
  const inner = sourceSpan(text.slice(from, to), place.within.from, place.within.to);
  return inner === null ? entry.value : [from + inner[0], from + inner[1]];
}

function hasChildren(entry: Entry): boolean {
  return entry.members !== null || entry.items !== null;
}
