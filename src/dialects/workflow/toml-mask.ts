/**
 * TOML 1.1 -> text of the same length that the grammar, which knows TOML 1.0, reads with the same structure: line
 * breaks, comments and a trailing comma in inline tables, `\e`, `\xHH`, a blank after a line-ending backslash, times
 * without seconds, a byte order mark. Only places are read from the result, never values.
 *
 * It is meant for text that smol-toml accepts; elsewhere the result is of no use, and the caller keeps the text.
 */
import { literalEnd } from "./toml-string.ts";

/** The masked text, or null when nothing had to be masked or the text is not well-formed. */
export function masked(text: string): string | null {
  const scanner = new Scanner(text);
  return scanner.run() ? scanner.result() : null;
}

/** A masked stretch: everything in it becomes `by`, except line breaks where `keepLines`. */
interface Mask {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

const plain = /[^"'#[\]{},\n0-9]+/y;
const digits = /[0-9][0-9A-Za-z_.+-]*/y;
const temporal = /(?:\d{4}-\d{2}-\d{2}[Tt ])?\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})?/y;
const comment = /#[^\n]*/y;
const newEscapes = /\\(?:e|x[0-9a-fA-F]{2}|[ \t]+(?=\r?\n)|[^])/g;
const header = /[ \t]*\[/y;

class Scanner {
  private readonly text: string;
  private readonly masks: Mask[] = [];
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  result(): string | null {
    if (this.masks.length === 0) return null;
    let made = "";
    let from = 0;
    for (const mask of this.masks) {
      made += this.text.slice(from, mask.from) + mask.by.repeat(mask.to - mask.from);
      from = mask.to;
    }
    return made + this.text.slice(from);
  }

  /** False when the text is not well-formed. */
  run(): boolean {
    if (this.text.startsWith("\ufeff")) this.mask(this.at++, 1, " ");
    const open: ("[" | "{")[] = [];
    let lineStart = true;
    let comma = -1;
    while (this.at < this.text.length) {
      if (lineStart && open.length === 0) {
        lineStart = false;
        if (this.skip(header)) {
          if (!this.headerRest()) return false;
          continue;
        }
      }
      const from = this.at;
      const char = this.text[from] as string;
      if (char === "\n") {
        if (open[open.length - 1] === "{") this.mask(from, from + 1, " ");
        this.at++;
        lineStart = true;
      } else if (char === "#") {
        this.skip(comment);
        if (open[open.length - 1] === "{") this.mask(from, this.at, " ");
      } else if (char === '"' || char === "'") {
        if (!this.string()) return false;
        comma = -1;
      } else if (char === "[" || char === "{") {
        open.push(char);
        this.at++;
        comma = -1;
      } else if (char === "]" || char === "}") {
        if (open.pop() !== (char === "]" ? "[" : "{")) return false;
        if (char === "}" && comma >= 0) this.mask(comma, comma + 1, " ");
        this.at++;
        comma = -1;
      } else if (char === ",") {
        comma = this.at++;
      } else if (char >= "0" && char <= "9") {
        if (this.skip(temporal)) this.mask(from, this.at, "1");
        else this.skip(digits);
        comma = -1;
      } else {
        this.skip(plain);
        if (this.text.slice(from, this.at).trim() !== "") comma = -1;
        if (open[open.length - 1] === "{" && this.text[this.at - 1] === "\r") this.mask(this.at - 1, this.at, " ");
      }
    }
    this.masks.sort((a, b) => a.from - b.from);
    return open.length === 0;
  }

  /** The rest of a header's line: keys and closing brackets, in which nothing needs a mask. */
  private headerRest(): boolean {
    while (this.at < this.text.length && this.text[this.at] !== "\n") {
      const char = this.text[this.at];
      if (char === "#") this.skip(comment);
      else if (char === '"' || char === "'") {
        if (!this.string()) return false;
      } else this.at++;
    }
    return true;
  }

  /** Moves behind a string literal and masks its escapes. False when it does not end. */
  private string(): boolean {
    const from = this.at;
    const quote = this.text[from] as string;
    const end = literalEnd(this.text, from);
    if (end === null) return false;
    this.at = end;
    if (quote !== '"') return true;
    const source = this.text.slice(from, end);
    if (!source.includes("\\")) return true;
    for (const match of source.matchAll(newEscapes)) {
      const kind = match[0][1];
      if (kind !== "e" && kind !== "x" && kind !== " " && kind !== "\t") continue;
      this.mask(from + match.index, from + match.index + match[0].length, "a");
    }
    return true;
  }

  private skip(what: RegExp): boolean {
    what.lastIndex = this.at;
    if (!what.test(this.text)) return false;
    this.at = what.lastIndex;
    return true;
  }

  private mask(from: number, to: number, by: string): void {
    this.masks.push({ from, to, by });
  }
}
