/**
 * Offsets of a text to zero-based lines and UTF-16 columns, counted as editors count them: `\n`, `\r\n` and a lone
 * `\r` each end a line.
 */
import type { Position, Range } from "../../graph/diagnostic.ts";

/** Line starts of one text, found once. */
export class TextLines {
  private readonly starts: number[] = [0];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    const breaks = /\r\n?|\n/g;
    while (breaks.test(text)) this.starts.push(breaks.lastIndex);
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
