/**
 * JSON text -> Value, with the acceptance rules and error wording of spec/workflow.md §1.6 and §1.7.
 *
 * Duplicate keys: the last wins. Nesting of 127 is accepted, 128 refused. Lone surrogate escapes, a BOM, NaN,
 * trailing text and numbers that overflow a double are errors. Lines and columns count bytes of UTF-8, as the
 * wording's origin does; column 0 means the end of an empty line.
 */
import { object, type MutableObject, type Value } from "./value.ts";

/** Why a text is no JSON: what, and where (line from 1, column in UTF-8 bytes). */
export interface JsonProblem {
  readonly what: string;
  readonly line: number;
  readonly column: number;
}

/** The value of a JSON text, or the problem that ended the parse. */
export type JsonResult =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: JsonProblem };

/** The deepest nesting that is accepted. */
export const MAX_JSON_DEPTH = 127;

const I64_MIN = -(2n ** 63n);
const U64_MAX = 2n ** 64n - 1n;

/** `what at line L column C`, as error messages show it. */
export function jsonProblemText(problem: JsonProblem): string {
  return `${problem.what} at line ${problem.line} column ${problem.column}`;
}

/** The bigint of an integer lexeme when it fits i64 or u64, else the nearest float (spec/workflow.md §1.3). */
export function integerValue(lexeme: string): bigint | number {
  if (lexeme.length < 16) return BigInt(lexeme);
  const exact = BigInt(lexeme);
  return exact >= I64_MIN && exact <= U64_MAX ? exact : Number(lexeme);
}

/** Parses a whole text. */
export function parseJson(text: string): JsonResult {
  const parser = new Parser(text);
  try {
    return { ok: true, value: parser.document() };
  } catch (stop) {
    if (stop instanceof Stop) return { ok: false, problem: parser.problem(stop) };
    throw stop;
  }
}

/** Unwinds the parser; never leaves this module. */
class Stop {
  readonly what: string;
  readonly at: number;
  constructor(what: string, at: number) {
    this.what = what;
    this.at = at;
  }
}

