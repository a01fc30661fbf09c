/**
 * A pasted node as it was written where it was copied: with its comments, its order and its quoting, in the form and
 * the indentation of the document that it comes to (spec/editor.md §2). Pure.
 *
 * Invariant: the text stands for the same node as the plain one that it takes the place of, else the plain one stays.
 */
import { lineEnd, lineEnding, lineStart } from "../../dialects/edits/lines.ts";
import type { TextEdit } from "../../dialects/edits/edit.ts";
import type { LiveDocument } from "../../dialects/live/live.ts";
import type { SourceElement } from "../../dialects/live/source.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import { writtenFields } from "./forms.ts";

/** The edit that puts a text in the place of a node that was just added; null where nodes are written inline. */
export function pastedText(live: LiveDocument, at: DocumentPath, text: string): TextEdit | null {
  const element = live.source.element(at);
  if (element?.header === null || element === null) return null;
  const range = [lineStart(live.text, element.extent[0]), lineEnd(live.text, element.extent[1])] as const;
  return { range, text: fitted(live, element, text) };
}

/** True when a node says the same in two texts, in whatever order, and nothing else has come or gone. */
export function saysTheSame(
  [before, at]: readonly [LiveDocument, DocumentPath],
  [after, to]: readonly [LiveDocument, DocumentPath],
): boolean {
  const ids = ({ graphs }: LiveDocument): string => JSON.stringify(graphs[0]?.graph.nodes.map((node) => node.id));
  return ids(before) === ids(after) && fieldsOf(before, at) === fieldsOf(after, to);
}

/** What could not be told as a value, a date for instance, is only in the text that was copied. */
function fieldsOf(live: LiveDocument, at: DocumentPath): string {
  const fields = writtenFields(live, at).filter((one) => one.value !== "null");
  return JSON.stringify(fields.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, value }) => [key, value]));
}

function fitted({ text }: LiveDocument, element: SourceElement, pasted: string): string {
  const [from, to] = element.header ?? element.extent;
  const header = text.slice(from, to);
  const indent = text.slice(lineStart(text, from), from);
  const prefix = header.startsWith("[") && /^\[+\s*workflows\b/.test(header) ? "workflows." : "";
  const headed = header.startsWith("[")
    ? pasted.replace(/^(\[\[?\s*)(?:workflows\s*\.\s*)?(?=nodes\b)/gm, (_found, brackets: string) => brackets + prefix)
    : pasted;
  const lines = headed.trimEnd().split(/\r?\n/);
  return lines.map((line) => (line === "" ? "" : indent + line)).join(lineEnding(text));
}
