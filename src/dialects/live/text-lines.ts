/**
 * Offsets of a text to zero-based lines and UTF-16 columns, counted as editors count them: `\n`, `\r\n` and a lone
 * `\r` each end a line.
 */
import type { Position, Range } from "../../graph/diagnostic.ts";

/** Line starts of one text, found once. */
export class TextLines {
  private readonly text: string;
  private found: readonly number[] | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** Looked for when somebody asks: a text without findings may never need them. */
  private get starts(): readonly number[] {
    return (this.found ??= lineStarts(this.text));
  }

  /** The position of an offset. One outside the text means its nearest end, one inside a line break the line's end. */
  position(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: Math.min(at, this.lineEnd(low)) - (this.starts[low] as number) };
  }

  /** The offset of a position. One outside the text means its nearest end, one behind a line's end that end. */
  offset({ line, character }: Position): number {
    if (line < 0) return 0;
    const start = this.starts[line];
    return start === undefined ? this.text.length : Math.min(start + Math.max(0, character), this.lineEnd(line));
  }

  /** The range between two offsets. */
  range(from: number, to: number): Range {
    return { start: this.position(from), end: this.position(Math.max(from, to)) };
  }

  /** Where the text of a line ends, without its line break. */
  lineEnd(line: number): number {
    const next = this.starts[line + 1];
    if (next === undefined) return this.text.length;
    return next >= 2 && this.text.startsWith("\r\n", next - 2) ? next - 2 : next - 1;
  }
}

/** Offsets at which the lines of a text begin. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  if (!text.includes("\r")) {
    // Most texts; several times as fast.
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    return starts;
  }
  const breaks = /\r\n?|\n/g;
  while (breaks.test(text)) starts.push(breaks.lastIndex);
  return starts;
}

/** The same characters in memory of their own: a slice holds on to all of the text that it was cut from. */
export function copied(slice: string): string {
  return JSON.parse(JSON.stringify(slice)) as string;
}
