/**
 * Room for something new: whether a key or an item may be put in at an offset, and what parts it from its neighbours,
 * so that these stay what they are.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { syntaxOf } from "./slot.ts";

/** What an insertion brings along. */
export type Around = readonly [before: string, behind: string];

/** It stands alone. */
export const alone: Around = ["", ""];

/** The text with what parts it from its neighbours. */
export function parted([before, behind]: Around, text: string): string {
  return before + text + behind;
}

/** The commas that a new part of a table or list in brackets needs; null in the middle of another part. */
export function commasAt({ text, source }: LiveDocument, container: SourceElement, offset: number): Around | null {
  const { path, children } = container;
  // Parts that begin before the offset.
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const child = source.element([...path, children[middle] as string | number]);
    if (child !== null && child.extent[0] < offset) low = middle + 1;
    else high = middle;
  }
  const part = (index: number): SourceElement | null => {
    const key = children[index];
    return key === undefined ? null : source.element([...path, key]);
  };
  const [last, next] = [part(low - 1), part(low)];
  if (last !== null && (last.form === "missing" || last.extent[1] > offset)) return null;
  const hasComma = (from: number, to: number): boolean => text.slice(from, to).replace(/#.*/g, "").includes(",");
  return [
    last === null || hasComma(last.extent[1], offset) ? "" : ", ",
    next === null || hasComma(offset, next.extent[0]) ? "" : ", ",
  ];
}

/** Room on a line of its own, or behind a dash; null where more stands on the line, or in another column. */
export function roomAt(live: LiveDocument, path: DocumentPath, offset: number): Around | null {
  if (!endsLine(live.text, offset) || !isLevel(live, path, offset)) return null;
  return [live.text[offset - 1] === "-" ? " " : "", ""];
}

/** True when nothing but a comment, blanks before it, follows on the line. */
export function endsLine(text: string, offset: number): boolean {
  const end = text.indexOf("\n", offset);
  return /^(?:[ \t]+#.*|[ \t]*)\r?$/.test(text.slice(offset, end < 0 ? text.length : end));
}

/** True when the offset is in one column with what a table or list has already; YAML minds. */
export function isLevel(live: LiveDocument, path: DocumentPath, offset: number): boolean {
  if (syntaxOf(live) !== "yaml") return true;
  const [first] = live.source.element(path)?.children ?? [];
  const child = first === undefined ? null : live.source.element([...path, first]);
  const begins = child?.key ?? child?.header ?? null;
  return begins === null || columnOf(live.text, begins[0]) === columnOf(live.text, offset);
}

function columnOf(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return offset - start - (start === 0 && text.startsWith("\ufeff") ? 1 : 0);
}
