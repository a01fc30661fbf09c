/**
 * What the scanner looks for. The patterns, all but {@link number}, are for one offset.
 */

/** Blanks, perhaps none. */
export const blanks = /[ \t]*/y;
/** A key without quotes. */
export const bareKey = /[A-Za-z0-9_-]+/y;
/** Everything up to the end of the line. */
export const restOfLine = /[^\n]*/y;
/** A line that is nothing but a header. */
const lineHeader =
  /^\[\[?[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*[ \t]*\]\]?[ \t]*(?:#.*)?\r?$/gm;
/** The beginning of a header in an array, where only names that are no values are: `["a"]` and `[1]` are elements. */
export const nameHeader = /\[\[?[ \t]*(?!(?:true|false|inf|nan)(?![\w.-]))[A-Za-z_][\w-]*[ \t]*(?:\.|\]|$)/my;
/** A key and its `=`. */
export const statement =
  /(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'))*[ \t]*=/y;
/** What stands on a line before the quotes of a value. */
const opensString = /^[ \t]*[\w."' \t-]+=[ \t]*$/;
/** A time, perhaps with a date. */
export const temporal = /(?:\d{4}-\d{2}-\d{2}[Tt ])?\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})?/y;
/** A date alone. */
export const date = /\d{4}-\d{2}-\d{2}(?![\w:])/y;
/** A value without quotes. */
export const word = /(?:\\[^\n]|[^ \t\r\n,[\]{}#"'=\\])+/y;
/** A number, as far as an editor needs to know. */
export const number = /^[+-]?(?:\d[\d_]*(?:\.[\d_]+)?(?:[eE][+-]?[\d_]+)?|0[xob][\da-fA-F_]+|inf|nan)$/;

/**
 * Where the string of several lines at `from` is taken to end because a header stands in it: it has no closing quotes
 * (`end` null), or those look like the opening ones of another string. Null: it ends where its quotes say.
 */
export function headerInString(text: string, from: number, end: number | null): number | null {
  if (end !== null) {
    const fence = text.lastIndexOf(text.slice(from, from + 3), end - 3);
    const line = text.lastIndexOf("\n", fence) + 1;
    if (line <= from || !opensString.test(text.slice(line, Math.min(fence, line + 500)))) return null;
  }
  lineHeader.lastIndex = from;
  const found = lineHeader.exec(text);
  if (found === null || (end !== null && found.index >= end)) return null;
  return text[found.index - 2] === "\r" ? found.index - 2 : found.index - 1;
}
