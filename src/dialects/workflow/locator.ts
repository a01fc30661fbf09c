/**
 * Places of a workflow document -> ranges of its TOML text (spec/editor.md §4), for every form in which TOML lets a
 * table be written, and for text that does not parse. The same tree serves the editor (`live/tree.ts`).
 */
import type { Locator } from "../../graph/diagnostic.ts";
import { TextLines } from "../live/text-lines.ts";
import { judge } from "./live/judge.ts";
import { TomlTree } from "./live/tree.ts";

/**
 * A locator for one text. Without `part`, a place means the value of a key, and the header of a table. A place that
 * is not there gives the name of the nearest part that is; the document itself is named by its first line.
 */
export function tomlLocator(text: string): Locator {
  const { sections, merged } = judge(text, null);
  return new TomlTree(sections, merged, new TextLines(text));
}
