/**
 * Moving an item of an array of tables: its construct is cut out and stands, unchanged, at another place.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { insertAt, type TextEdit } from "../../edits/edit.ts";
import { lineEnding, removeLines } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { Span } from "../../live/source.ts";
import type { TomlLayout } from "./toml-layout.ts";
import { blankLinesBetween } from "./toml-style.ts";

/** Moves item `from` to the place of item `to`. Refuses where its tables stand apart from each other. */
export function moveBlock(layout: TomlLayout, list: DocumentPath, from: number, to: number, count: number): TextEdit[] {
  const { text } = layout;
  const [own, target] = [from, to].map((index) => layout.constructs([...list, index]));
  const [piece, apart] = own ?? [];
  if (piece === undefined || apart !== undefined)
    throw new Refusal("edit_unsafe", "the item's tables stand apart from each other, with others between");
  const eol = lineEnding(text);
  const moved = text.slice(...piece);
  const block = moved.endsWith("\n") ? moved : moved + eol;
  const blank = eol.repeat(blankLinesBetween(layout, list, count));
  const edits = removeLines(text, [piece]);
  if (to < from) return [...edits, insertAt((target?.[0] as Span)[0], block + blank)];
  const end = (target?.at(-1) as Span)[1];
  return [...edits, insertAt(end, (text[end - 1] === "\n" ? "" : eol) + blank + block)];
}
