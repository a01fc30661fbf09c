/**
 * Places in YAML text (spec/editor.md §4): a path of keys and positions -> the range of its key, its value or both,
 * and inside a string the range of a part of its decoded text. The same tree serves the editor (`live-tree.ts`).
 *
 * Works on text with errors, as far as the YAML library can make something of it.
 */
import type { Locator } from "../../graph/diagnostic.ts";
import { placeSpan, wholePart } from "./live-tree.ts";
import { lineStarts } from "../live/text-lines.ts";
import { positionAt } from "./text-lines.ts";

/** A locator for one text. */
export function yamlLocator(text: string): Locator {
  const lines = lineStarts(text);
  const root = wholePart(text);
  return {
    range(place) {
      const [from, to] = placeSpan(text, root, place);
      return { start: positionAt(lines, from), end: positionAt(lines, to) };
    },
  };
}
