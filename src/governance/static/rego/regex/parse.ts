/**
 * Regular expressions in the RE2 syntax of the published reference, as a tree. Look-around and back references do not
 * exist there and are refused.
 */

import { digits, escapes, inClass, posix, spaces, unicodeClass, words, type CharClass } from "./classes.ts";

/** A regular expression. */
export type RegexNode =
  | { readonly type: "empty" }
  | { readonly type: "class"; readonly set: CharClass; readonly fold: boolean }
  | { readonly type: "assert"; readonly what: "begin" | "end" | "line-begin" | "line-end" | "word" | "not-word" }
  | { readonly type: "sequence" | "choice"; readonly parts: readonly RegexNode[] }
  | {
      readonly type: "repeat";
      readonly node: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | { readonly type: "group"; readonly index: number; readonly name: string | null; readonly node: RegexNode };

/** Why a text is no regular expression. */
export class RegexProblem extends Error {}

/** Most repetitions of a counted repeat, as in RE2. */
const MAX_REPEAT = 1_000;
const MAX_DEPTH = 100;
/** Longest pattern, in characters. */
export const MAX_PATTERN = 4_096;

interface Flags {
  readonly fold: boolean;
  readonly multi: boolean;
  readonly dotAll: boolean;
  readonly swap: boolean;
}

/** Reads a pattern. Throws {@link RegexProblem}. */
export function parseRegex(pattern: string): { readonly node: RegexNode; readonly groups: number } {
  if (pattern.length > MAX_PATTERN) throw new RegexProblem(`a pattern may have ${MAX_PATTERN} characters`);
  return new RegexParser([...pattern]).all();
}

class RegexParser {
  private readonly text: readonly string[];
  private at = 0;
  private groups = 0;
  private depth = 0;
  private flags: Flags = { fold: false, multi: false, dotAll: false, swap: false };

  constructor(text: readonly string[]) {
    this.text = text;
  }

  all(): { readonly node: RegexNode; readonly groups: number } {
    const node = this.choice();
    if (this.at < this.text.length) throw new RegexProblem("unexpected `)`");
    return { node, groups: this.groups };
  }

  private peek(): string {
    return this.text[this.at] ?? "";
  }

  private take(word: string): boolean {
    if (!this.ahead(word)) return false;
    this.at += word.length;
    return true;
  }

  private ahead(word: string): boolean {
    return [...word].every((char, i) => this.text[this.at + i] === char);
  }

  private choice(): RegexNode {
    if (++this.depth > MAX_DEPTH) throw new RegexProblem("the pattern is nested too deep");
    const before = this.flags;
    const parts = [this.sequence()];
    while (this.take("|")) parts.push(this.sequence());
    this.flags = before;
    this.depth--;
    return parts.length === 1 ? (parts[0] as RegexNode) : { type: "choice", parts };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.at < this.text.length && !this.ahead("|") && !this.ahead(")")) parts.push(this.repeated());
    return parts.length === 1 ? (parts[0] as RegexNode) : { type: "sequence", parts };
  }

  private repeated(): RegexNode {
    const node = this.atom();
    const counts = this.counts();
    if (counts === null) return node;
    const [min, max] = counts;
    const lazy = this.take("?") !== this.flags.swap;
    if (this.counts() !== null) throw new RegexProblem("a repetition of a repetition");
    return { type: "repeat", node, min, max, lazy };
  }

  private counts(): readonly [number, number] | null {
    if (this.take("*")) return [0, Infinity];
    if (this.take("+")) return [1, Infinity];
    if (this.take("?")) return [0, 1];
    if (!this.ahead("{")) return null;
    const shown = /^\{([0-9]{1,5})(,([0-9]{0,5}))?\}/.exec(this.text.slice(this.at, this.at + 14).join(""));
    // A brace that counts nothing is itself.
    if (shown === null) return null;
    this.at += shown[0].length;
    const min = Number(shown[1]);
    const max = shown[2] === undefined ? min : shown[3] === "" ? Infinity : Number(shown[3]);
    if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT) || min > max) {
      throw new RegexProblem(`\`${shown[0]}\`: at most ${MAX_REPEAT} repetitions, the smaller number first`);
    }
    return [min, max];
  }

  private atom(): RegexNode {
    const char = this.peek();
    this.at++;
    switch (char) {
      case "(":
        return this.group();
      case "[":
        return this.class();
      case ".":
        return this.set({ negated: true, ranges: this.flags.dotAll ? [] : [[10, 10]], tests: [] });
      case "^":
        return { type: "assert", what: this.flags.multi ? "line-begin" : "begin" };
      case "$":
        return { type: "assert", what: this.flags.multi ? "line-end" : "end" };
      case "*":
      case "+":
      case "?":
        throw new RegexProblem(`nothing stands before \`${char}\` that could be repeated`);
      case "\\":
        return this.escape();
      default:
        return this.literal(char.codePointAt(0) as number);
    }
  }

  private set(set: CharClass): RegexNode {
    return { type: "class", set, fold: this.flags.fold };
  }

  private literal(point: number): RegexNode {
    return this.set({ negated: false, ranges: [[point, point]], tests: [] });
  }

  private group(): RegexNode {
    let name: string | null = null;
    if (this.take("?")) {
      const named = /^(?:P<|<)([A-Za-z_][A-Za-z0-9_]*)>/.exec(this.text.slice(this.at, this.at + 100).join(""));
      if (named !== null) {
        name = named[1] as string;
        this.at += named[0].length;
      } else {
        const flags = this.readFlags();
        if (this.take(")")) {
          // To the end of the group around.
          this.flags = flags;
          return { type: "empty" };
        }
        if (!this.take(":"))
          throw new RegexProblem("`(?` begins flags, `(?:` or `(?P<name>`; look-around is not supported");
        const before = this.flags;
        this.flags = flags;
        const node = this.choice();
        this.flags = before;
        this.close();
        return node;
      }
    }
    const index = ++this.groups;
    const node = this.choice();
    this.close();
    return { type: "group", index, name, node };
  }

  private close(): void {
    if (!this.take(")")) throw new RegexProblem("a `(` is not closed");
  }

  private readFlags(): Flags {
    const made = { ...this.flags };
    let value = true;
    const names = { i: "fold", m: "multi", s: "dotAll", U: "swap" } as const;
    for (;;) {
      const char = this.peek();
      if (char === "-" && value) value = false;
      else if (char === "i" || char === "m" || char === "s" || char === "U") made[names[char]] = value;
      else return made;
      this.at++;
    }
  }

  private escape(): RegexNode {
    const char = this.peek();
    if (char === "b" || char === "B") {
      this.at++;
      return { type: "assert", what: char === "b" ? "word" : "not-word" };
    }
    if (char === "A" || char === "z") {
      this.at++;
      return { type: "assert", what: char === "A" ? "begin" : "end" };
    }
    if (char === "Q") {
      this.at++;
      const parts: RegexNode[] = [];
      while (this.at < this.text.length && !this.take("\\E")) parts.push(this.literal(this.point()));
      return { type: "sequence", parts };
    }
    const set = this.perl();
    return set === null ? this.literal(this.escaped()) : this.set(set);
  }

  private point(): number {
    const point = this.peek().codePointAt(0);
    if (point === undefined) throw new RegexProblem("the pattern ends too early");
    this.at++;
    return point;
  }

  /** `\d`, `\pL` and their like; null for another escape. */
  private perl(): CharClass | null {
    const char = this.peek();
    const lower = char.toLowerCase();
    const ranges = lower === "d" ? digits : lower === "s" ? spaces : lower === "w" ? words : null;
    if (ranges !== null) {
      this.at++;
      return { negated: char !== lower, ranges, tests: [] };
    }
    if (lower !== "p") return null;
    this.at++;
    const shown = /^(?:([A-Z])|\{(\^?)([A-Za-z_]{1,40})\})/.exec(this.text.slice(this.at, this.at + 50).join(""));
    if (shown === null) throw new RegexProblem("`\\p` is followed by a class such as `L` or `{Greek}`");
    this.at += shown[0].length;
    const name = shown[1] ?? shown[3] ?? "";
    const pattern = unicodeClass(name);
    if (pattern === null) throw new RegexProblem(`\`${name}\` is no class of characters`);
    const negated = (char === "P") !== (shown[2] === "^");
    return { negated, ranges: [], tests: [(point) => pattern.test(String.fromCodePoint(point))] };
  }

  /** The character behind a backslash. */
  private escaped(): number {
    const char = this.peek();
    const known = escapes[char];
    const rest = this.text.slice(this.at, this.at + 10).join("");
    const hex = /^x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(rest);
    if (hex !== null) {
      this.at += hex[0].length;
      const point = parseInt((hex[1] ?? hex[2]) as string, 16);
      if (point > 0x10ffff) throw new RegexProblem("`\\x{…}` is no character");
      return point;
    }
    const octal = /^0[0-7]{0,2}/.exec(rest);
    if (octal !== null) {
      this.at += octal[0].length;
      return parseInt(octal[0], 8);
    }
    if (known !== undefined) {
      this.at++;
      return known;
    }
    if (char === "" || /[A-Za-z0-9]/.test(char)) throw new RegexProblem(`\`\\${char}\` means nothing`);
    return this.point();
  }

  private class(): RegexNode {
    const negated = this.take("^");
    const ranges: (readonly [number, number])[] = [];
    const tests: ((point: number) => boolean)[] = [];
    for (let first = true; first || !this.take("]"); first = false) {
      if (this.at >= this.text.length) throw new RegexProblem("a `[` is not closed");
      const named = /^\[:(\^?)([a-z]+):\]/.exec(this.text.slice(this.at, this.at + 12).join(""));
      const set = named !== null ? this.posix(named) : this.take("\\") ? this.perl() : undefined;
      if (set !== null && set !== undefined) {
        if (set.negated) tests.push((point) => !inClass({ ...set, negated: false }, point));
        else {
          ranges.push(...set.ranges);
          tests.push(...set.tests);
        }
        continue;
      }
      const from = set === null ? this.escaped() : this.point();
      let to = from;
      if (this.ahead("-") && this.text[this.at + 1] !== "]" && this.at + 1 < this.text.length) {
        this.at++;
        to = this.take("\\") ? this.escaped() : this.point();
        if (to < from) throw new RegexProblem("a range in `[…]` ends before it begins");
      }
      ranges.push([from, to]);
    }
    return this.set({ negated, ranges, tests });
  }

  private posix(named: RegExpExecArray): CharClass {
    const ranges = posix[named[2] as string];
    if (ranges === undefined) throw new RegexProblem(`\`${named[0]}\` is no class of characters`);
    this.at += named[0].length;
    return { negated: named[1] === "^", ranges, tests: [] };
  }
}
