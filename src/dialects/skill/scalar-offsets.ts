/**
 * Where each character of a decoded YAML scalar stands in its source text, so that a marker inside a quoted, folded or
 * block string can be underlined exactly.
 */
import type { Scalar } from "yaml";

/**
 * Offsets into `source` for each UTF-16 unit of the decoded text, and one for its end; null when the two cannot be
 * brought together. `source` is the scalar's own text, quotes and block header included.
 */
export function scalarOffsets(scalar: Pick<Scalar, "value" | "type">, source: string): readonly number[] | null {
  const text = scalar.value;
  if (typeof text !== "string") return null;
  switch (scalar.type) {
    case "QUOTE_DOUBLE":
      return align(text, source, 1, source.endsWith('"') ? source.length - 1 : source.length, doubleUnit);
    case "QUOTE_SINGLE":
      return align(text, source, 1, source.endsWith("'") ? source.length - 1 : source.length, singleUnit);
    case "BLOCK_LITERAL":
    case "BLOCK_FOLDED":
      return alignBlock(text, source);
    default:
      return align(text, source, 0, source.length, plainUnit);
  }
}

/** One escape or character at `at`: how long it is in the source, and what it decodes to. */
type Unit = (source: string, at: number) => { readonly length: number; readonly text: string };

const plainUnit: Unit = (source, at) => ({ length: 1, text: source[at] as string });
const singleUnit: Unit = (source, at) => ({ length: source.startsWith("''", at) ? 2 : 1, text: source[at] as string });

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
  "\t": "\t",
};

const doubleUnit: Unit = (source, at) => {
  if (source[at] !== "\\") return { length: 1, text: source[at] as string };
  const code = source[at + 1] ?? "";
  const digits = code === "x" ? 2 : code === "u" ? 4 : code === "U" ? 8 : 0;
  if (digits > 0) {
    const point = parseInt(source.slice(at + 2, at + 2 + digits), 16);
    return { length: 2 + digits, text: point <= 0x10ffff ? String.fromCodePoint(point) : "" };
  }
  const broken = /^\\\r?\n[ \t]*/.exec(source.slice(at));
  if (broken !== null) return { length: broken[0].length, text: "" };
  return { length: 2, text: escapes[code] ?? code };
};

/** Flow scalars: characters one by one, line breaks with the blanks around them folded. */
function align(text: string, source: string, from: number, to: number, unit: Unit): readonly number[] | null {
  const offsets: number[] = [];
  const fold = /[ \t]*(?:\r?\n[ \t]*)+/y;
  let at = from;
  while (at < to) {
    fold.lastIndex = at;
    const folded = fold.exec(source);
    if (folded !== null) {
      const breaks = folded[0].split("\n").length - 1;
      // One break is a blank, n breaks are n - 1 line breaks.
      for (let i = 0; i < Math.max(1, breaks - 1); i++) offsets.push(at);
      at += folded[0].length;
      continue;
    }
    const one = unit(source, at);
    for (let i = 0; i < one.text.length; i++) offsets.push(at);
    at += one.length;
  }
  offsets.push(Math.min(at, to));
  return offsets.length === text.length + 1 ? offsets : null;
}

/** Block scalars: each line without its indentation, breaks kept or folded as the decoded text has them. */
function alignBlock(text: string, source: string): readonly number[] | null {
  const header = source.indexOf("\n");
  if (header < 0) return null;
  const offsets: number[] = [];
  const lines = source.slice(header + 1).split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const declared = /[1-9]/.exec(source.slice(0, header));
  const first = indents[0] ?? 0;
  // An explicit indentation is relative to the parent, whose column the source does not show; the decoded text does.
  const leading = declared === null ? 0 : (/^ */.exec(text.replace(/^\n+/, ""))?.[0].length ?? 0);
  const indent = Math.max(0, first - leading);
  let at = header + 1;
  for (const raw of lines) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const content = line.slice(Math.min(indent, line.length));
    for (let i = 0; i < content.length && offsets.length < text.length; i++) {
      if (text[offsets.length] !== content[i]) return null;
      offsets.push(at + indent + i);
    }
    const next = text[offsets.length];
    if (next === "\n" || next === " ") offsets.push(at + line.length);
    at += raw.length + 1;
  }
  if (offsets.length !== text.length) return null;
  offsets.push(Math.min(offsets.length === 0 ? header + 1 : (offsets.at(-1) as number) + 1, source.length));
  return offsets;
}
