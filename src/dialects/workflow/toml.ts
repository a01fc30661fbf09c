/**
 * TOML text -> values. smol-toml decides what is TOML; a byte order mark at the start is skipped, as TOML says.
 *
 * Invariant: a table that {@link checkValues} found nothing in holds only node values (integers as bigint, floats
 * as number, tables without prototype), so its parts can be used as Value without conversion.
 */
import { parse, TomlError } from "smol-toml";
import type { DocumentPath, Range } from "../../graph/diagnostic.ts";
import { MAX_JSON_DEPTH } from "../../graph/json.ts";
import { TextLines } from "../live/text-lines.ts";
import type { Problems } from "./problems.ts";

/** A TOML table as read; its values are checked before use. */
export type TomlTable = Readonly<Record<string, unknown>>;

/** A document's root table, or why and where the text is no TOML. */
export type TomlResult =
  | { readonly ok: true; readonly table: TomlTable }
  | { readonly ok: false; readonly message: string; readonly range: Range };

/** What {@link readTomlAhead} read last. */
let ahead: { readonly text: string; readonly result: TomlResult } | null = null;

/**
 * As {@link readToml}, for a look before the reading: whoever reads the same text next is given this result, so that
 * a document is not read twice. The caller must change nothing in it.
 */
export function readTomlAhead(text: string): TomlResult {
  const result = readToml(text);
  ahead = { text, result };
  return result;
}

/** Reads a whole text. Never throws. The table is the caller's own. */
export function readToml(text: string): TomlResult {
  const known = ahead;
  ahead = null;
  if (known?.text === text) return known.result;
  const parsed = parseToml(text);
  return parsed.ok
    ? parsed
    : { ok: false, message: parsed.message, range: symbolAt(new TextLines(text), text, parsed.offset) };
}

/** As {@link TomlResult}, with an offset for a place: for parts of a text. */
export type TomlParsed =
  | { readonly ok: true; readonly table: TomlTable }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/** Reads a text or a part of one. Never throws. */
export function parseToml(text: string): TomlParsed {
  try {
    return { ok: true, table: parse(text, { integersAsBigInt: true, maxDepth: 512 }) };
  } catch (error) {
    const offset = error instanceof TomlError ? offsetOf(text, error.line, error.column) : 0;
    return { ok: false, message: `this is not TOML: ${reason(error)}`, offset };
  }
}

/** True for a table, false for arrays, dates and scalars. */
export function isTable(raw: unknown): raw is TomlTable {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}

/** What a TOML value is, for messages. */
export function tomlTypeName(raw: unknown): string {
  switch (typeof raw) {
    case "string":
      return "a string";
    case "bigint":
      return "an integer";
    case "number":
      return "a float";
    case "boolean":
      return "a boolean";
    default:
      if (Array.isArray(raw)) return "an array";
      return raw instanceof Date ? "a date or time" : "a table";
  }
}

const shortEscapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A TOML basic string that reads back as `text`. */
export function tomlString(text: string): string {
  const escaped = text.replace(/["\\\u0000-\u001f\u007f]/g, (char) => {
    if (char === '"' || char === "\\") return `\\${char}`;
    const short = shortEscapes[char];
    if (short !== undefined) return short;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/**
 * Reports everything below `table` that no field of a workflow can take: dates, `inf`, `nan`, integers beyond 64
 * bits, keys named `__proto__` (which schemas would pass over), and nesting deeper than JSON may have.
 * `clean`: elements of the table's lists in which nothing was found before, which are not looked at again.
 */
export function checkValues(
  table: TomlTable,
  base: DocumentPath,
  problems: Problems,
  clean: WeakSet<object> | null = null,
): void {
  checkTable(table, [...base], { top: base.length, problems, clean });
}

/** What is the same all the way down. */
interface Checking {
  readonly top: number;
  readonly problems: Problems;
  readonly clean: WeakSet<object> | null;
}

const I64_MIN = -(2n ** 63n);
const U64_MAX = 2n ** 64n - 1n;

function checkTable(table: TomlTable, path: (string | number)[], checking: Checking): void {
  for (const key in table) {
    const value = table[key];
    if (typeof value === "string" || typeof value === "boolean") {
      if (key !== "__proto__") continue;
    }
    path.push(key);
    if (key === "__proto__") {
      checking.problems.add(
        "unknown_key",
        { path: [...path], part: "key" },
        "`__proto__` cannot be the name of a field",
      );
    } else {
      checkValue(value, path, checking);
    }
    path.pop();
  }
}

function checkValue(value: unknown, path: (string | number)[], checking: Checking): void {
  const { top, problems, clean } = checking;
  switch (typeof value) {
    case "bigint":
      if (value < I64_MIN || value > U64_MAX) {
        problems.add("out_of_range", { path: [...path], part: "value" }, `${value} does not fit into 64 bits`);
      }
      return;
    case "number":
      if (!Number.isFinite(value)) {
        const name = Number.isNaN(value) ? "nan" : "inf";
        problems.add("not_json", { path: [...path], part: "value" }, `\`${name}\` is not a JSON number`);
      }
      return;
    case "object":
      break;
    default:
      return;
  }
  if (value instanceof Date) {
    const message = "dates and times are not JSON values; write a string";
    problems.add("not_json", { path: [...path], part: "value" }, message);
    return;
  }
  if (path.length - top > MAX_JSON_DEPTH) {
    const message = `tables and arrays may nest ${MAX_JSON_DEPTH} levels deep`;
    problems.add("nested_too_deeply", { path: path.slice(0, top + 1), part: "key" }, message);
    return;
  }
  if (!Array.isArray(value)) return checkTable(value as TomlTable, path, checking);
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    if (typeof item === "string") continue;
    const entry = clean !== null && path.length === top + 1 && isTable(item) ? item : null;
    if (entry !== null && clean?.has(entry) === true) continue;
    const before = problems.list.length;
    path.push(i);
    checkValue(item, path, checking);
    path.pop();
    if (entry !== null && problems.list.length === before) clean?.add(entry);
  }
}

/** smol-toml counts lines by `\n` only and columns from 1. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf("\n", start);
    if (next < 0) break;
    start = next + 1;
  }
  return Math.min(start + column - 1, text.length);
}

/** The character at an offset; nothing at a line's end. */
export function symbolAt(lines: TextLines, text: string, offset: number): Range {
  const start = lines.position(offset);
  const length = (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return lines.range(offset, Math.max(offset, Math.min(offset + length, lines.lineEnd(start.line))));
}

/** The library's reason without its code block; running out of stack is the only other way it can fail. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return "it could not be read";
  if (!(error instanceof TomlError)) return `it could not be read (${error.message})`;
  const block = error.message.indexOf("\n\n");
  const sentence = block < 0 ? error.message : error.message.slice(0, block);
  return sentence.replace(/^Invalid TOML document: /, "");
}
