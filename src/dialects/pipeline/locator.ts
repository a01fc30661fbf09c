/**
 * Places of a `spec.kv` -> ranges (spec/editor.md §4). A path is the key's segments, array indexes as numbers:
 * `["single_ring", "stages", 1, "stage"]`. The same tree serves the editor (`live-tree.ts`).
 */
import type { Locator } from "../../graph/diagnostic.ts";
import { TextLines } from "../live/text-lines.ts";
import { readTree } from "./live-tree.ts";

/** A locator for one text. */
export function createLocator(text: string): Locator {
  return readTree(text, new TextLines(text));
}
