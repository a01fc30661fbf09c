/**
 * Text edits: what a visual edit or a quick fix does to a document (DESIGN.md idea 1, spec/editor.md §2).
 *
 * Invariants of a finished list: sorted, no two edits overlap, none lies outside the text, none does nothing.
 * Insertions at one offset are one edit, in the order in which they were asked for.
 */
import type { Span } from "../live/source.ts";
import { Refusal } from "./refusal.ts";

/** `text` instead of what stands at `range`, in UTF-16 offsets of the text before any edit of the same list. */
export interface TextEdit {
  readonly range: Span;
  readonly text: string;
}

/** An insertion. */
export function insertAt(offset: number, text: string): TextEdit {
  return { range: [offset, offset], text };
}

/** A deletion. */
export function deleteAt(range: Span): TextEdit {
  return { range, text: "" };
}

/** The text after all edits of a finished list. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of edits) {
    parts.push(text.slice(at, edit.range[0]), edit.text);
    at = edit.range[1];
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** The edits that take `edits`, a finished list for `text`, back: a finished list for the text they make. */
export function invertEdits(text: string, edits: readonly TextEdit[]): TextEdit[] {
  let shift = 0;
  return edits.map(({ range: [from, to], text: made }) => {
    const start = from + shift;
    shift += made.length - (to - from);
    return { range: [start, start + made.length], text: text.slice(from, to) };
  });
}

/** Sorts and joins edits into a finished list. Throws {@link Refusal} where two of them want the same text. */
export function finished(text: string, edits: readonly TextEdit[]): TextEdit[] {
  const sorted = edits
    .filter(({ range: [from, to], text: made }) => made !== text.slice(from, to))
    .sort((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1]);
  const made: TextEdit[] = [];
  for (const edit of sorted) {
    const last = made.at(-1);
    const [from, to] = edit.range;
    if (from < (last?.range[1] ?? 0) || to > text.length) throw overlapping();
    // Two insertions at one offset; anything else that touches stays apart, so that each edit keeps its meaning.
    if (last !== undefined && last.range[0] === to) made[made.length - 1] = insertAt(from, last.text + edit.text);
    else made.push(edit);
  }
  return made;
}

function overlapping(): Refusal {
  return new Refusal("edit_unsafe", "this change touches one piece of the text in two ways; make it in two steps");
}
