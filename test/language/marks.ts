/**
 * The small language of these tests: a document with marks in its text. `‹|›` is the cursor; `‹name:text›` marks a
 * stretch by name, `‹text›`… without a name it is called `""`. The marks are taken out before the text is used.
 */
import type { Position, Range } from "../../src/graph/diagnostic.ts";

/** A text and what was marked in it. */
export interface Marked {
  readonly text: string;
  /** Where `‹|›` stood; the first one. */
  readonly cursor: Position;
  /** All cursors in order. */
  readonly cursors: readonly Position[];
  /** Marked stretches by name, in order of the text. */
  readonly ranges: ReadonlyMap<string, readonly Range[]>;
}

/** Takes the marks out. Throws on a mark that does not end. */
export function marked(source: string): Marked {
  let text = "";
  const cursors: Position[] = [];
  const ranges = new Map<string, Range[]>();
  const open: { readonly name: string; readonly start: Position }[] = [];
  for (let at = 0; at < source.length; at++) {
    if (source.startsWith("‹|›", at)) {
      cursors.push(end(text));
      at += 2;
    } else if (source[at] === "‹") {
      const name = /^‹([a-z0-9_-]+):/.exec(source.slice(at, at + 40))?.[1] ?? null;
      open.push({ name: name ?? "", start: end(text) });
      if (name !== null) at += name.length + 1;
    } else if (source[at] === "›") {
      const mark = open.pop();
      if (mark === undefined) throw new TypeError("a mark ends that did not begin");
      ranges.set(mark.name, [...(ranges.get(mark.name) ?? []), { start: mark.start, end: end(text) }]);
    } else text += source[at];
  }
  if (open.length > 0) throw new TypeError("a mark does not end");
  return { text, cursor: cursors[0] ?? { line: 0, character: 0 }, cursors, ranges };
}

/** The text with ranges marked again, for expectations that read like documents. */
export function withMarks(text: string, ranges: readonly { readonly range: Range; readonly name?: string }[]): string {
  const lines = text.split("\n");
  const offset = ({ line, character }: Position): number =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  const marks = ranges.flatMap(({ range, name }) => [
    { at: offset(range.start), text: name === undefined ? "‹" : `‹${name}:`, order: 1 },
    // An empty stretch begins before it ends; otherwise one ends before the next begins.
    { at: offset(range.end), text: "›", order: offset(range.end) === offset(range.start) ? 2 : 0 },
  ]);
  marks.sort((a, b) => b.at - a.at || b.order - a.order);
  return marks.reduce((made, mark) => made.slice(0, mark.at) + mark.text + made.slice(mark.at), text);
}

function end(text: string): Position {
  const line = text.split("\n").length - 1;
  return { line, character: text.length - (text.lastIndexOf("\n") + 1) };
}
