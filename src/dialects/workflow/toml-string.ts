/**
 * TOML string literals and keys: which source characters a decoded character came from. Works on unfinished
 * literals too.
 */

/** A half-open stretch of a text, in UTF-16 offsets. */
export type Span = readonly [from: number, to: number];

/** One step through a literal's source: where it stands, and what it adds to the decoded text. */
interface Unit {
  readonly at: number;
  readonly length: number;
  readonly decoded: number;
}

/** The source between the quotes of a string literal, also of an unfinished one; null when it is no string literal. */
function innerSpan(source: string): Span | null {
  const quote = source[0];
  if (quote !== '"' && quote !== "'") return null;
  const multiline = source.startsWith(quote.repeat(3));
  const opening = multiline ? 3 : 1;
  let at = opening;
  if (multiline && source.startsWith("\r\n", at)) at += 2;
  else if (multiline && source[at] === "\n") at += 1;
  const close = source.length > opening && source.endsWith(multiline ? quote.repeat(3) : quote) ? opening : 0;
  return [at, Math.max(at, source.length - close)];
}

/** Goes through a literal until `visit` says stop. */
function walkLiteral(source: string, [from, end]: Span, visit: (unit: Unit) => boolean): void {
  const escapes = source[0] === '"';
  let at = from;
  while (at < end) {
    const { length, decoded } = escapes && source[at] === "\\" ? escapeAt(source, at, end) : { length: 1, decoded: 1 };
    if (!visit({ at, length, decoded })) return;
    at += length;
  }
}

/**
 * Where the decoded characters `from` to `to` of a string literal stand in its source, relative to the literal's
 * start; null when `source` is no string literal. Offsets beyond the string mean its end.
 */
export function sourceSpan(source: string, from: number, to: number): Span | null {
  return literalPlaces(source)?.(from, to) ?? null;
}

/**
 * The same for many places of one literal, which is gone through once: a string may hold as many markers as it has
 * room for.
 */
export function literalPlaces(source: string): ((from: number, to: number) => Span) | null {
  const inner = innerSpan(source);
  if (inner === null) return null;
  // For each decoded character, where the source of its unit begins and ends.
  const begins = new Int32Array(source.length);
  const ends = new Int32Array(source.length);
  let count = 0;
  walkLiteral(source, inner, ({ at, length, decoded }) => {
    for (let i = 0; i < decoded; i++, count++) {
      begins[count] = at;
      ends[count] = at + length;
    }
    return true;
  });
  return (from, to) => {
    const stop = to <= 0 || count === 0 ? inner[0] : (ends[Math.min(to, count) - 1] as number);
    const first = from < count && from <= to ? (begins[Math.max(0, from)] as number) : stop;
    return [first, Math.max(first, stop)];
  };
}

/** What a string literal says, and which of its characters the source offset `at` stands before. */
export function decodeLiteral(source: string, at = 0): { text: string; offset: number } {
  const inner = innerSpan(source);
  if (inner === null) return { text: source, offset: Math.min(at, source.length) };
  if (source[0] === "'" || !source.includes("\\")) {
    const offset = Math.max(0, Math.min(at, inner[1]) - inner[0]);
    return { text: source.slice(...inner), offset };
  }
  const parts: string[] = [];
  let plain = inner[0];
  let decoded = 0;
  let offset = 0;
  walkLiteral(source, inner, (unit) => {
    if (unit.at < at) offset = decoded + (unit.at + unit.length <= at ? unit.decoded : 0);
    decoded += unit.decoded;
    if (unit.length > 1 || unit.decoded === 0) {
      parts.push(source.slice(plain, unit.at));
      if (unit.decoded > 0) parts.push(keyName(`"${source.slice(unit.at, unit.at + unit.length)}"`));
      plain = unit.at + unit.length;
    }
    return true;
  });
  parts.push(source.slice(plain, inner[1]));
  const text = parts.join("");
  return { text, offset: Math.min(offset, text.length) };
}

/** Length in the source and in the decoded text of the escape at `at`. */
function escapeAt(source: string, at: number, end: number): { length: number; decoded: number } {
  const kind = source[at + 1];
  const digits = kind === "x" ? 2 : kind === "u" ? 4 : kind === "U" ? 8 : 0;
  if (digits > 0) {
    const code = parseInt(source.slice(at + 2, at + 2 + digits), 16);
    return { length: Math.min(2 + digits, end - at), decoded: code > 0xffff ? 2 : 1 };
  }
  lineEnding.lastIndex = at;
  const trimmed = lineEnding.exec(source);
  if (trimmed !== null) return { length: Math.min(trimmed[0].length, end - at), decoded: 0 };
  return { length: Math.min(2, end - at), decoded: 1 };
}

/** A backslash at the end of a line swallows all white space up to the next character. */
const lineEnding = /\\[ \t]*\r?\n[ \t\r\n]*/y;

/** One part of a dotted key. */
export interface KeySegment {
  readonly name: string;
  readonly span: Span;
}

/** The parts of a (dotted) key that begins at `offset`; stops at the first thing that is no key. */
export function keySegments(key: string, offset: number): KeySegment[] {
  const segments: KeySegment[] = [];
  let at = 0;
  for (;;) {
    while (key[at] === " " || key[at] === "\t") at++;
    const part = keyPart(key, at);
    if (part === "") return segments;
    segments.push({ name: keyName(part), span: [offset + at, offset + at + part.length] });
    at += part.length;
    while (key[at] === " " || key[at] === "\t") at++;
    if (key[at] !== ".") return segments;
    at++;
  }
}

const bareKey = /[A-Za-z0-9_-]+/y;

/** The part that begins at `at`, as written; empty when there is none. */
function keyPart(key: string, at: number): string {
  if (key[at] === '"' || key[at] === "'") return key.slice(at, literalEnd(key, at) ?? at);
  bareKey.lastIndex = at;
  return bareKey.exec(key)?.[0] ?? "";
}

/** The name that one part of a key, as it is written, stands for. */
export function keyName(part: string): string {
  if (part.startsWith("'")) return part.slice(1, -1);
  if (!part.startsWith('"')) return part;
  const inner = part.slice(1, -1);
  return inner.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g, decodeEscape);
}

function decodeEscape(whole: string, x?: string, u?: string, long?: string, short?: string): string {
  const digits = x ?? u ?? long;
  if (digits !== undefined) {
    const code = parseInt(digits, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  }
  return shortEscapes[short ?? ""] ?? whole;
}

const shortEscapes: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001b",
  '"': '"',
  "\\": "\\",
};

/** Where the string literal that begins at `from` ends; null when it does not. */
export function literalEnd(text: string, from: number): number | null {
  const quote = text[from] as string;
  const fence = text.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote;
  let at = from + fence.length;
  while (at < text.length) {
    const char = text[at];
    if (char === "\\" && quote === '"') at += 2;
    else if (char === "\n" && fence.length === 1) return null;
    else if (char !== quote || !text.startsWith(fence, at)) at++;
    else {
      let end = at + fence.length;
      // Up to two quotes may stand before a closing fence of three.
      while (fence.length === 3 && end < at + 5 && text[end] === quote) end++;
      return end;
    }
  }
  return null;
}

/** Where a string of one line that begins at `from` ends; null when it does not end on its line. */
export function lineLiteralEnd(text: string, from: number): number | null {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at];
    if (char === "\n") return null;
    if (char === quote) return at + 1;
    if (char === "\\" && quote === '"' && text[at + 1] !== "\n") at++;
  }
  return null;
}
