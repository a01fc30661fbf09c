/**
 * How the author writes TOML: quotes, the space around `=`, indentation, blank lines between tables. New text looks like
 * its siblings.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { blankLinesAbove, commentsAbove, indentOf, lineEnding, lineStart } from "../../edits/lines.ts";
import type { SourceElement } from "../../live/source.ts";
import type { Statement, TomlLayout } from "./toml-layout.ts";
import { quotesOf, type Quotes, type TomlStyle } from "./toml-render.ts";

/** What stands between key and value in a pair: spaces that only align values are not copied. */
export function equalsOf(text: string, element: SourceElement): string {
  if (element.key === null || element.value === null) return " = ";
  const between = text.slice(element.key[1], element.value[0]);
  if (!/^[ \t]*=[ \t]*$/.test(between)) return " = ";
  return between.startsWith("=") ? (between === "=" ? "=" : "= ") : between.endsWith("=") ? " =" : " = ";
}

/** Quotes for new strings beside `siblings`: literal where they are used and `text` has backslashes, or only they are. */
function quotesFor(layout: TomlLayout, siblings: readonly Statement[], text: string): Quotes {
  let basic = 0;
  let literal = 0;
  for (const { element } of siblings) {
    if (element.value === null || element.form !== "string") continue;
    const quotes = quotesOf(layout.text.slice(element.value[0], element.value[0] + 3));
    if (quotes === "literal") literal++;
    else if (quotes === "basic") basic++;
  }
  if (literal === 0) return "basic";
  return basic === 0 || /[\\"]/.test(text) ? "literal" : "basic";
}

/** Quotes for a text: those that are wished, or their long form where the text has several lines. */
export function quotesAcrossLines(quotes: Quotes, text: string): Quotes {
  if (!text.includes("\n")) return quotes;
  return quotes === "basic" ? "long-basic" : quotes === "literal" ? "long-literal" : quotes;
}

/** The style for a new value beside `siblings`. */
export function styleBeside(layout: TomlLayout, siblings: readonly Statement[], text = ""): TomlStyle {
  const last = siblings.findLast((one) => one.kind === "pair");
  return {
    quotes: quotesAcrossLines(quotesFor(layout, siblings, text), text),
    equals: last === undefined ? " = " : equalsOf(layout.text, last.element),
    eol: lineEnding(layout.text),
  };
}

/** Indentation of the keys of a table: that of a pair it has, else of its header. */
export function keyIndent(layout: TomlLayout, header: Statement | null, pairs: readonly Statement[]): string {
  const sample = pairs.at(-1) ?? header;
  return sample === null ? "" : indentOf(layout.text, sample.span[0]);
}

/** Blank lines between the items of a list: as between its last two, else as above its only one, else one. */
export function blankLinesBetween(layout: TomlLayout, list: DocumentPath, count: number): number {
  const header = layout.element([...list, Math.max(0, count - 1)]).header;
  if (header === null) return 1;
  const line = commentsAbove(layout.text, lineStart(layout.text, header[0]));
  if (line === 0) return 1;
  return Math.min(3, blankLinesAbove(layout.text, line));
}
