/**
 * `textDocument/selectionRange`: from the word under the cursor outwards — segment, marker, text of the string, value,
 * pair, construct, group, document.
 */
import type { SelectionRange, SelectionRangeParams } from "vscode-languageserver";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import { templateParts } from "../../src/graph/template.ts";
import { documentFeature } from "../feature.ts";
import { innerSpan } from "../symbols/text-spans.ts";

export const selectionRanges = documentFeature<SelectionRangeParams, SelectionRange[]>({
  method: "textDocument/selectionRange",
  capabilities: { selectionRangeProvider: true },
  answer: ({ document, params }) =>
    params.positions.map((position) => {
      const { live } = document;
      const spans = spansAround(live, live.lines.offset(position));
      const outermost: SelectionRange = { range: live.lines.range(0, live.text.length) };
      return spans.reduceRight<SelectionRange>(
        (parent, span) => ({ range: live.lines.range(span[0], span[1]), parent }),
        outermost,
      );
    }),
});

/** Stretches around an offset, each within the next; the whole document is not among them. */
export function spansAround(live: LiveDocument, offset: number): Span[] {
  const { path, part } = live.source.at(offset);
  const candidates: Span[] = [word(live.text, offset)];
  if (part === "comment") candidates.push(line(live, offset));
  for (let length = path.length; length > 0; length--) {
    const element = live.source.element(path.slice(0, length));
    if (element === null) continue;
    const { key, header, value, form, extent } = element;
    if (key !== null) candidates.push(inside(live.text, key), key);
    if (header !== null) candidates.push(header);
    if (value !== null) {
      const text = form === "string" ? inside(live.text, value) : value;
      candidates.push(marker(live.text, text, offset), text, value);
    }
    candidates.push(extent);
  }
  const spans: Span[] = [];
  let [from, to] = [offset, offset];
  for (const span of candidates) {
    if (span[0] > from || span[1] < to || (span[0] === from && span[1] === to)) continue;
    if (span[0] === 0 && span[1] === live.text.length) continue;
    spans.push(span);
    [from, to] = span;
  }
  return spans;
}

const wordCharacter = /[\p{L}\p{N}_-]/u;

/** The name or segment at an offset; empty where there is none. */
function word(text: string, offset: number): Span {
  let [from, to] = [offset, offset];
  while (from > 0 && wordCharacter.test(text[from - 1] as string)) from--;
  while (to < text.length && wordCharacter.test(text[to] as string)) to++;
  return [from, to];
}

/** A key or string without its quotes. */
function inside(text: string, [from, to]: Span): Span {
  const inner = innerSpan(text.slice(from, to));
  return [from + inner[0], from + inner[1]];
}

/** The template marker at an offset; empty where there is none. */
function marker(text: string, [start, end]: Span, offset: number): Span {
  for (const part of templateParts(text.slice(start, end)))
    if (part.type === "marker" && start + part.from <= offset && offset <= start + part.to)
      return [start + part.from, start + part.to];
  return [offset, offset];
}

function line(live: LiveDocument, offset: number): Span {
  const { line: number, character } = live.lines.position(offset);
  const from = offset - character;
  const end = live.lines.lineEnd(number);
  const blank = /^\s*/.exec(live.text.slice(from, end))?.[0].length ?? 0;
  return [from + blank, end];
}