const plainString = /[^"\\\u0000-\u001f]*/y;
const numberLexeme = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

class Parser {
  private at = 0;
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): Value {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw new Stop("trailing characters", this.at + 1);
    return value;
  }

  /** Line and column of a stop; columns count the UTF-8 bytes up to and including the offending character. */
  problem(stop: Stop): JsonProblem {
    const end = Math.min(stop.at, this.text.length);
    let line = 1;
    let start = 0;
    for (let i = this.text.indexOf("\n"); i >= 0 && i < end; i = this.text.indexOf("\n", i + 1)) {
      line++;
      start = i + 1;
    }
    return { what: stop.what, line, column: utf8Length(this.text, start, end) };
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private value(): Value {
    this.space();
    const code = this.text.charCodeAt(this.at);
    switch (code) {
      case 0x22:
        return this.string();
      case 0x7b:
        return this.nested(() => this.members());
      case 0x5b:
        return this.nested(() => this.items());
      case 0x74:
        return this.word("true", true);
      case 0x66:
        return this.word("false", false);
      case 0x6e:
        return this.word("null", null);
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.number();
        if (Number.isNaN(code)) throw new Stop("EOF while parsing a value", this.text.length);
        throw new Stop("expected value", this.at + 1);
    }
  }

  private nested(read: () => Value): Value {
    if (++this.depth > MAX_JSON_DEPTH) throw new Stop("recursion limit exceeded", this.at + 1);
    const value = read();
    this.depth--;
    return value;
  }

  private word(word: string, value: Value): Value {
    for (let i = 0; i < word.length; i++) {
      if (this.at + i >= this.text.length) throw new Stop("EOF while parsing a value", this.text.length);
      if (this.text[this.at + i] !== word[i]) throw new Stop("expected ident", this.at + i + 1);
    }
    this.at += word.length;
    return value;
  }

  private members(): Value {
    const made: MutableObject = object();
    this.at++;
    this.space();
    if (this.text.charCodeAt(this.at) === 0x7d) {
      this.at++;
      return made;
    }
    for (;;) {
      this.space();
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code)) throw new Stop("EOF while parsing an object", this.text.length);
      if (code === 0x7d) throw new Stop("trailing comma", this.at + 1);
      if (code !== 0x22) throw new Stop("key must be a string", this.at + 1);
      const key = this.string();
      this.space();
      if (this.at >= this.text.length) throw new Stop("EOF while parsing an object", this.text.length);
      if (this.text.charCodeAt(this.at) !== 0x3a) throw new Stop("expected `:`", this.at + 1);
      this.at++;
      made[key] = this.value();
      this.space();
      const next = this.text.charCodeAt(this.at);
      if (Number.isNaN(next)) throw new Stop("EOF while parsing an object", this.text.length);
      this.at++;
      if (next === 0x7d) return made;
      if (next !== 0x2c) throw new Stop("expected `,` or `}`", this.at);
    }
  }

  private items(): Value {
    const made: Value[] = [];
    this.at++;
    this.space();
    if (this.text.charCodeAt(this.at) === 0x5d) {
      this.at++;
      return made;
    }
    for (;;) {
      this.space();
      if (this.at >= this.text.length) throw new Stop("EOF while parsing a list", this.text.length);
      if (this.text.charCodeAt(this.at) === 0x5d) throw new Stop("trailing comma", this.at + 1);
      made.push(this.value());
      this.space();
      const next = this.text.charCodeAt(this.at);
      if (Number.isNaN(next)) throw new Stop("EOF while parsing a list", this.text.length);
      this.at++;
      if (next === 0x5d) return made;
      if (next !== 0x2c) throw new Stop("expected `,` or `]`", this.at);
    }
  }

  private string(): string {
    let out = "";
    this.at++;
    for (;;) {
      plainString.lastIndex = this.at;
      plainString.test(this.text);
      const end = plainString.lastIndex;
      const code = this.text.charCodeAt(end);
      const piece = this.text.slice(this.at, end);
      this.at = end + 1;
      if (code === 0x22) return out === "" ? piece : out + piece;
      if (Number.isNaN(code)) throw new Stop("EOF while parsing a string", this.text.length);
      if (code !== 0x5c) throw new Stop("control character (\\u0000-\\u001F) found while parsing a string", end + 1);
      out += piece + this.escape();
    }
  }

  private escape(): string {
    const char = this.text[this.at++];
    switch (char) {
      case '"':
      case "\\":
      case "/":
        return char;
      case "b":
        return "\b";
      case "f":
        return "\f";
      case "n":
        return "\n";
      case "r":
        return "\r";
      case "t":
        return "\t";
      case "u":
        return this.unicode();
      case undefined:
        throw new Stop("EOF while parsing a string", this.text.length);
      default:
        throw new Stop("invalid escape", this.at);
    }
  }

  private unicode(): string {
    const first = this.hex();
    if (first >= 0xdc00 && first <= 0xdfff) throw new Stop("lone leading surrogate in hex escape", this.at);
    if (first < 0xd800 || first > 0xdbff) return String.fromCharCode(first);
    if (this.text[this.at] !== "\\" || this.text[this.at + 1] !== "u") {
      throw new Stop("unexpected end of hex escape", Math.min(this.at + 1, this.text.length));
    }
    this.at += 2;
    const second = this.hex();
    if (second < 0xdc00 || second > 0xdfff) throw new Stop("lone leading surrogate in hex escape", this.at);
    return String.fromCharCode(first, second);
  }

  private hex(): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (digits.length < 4) throw new Stop("EOF while parsing a string", this.text.length);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Stop("invalid escape", this.at + 4);
    this.at += 4;
    return parseInt(digits, 16);
  }

  private number(): Value {
    numberLexeme.lastIndex = this.at;
    const match = numberLexeme.exec(this.text);
    const from = this.at;
    const end = match === null ? this.at + 1 : from + match[0].length;
    const next = this.text.charCodeAt(end);
    const unfinished =
      match === null || next === 0x2e || next === 0x65 || next === 0x45 || (next >= 0x30 && next <= 0x39);
    if (unfinished) throw this.badNumber(end);
    this.at = end;
    const isFloat = match[1] !== undefined || match[2] !== undefined;
    if (!isFloat) return match[0] === "-0" ? -0 : integerValue(match[0]);
    const x = Number(match[0]);
    if (!Number.isFinite(x)) throw new Stop("number out of range", end);
    return x;
  }

  private badNumber(end: number): Stop {
    const rest = this.text.slice(end).search(/[^0-9.eE+-]/);
    const stop = rest < 0 ? this.text.length : end + rest;
    if (stop >= this.text.length) return new Stop("EOF while parsing a value", this.text.length);
    return new Stop("invalid number", Math.min(end + 1, this.text.length));
  }
}

function utf8Length(text: string, from: number, to: number): number {
  let bytes = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else if (code >= 0xd800 && code <= 0xdbff && i + 1 < to) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}
