/**
 * Inline tables and arrays of TOML, taken apart at their commas.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { bracketed, type Bracketed } from "../../edits/bracketed.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { SourceElement, SourceTree } from "../../live/source.ts";

/** An inline value and what stands in it: an array's items, or a table's pairs, dotted ones too. */
export interface Inline {
  readonly element: SourceElement;
  readonly list: Bracketed;
  /** The paths of the items or pairs, as they stand. */
  readonly paths: readonly DocumentPath[];
}

/** Takes the inline value of `element` apart. */
export function inlineOf(text: string, source: SourceTree, element: SourceElement): Inline {
  if (element.value === null) throw new Refusal("edit_unsafe", "the table is not written in one piece");
  const leaves: { path: DocumentPath; end: number }[] = [];
  const visit = (path: DocumentPath): void => {
    const found = source.element(path);
    if (found === null) return;
    if (found.value !== null) leaves.push({ path, end: found.value[1] });
    // A table that dotted keys make within an inline table.
    else for (const child of found.children) visit([...path, child]);
  };
  for (const child of element.children) visit([...element.path, child]);
  leaves.sort((a, b) => a.end - b.end);
  const list = bracketed(
    text,
    element.value,
    leaves.map(({ end }) => end),
  );
  return { element, list, paths: leaves.map(({ path }) => path) };
}

/** Space inside the brackets of a value: that of this one, or one blank in tables and none in arrays. */
export function padOf(text: string, element: SourceElement): string {
  if (element.value === null) return " ";
  const [from, to] = element.value;
  if (text[from] === "[") return text[from + 1] === " " && to - from > 3 ? " " : "";
  return text[from + 1] === " " || to - from <= 2 ? " " : "";
}
