/**
 * JSON text -> Value, with the acceptance rules and error wording of spec/workflow.md §1.6 and §1.7.
 *
 * Duplicate keys: the last wins. Nesting of 127 is accepted, 128 refused. Lone surrogate escapes, a BOM, NaN,
 * trailing text and numbers that overflow a double are errors. Lines and columns count bytes of UTF-8, as the
 * wording's origin does; column 0 means the end of an empty line.
 *
 * Hot path of the journal: one pass over UTF-16 units, no closures, no copies of strings without escapes.
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

/** The deepest nesting that is accepted from outside (spec/workflow.md §1.6). */
export const MAX_JSON_DEPTH = 127;

const I64_MIN = -(2n ** 63n);
const U64_MAX = 2n ** 64n - 1n;

/** `what at line L column C`, as error messages show it. */
export function jsonProblemText(problem: JsonProblem): string {
  return `${problem.what} at line ${problem.line} column ${problem.column}`;
}

/** The bigint of an integer lexeme when it fits i64 or u64, else the nearest float (spec/workflow.md §1.3). */
export function integerValue(lexeme: string): bigint | number {
  if (lexeme.length < 16) return BigInt(Number(lexeme));
  const exact = BigInt(lexeme);
  return exact >= I64_MIN && exact <= U64_MAX ? exact : Number(lexeme);
}

/**
 * Parses a whole text; never throws. `maxDepth` is for texts of our own, such as journals, whose values may have
 * been nested further by a run than anything that comes from outside.
 */
export function parseJson(text: string, maxDepth = MAX_JSON_DEPTH): JsonResult {
  const parser = new Parser(text, maxDepth);
  try {
    return { ok: true, value: parser.document() };
  } catch (stop) {
    if (stop instanceof Stop) return { ok: false, problem: place(text, stop) };
    throw stop;
  }
}

/** Unwinds the parser; never leaves this module. The place is `bytes` of UTF-8 behind UTF-16 offset `at`. */
class Stop extends Error {
  readonly what: string;
  readonly at: number;
  readonly bytes: number;
  constructor(what: string, at: number, bytes: number) {
    super(what);
    this.what = what;
    this.at = at;
    this.bytes = bytes;
  }
}

/** Line and column of a stop. The origin's parser reads bytes, so an offending character counts as one. */
function place(text: string, stop: Stop): JsonProblem {
  let line = 1;
  let column = 0;
  let more = stop.bytes;
  for (let i = 0; i < text.length && (i < stop.at || more > 0); i++) {
    const size = utf8Size(text, i);
    const taken = i < stop.at ? size : Math.min(size, more);
    if (i >= stop.at) more -= taken;
    column += taken;
    if (text.charCodeAt(i) === 0x0a) {
      line++;
      column = 0;
    }
  }
  return { what: stop.what, line, column };
}

/** Bytes that the UTF-16 unit at `i` adds to the UTF-8 text; the second half of a pair adds none. */
function utf8Size(text: string, i: number): number {
  const code = text.charCodeAt(i);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  if (code < 0xd800 || code > 0xdfff) return 3;
  if (code < 0xdc00) return isTrail(text.charCodeAt(i + 1)) ? 4 : 3;
  return i > 0 && isLead(text.charCodeAt(i - 1)) ? 0 : 3;
}

