/**
 * Finds any of many texts in long texts in one pass (Wu and Manber's method with blocks of two characters): most
 * positions are skipped without a look at any needle. Pure.
 */

/** A needle that was found. */
export interface Match<T> {
  readonly from: number;
  readonly to: number;
  readonly what: T;
}

const TABLE = 1 << 16;

/** Needles of at least two characters, with what they stand for. Of equal needles the first counts. */
export class Matcher<T> {
  /** Length of the part of each needle that the table looks at. */
  private readonly window: number;
  private readonly shifts: Uint8Array;
  private readonly buckets = new Map<string, { readonly text: string; readonly what: T }[]>();

  constructor(needles: Iterable<readonly [text: string, what: T]>) {
    const list = [...needles].filter(([text]) => text.length >= 2);
    // Shifts are bytes; longer windows would not skip noticeably more.
    this.window = Math.min(200, ...list.map(([text]) => text.length));
    this.shifts = new Uint8Array(list.length === 0 ? 0 : TABLE).fill(this.window - 1);
    for (const [text, what] of list) {
      for (let end = 1; end < this.window; end++) {
        const block = blockAt(text, end);
        this.shifts[block] = Math.min(this.shifts[block] ?? 0, this.window - 1 - end);
      }
      const prefix = text.slice(0, this.window);
      const bucket = this.buckets.get(prefix) ?? [];
      if (!bucket.some((known) => known.text === text)) bucket.push({ text, what });
      this.buckets.set(prefix, bucket);
    }
    for (const bucket of this.buckets.values()) bucket.sort((a, b) => b.text.length - a.text.length);
  }

  /** True when there is nothing to be found. */
  get isEmpty(): boolean {
    return this.buckets.size === 0;
  }

  /** Matches from left to right, without overlap, the longest at each place. */
  *find(text: string): Generator<Match<T>> {
    if (this.buckets.size === 0) return;
    const { window, shifts } = this;
    for (let end = window - 1; end < text.length;) {
      const shift = shifts[blockAt(text, end)] ?? 1;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const from = end - window + 1;
      const found = this.buckets.get(text.slice(from, end + 1))?.find((needle) => text.startsWith(needle.text, from));
      if (found === undefined) {
        end++;
        continue;
      }
      const to = from + found.text.length;
      yield { from, to, what: found.what };
      end = to + window - 1;
    }
  }
}

function blockAt(text: string, end: number): number {
  return ((text.charCodeAt(end - 1) * 251) ^ text.charCodeAt(end)) & (TABLE - 1);
}
