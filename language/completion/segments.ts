/** Dotted text under a cursor: the segment that is typed, and what stands before it. */

/** See the header. Offsets count in the text. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly before: readonly string[];
}

/** The segment of `text` at `offset`; `from` and `to` bound the dotted part. */
export function segmentAt(text: string, offset: number, from = 0, to = text.length): Segment {
  const start = Math.max(from, text.lastIndexOf(".", offset - 1) + 1);
  const dot = text.indexOf(".", offset);
  const end = dot < 0 || dot > to ? to : dot;
  return { from: start, to: end, before: start === from ? [] : text.slice(from, start - 1).split(".") };
}