function isLead(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isTrail(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** The end of a run of characters that need no attention inside a string. */
const plainRun = /[^"\\\u0000-\u001f]*/y;
/** Control characters, unknown or short escapes, and escapes of surrogates. */
const hardToRead = /[\u0000-\u001f]|\\(?!["\\/bfnrt]|u[0-9a-cA-CefEF][0-9a-fA-F]{3}|u[dD][0-7][0-9a-fA-F]{2})/;
const fourHexDigits = /^[0-9a-fA-F]{4}$/;

/** Strings are looked through by hand this far, then by a regular expression: short ones are the rule. */
const SHORT = 32;

/** True when the quote at `at` has an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === 0x5c) from--;
  return (at - from) % 2 === 1;
}

class Parser {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly maxDepth: number;

  constructor(text: string, maxDepth: number) {
    this.text = text;
    this.maxDepth = maxDepth;
  }

  document(): Value {
    const value = this.value(this.space());
    if (!Number.isNaN(this.space())) throw this.bad("trailing characters");
    return value;
  }

  /** A problem with the character that stands next. */
  private bad(what: string): Stop {
    return new Stop(what, this.at, 1);
  }

  private end(what: string): Stop {
    return new Stop(`EOF while parsing ${what}`, this.text.length, 0);
  }

  /** Skips white space; the code of the character that stands next, NaN at the end. */
  private space(): number {
    const text = this.text;
    let at = this.at;
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at);
    this.at = at;
    return code;
  }

  private value(code: number): Value {
    switch (code) {
      case 0x22:
        return this.string();
      case 0x7b:
        return this.members();
      case 0x5b:
        return this.items();
      case 0x74:
        return this.word("true", true);
      case 0x66:
        return this.word("false", false);
      case 0x6e:
        return this.word("null", null);
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.number(code);
        if (Number.isNaN(code)) throw this.end("a value");
        throw this.bad("expected value");
    }
  }

  private word(word: string, value: Value): Value {
    if (this.text.startsWith(word, this.at)) {
      this.at += word.length;
      return value;
    }
    let at = this.at;
    while (this.text.charCodeAt(at) === word.charCodeAt(at - this.at)) at++;
    if (at >= this.text.length) throw this.end("a value");
    throw new Stop("expected ident", at, 1);
  }

  private members(): Value {
    if (++this.depth > this.maxDepth) throw this.bad("recursion limit exceeded");
    const made: MutableObject = object();
    this.at++;
    let code = this.space();
    if (code !== 0x7d) {
      for (;;) {
        if (code !== 0x22) throw Number.isNaN(code) ? this.end("an object") : this.bad("key must be a string");
        const key = this.string();
        code = this.space();
        if (code !== 0x3a) throw Number.isNaN(code) ? this.end("an object") : this.bad("expected `:`");
        this.at++;
        made[key] = this.value(this.space());
        code = this.space();
        if (code === 0x7d) break;
        if (code !== 0x2c) throw Number.isNaN(code) ? this.end("an object") : this.bad("expected `,` or `}`");
        this.at++;
        code = this.space();
        if (code === 0x7d) throw this.bad("trailing comma");
        if (Number.isNaN(code)) throw this.end("a value");
      }
    }
    this.at++;
    this.depth--;
    return made;
  }

  private items(): Value {
    if (++this.depth > this.maxDepth) throw this.bad("recursion limit exceeded");
    const made: Value[] = [];
    this.at++;
    let code = this.space();
    if (code !== 0x5d) {
      if (Number.isNaN(code)) throw this.end("a list");
      for (;;) {
        made.push(this.value(code));
        code = this.space();
        if (code === 0x5d) break;
        if (code !== 0x2c) throw Number.isNaN(code) ? this.end("a list") : this.bad("expected `,` or `]`");
        this.at++;
        code = this.space();
        if (code === 0x5d) throw this.bad("trailing comma");
      }
    }
    this.at++;
    this.depth--;
    return made;
  }

  private string(): string {
    const text = this.text;
    const from = this.at + 1;
    let end = from;
    for (const short = from + SHORT; end < short; end++) {
      const code = text.charCodeAt(end);
      if (code === 0x22) {
        this.at = end + 1;
        return text.slice(from, end);
      }
      if (code === 0x5c || code < 0x20 || Number.isNaN(code)) break;
    }
    return this.longString(from);
  }

  /** Strings with escapes go to the platform's own parser, unless they may hold what only we refuse. */
  private longString(from: number): string {
    const text = this.text;
    let end = text.indexOf('"', from);
    while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    if (end < 0) return this.exactString(from);
    const literal = text.slice(from - 1, end + 1);
    if (hardToRead.test(literal)) return this.exactString(from);
    this.at = end + 1;
    return literal.includes("\\") ? (JSON.parse(literal) as string) : literal.slice(1, -1);
  }

  /** Reads a string escape by escape, for those that end in an error or hold surrogate escapes. */
  private exactString(from: number): string {
    const text = this.text;
    let out = "";
    for (;;) {
      plainRun.lastIndex = from;
      plainRun.test(text);
      const end = plainRun.lastIndex;
      const code = text.charCodeAt(end);
      out += text.slice(from, end);
      this.at = end + 1;
      if (code === 0x22) return out;
      if (Number.isNaN(code)) throw this.end("a string");
      if (code !== 0x5c) throw new Stop("control character (\\u0000-\\u001F) found while parsing a string", end, 1);
      out += this.escape();
      from = this.at;
    }
  }

  private escape(): string {
    const char = this.text[this.at];
    switch (char) {
      case '"':
      case "\\":
      case "/":
        this.at++;
        return char;
      case "b":
        this.at++;
        return "\b";
      case "f":
        this.at++;
        return "\f";
      case "n":
        this.at++;
        return "\n";
      case "r":
        this.at++;
        return "\r";
      case "t":
        this.at++;
        return "\t";
      case "u":
        this.at++;
        return this.unicode();
      case undefined:
        throw this.end("a string");
      default:
        throw this.bad("invalid escape");
    }
  }

  private unicode(): string {
    const first = this.hex();
    if (isTrail(first)) throw new Stop("lone leading surrogate in hex escape", this.at, 0);
    if (!isLead(first)) return String.fromCharCode(first);
    for (const expected of "\\u") {
      const char = this.text[this.at];
      if (char === undefined) throw this.end("a string");
      if (char !== expected) throw this.bad("unexpected end of hex escape");
      this.at++;
    }
    const second = this.hex();
    if (!isTrail(second)) throw new Stop("lone leading surrogate in hex escape", this.at, 0);
    return String.fromCharCode(first, second);
  }

  private hex(): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (fourHexDigits.test(digits)) {
      this.at += 4;
      return parseInt(digits, 16);
    }
    let bytes = 0;
    for (let i = this.at; i < this.text.length && bytes < 4; i++) bytes += utf8Size(this.text, i);
    if (bytes < 4) throw this.end("a string");
    throw new Stop("invalid escape", this.at, 4);
  }

  /** `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`; whatever follows is the caller's business. */
  private number(first: number): Value {
    const text = this.text;
    const from = this.at;
    const start = first === 0x2d ? from + 1 : from;
    this.at = start;
    const near = this.digits();
    if (text.charCodeAt(start) === 0x30 && this.at > start + 1) throw new Stop("invalid number", start + 1, 1);
    const next = text.charCodeAt(this.at);
    if (next !== 0x2e && next !== 0x65 && next !== 0x45) {
      if (near < 1e15) {
        if (first !== 0x2d) return BigInt(near);
        return near === 0 ? -0 : BigInt(-near);
      }
      const value = integerValue(text.slice(from, this.at));
      if (value === Infinity || value === -Infinity) throw new Stop("number out of range", this.at, 0);
      return value;
    }
    return this.float(from, next);
  }

  /** The rest of a number whose whole part has been read. */
  private float(from: number, next: number): number {
    const text = this.text;
    if (next === 0x2e) {
      this.at++;
      this.digits();
    }
    const mantissa = this.at;
    const code = text.charCodeAt(mantissa);
    if (code === 0x65 || code === 0x45) {
      const sign = text.charCodeAt(++this.at);
      if (sign === 0x2b || sign === 0x2d) this.at++;
      this.digits();
    }
    const value = Number(text.slice(from, this.at));
    if (!Number.isFinite(value)) throw new Stop("number out of range", outOfRangeAt(text, mantissa, this.at), 0);
    return value;
  }

  /** One digit or more; their value, exact below 1e15. */
  private digits(): number {
    const text = this.text;
    const from = this.at;
    let at = from;
    let value = 0;
    let code = text.charCodeAt(at);
    while (code >= 0x30 && code <= 0x39) {
      value = value * 10 + (code - 0x30);
      code = text.charCodeAt(++at);
    }
    this.at = at;
    if (at > from) return value;
    throw at >= text.length ? this.end("a value") : this.bad("invalid number");
  }
}

/** The origin stops at the digit with which an exponent leaves 32 bits, else behind the number. */
function outOfRangeAt(text: string, from: number, to: number): number {
  let exponent = 0;
  for (let i = from + 1; i < to; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0) continue;
    exponent = exponent * 10 + digit;
    if (exponent > 0x7fffffff) return i + 1;
  }
  return to;
}
