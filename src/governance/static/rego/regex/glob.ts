/**
 * Patterns of `glob.match`: `*` stops at delimiters, `**` does not, `?` is one character but no delimiter, with
 * `[a-z]`, `[!abc]`, `{one,other}` and `\` before a character that stands for itself.
 */
import type { CharClass } from "./classes.ts";
import { RegexProblem, type RegexNode } from "./parse.ts";

/** Reads a pattern; each delimiter is one character. Throws {@link RegexProblem}. */
export function parseGlob(pattern: string, delimiters: readonly string[]): RegexNode {
  const stops = delimiters.map((one) => one.codePointAt(0) as number);
  const parser = new GlobParser([...pattern], stops);
  const parts = parser.sequence(0);
  const ends = (what: "begin" | "end"): RegexNode => ({ type: "assert", what });
  return { type: "sequence", parts: [ends("begin"), parts, ends("end")] };
}

class GlobParser {
  private readonly text: readonly string[];
  private readonly stops: readonly number[];
  private at = 0;

  constructor(text: readonly string[], stops: readonly number[]) {
    this.text = text;
    this.stops = stops;
  }

  sequence(depth: number): RegexNode {
    if (depth > 20) throw new RegexProblem("the pattern is nested too deep");
    const parts: RegexNode[] = [];
    while (this.at < this.text.length) {
      const char = this.text[this.at] as string;
      if (depth > 0 && (char === "," || char === "}")) break;
      this.at++;
      if (char === "*") {
        const any = this.text[this.at] === "*";
        while (this.text[this.at] === "*") this.at++;
        parts.push({ type: "repeat", node: this.other(any ? [] : this.stops), min: 0, max: Infinity, lazy: false });
      } else if (char === "?") parts.push(this.other(this.stops));
      else if (char === "[") parts.push(this.class());
      else if (char === "{") parts.push(this.choice(depth));
      else if (char === "\\") parts.push(one(this.next()));
      else parts.push(one(char));
    }
    return { type: "sequence", parts };
  }

  private next(): string {
    const char = this.text[this.at];
    if (char === undefined) throw new RegexProblem("the pattern ends too early");
    this.at++;
    return char;
  }

  private choice(depth: number): RegexNode {
    const parts = [this.sequence(depth + 1)];
    for (;;) {
      const char = this.next();
      if (char === "}") return { type: "choice", parts };
      parts.push(this.sequence(depth + 1));
    }
  }

  /** Any character but these. */
  private other(points: readonly number[]): RegexNode {
    return set({ negated: true, ranges: points.map((point) => [point, point] as const), tests: [] });
  }

  private class(): RegexNode {
    const negated = this.text[this.at] === "!";
    if (negated) this.at++;
    const ranges: (readonly [number, number])[] = [];
    for (let char = this.next(); char !== "]" || ranges.length === 0; char = this.next()) {
      const from = (char === "\\" ? this.next() : char).codePointAt(0) as number;
      let to = from;
      if (this.text[this.at] === "-" && this.text[this.at + 1] !== "]") {
        this.at++;
        to = this.next().codePointAt(0) as number;
        if (to < from) throw new RegexProblem("a range in `[…]` ends before it begins");
      }
      ranges.push([from, to]);
    }
    return set({ negated, ranges, tests: [] });
  }
}

function one(char: string): RegexNode {
  const point = char.codePointAt(0) as number;
  return set({ negated: false, ranges: [[point, point]], tests: [] });
}

function set(chars: CharClass): RegexNode {
  return { type: "class", set: chars, fold: false };
}
