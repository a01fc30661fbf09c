/**
 * Words of Rego. Keywords are names here: what a name means depends on where it stands.
 *
 * Boundary: pure and linear; a text that cannot be read gives a problem and the words before it.
 */
import type { Problems, RegoPlace } from "./problem.ts";

/** One word. `text` is decoded for strings. */
export interface Token {
  readonly type: "name" | "number" | "string" | "symbol" | "end";
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly column: number;
  /** White space or a comment stands before it. */
  readonly spaced: boolean;
  /** A line ended before it. */
  readonly fresh: boolean;
}

/** Largest text of a module, in UTF-16 units. */
export const MAX_MODULE = 256 * 1024;

const symbols = [":=", "==", "!=", "<=", ">=", ..."=<>+-*/%&|()[]{},;:."];
const nameStart = /[A-Za-z_]/;
const nameWord = /[A-Za-z_][A-Za-z0-9_]*/y;
const numberWord = /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const stringWord = /"(?:[^"\\\n\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** The words of a module, ended by one of type `end`. */
export function tokenize(text: string, file: string, problems: Problems): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  let spaced = false;
  let fresh = true;
  const place = (from: number, to: number): RegoPlace => ({ file, line, column: from - lineStart + 1, from, to });
  const push = (type: Token["type"], word: string, to: number): void => {
    tokens.push({ type, text: word, from: at, to, line, column: at - lineStart + 1, spaced, fresh });
    at = to;
    spaced = fresh = false;
  };
  const matched = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  if (text.length > MAX_MODULE) {
    problems.add("rego.too_large", `a module may have at most ${MAX_MODULE} characters`, place(0, 0));
    at = text.length;
  }
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === "\n") {
      at++;
      line++;
      lineStart = at;
      spaced = fresh = true;
    } else if (char === " " || char === "\t" || char === "\r") {
      at++;
      spaced = true;
    } else if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
      spaced = true;
    } else if (nameStart.test(char)) {
      const word = matched(nameWord) as string;
      push("name", word, at + word.length);
    } else if (char >= "0" && char <= "9") {
      const word = matched(numberWord) as string;
      const next = text.charAt(at + word.length);
      if (/[A-Za-z0-9_]/.test(next)) {
        problems.add("rego.syntax", `\`${word}${next}\` is not a number`, place(at, at + word.length + 1));
        break;
      }
      push("number", word, at + word.length);
    } else if (char === '"') {
      const word = matched(stringWord);
      const decoded = word === null ? null : (JSON.parse(word) as string);
      if (word === null || decoded === null || /\p{Surrogate}/u.test(decoded)) {
        const message = 'a string ends on its line, with `\\` only before " \\ / b f n r t and u0000';
        problems.add("rego.syntax", message, place(at, at + 1));
        break;
      }
      push("string", decoded, at + word.length);
    } else if (char === "`") {
      const end = text.indexOf("`", at + 1);
      if (end < 0) {
        problems.add("rego.syntax", "a raw string is not closed", place(at, at + 1));
        break;
      }
      const raw = text.slice(at + 1, end);
      push("string", raw, end + 1);
      const feeds = raw.split("\n").length - 1;
      if (feeds > 0) {
        line += feeds;
        lineStart = text.lastIndexOf("\n", end) + 1;
      }
    } else if (char === "$" && (text.charAt(at + 1) === '"' || text.charAt(at + 1) === "`")) {
      problems.add("rego.unsupported", "template strings are not supported; use `sprintf`", place(at, at + 2));
      break;
    } else {
      const symbol = symbols.find((one) => text.startsWith(one, at));
      if (symbol === undefined) {
        const shown = JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
        problems.add("rego.syntax", `${shown} means nothing in Rego`, place(at, at + 1));
        break;
      }
      push("symbol", symbol, at + symbol.length);
    }
  }
  fresh = spaced = true;
  push("end", "", at);
  return tokens;
}
