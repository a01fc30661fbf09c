/**
 * The lines of a `spec.kv` (spec/pipeline.md §3): text -> entries with their places, and everything that is wrong
 * with a line by itself.
 *
 * Boundary: pure text; what a key means is `schema.ts`. Invariant: every entry's key and value are exact slices of
 * the text, so that joining `key=value LF` of all entries of a faultless text gives that text.
 */
import type { Diagnostic, Range } from "../../graph/diagnostic.ts";

/** One `key=value` line. `line` counts from 0; the value begins one column after the key's end. */
export interface KvEntry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** Entries in the order of the text, and the problems of single lines. */
export interface KvLines {
  /** Every line whose key could be read, whatever is wrong with its value. */
  readonly entries: readonly KvEntry[];
  readonly problems: readonly Diagnostic[];
  /** Some line's key could not be read, so nobody can say which keys are missing. */
  readonly unreadable: boolean;
  /** How many lines the text has, the empty one after the last LF not counted. */
  readonly lineCount: number;
}

/** A key without a fault, as nearly all are. */
const soundKey = /^(?:(?!0[0-9]+\.)[a-z0-9_]+\.)*(?!0[0-9]+$)[a-z0-9_]+$/;
const segment = /^[a-z0-9_]+$/;
const paddedIndex = /^0[0-9]+$/;

/** A range within one line. */
export function lineRange(line: number, from: number, to: number): Range {
  return { start: { line, character: from }, end: { line, character: to } };
}

/** The range of an entry's key, of its value, or of the line without its LF. */
export function entryRange(entry: KvEntry, part: "key" | "value" | "construct"): Range {
  const valueStart = entry.key.length + 1;
  const end = valueStart + entry.value.length;
  if (part === "key") return lineRange(entry.line, 0, entry.key.length);
  return lineRange(entry.line, part === "value" ? valueStart : 0, end);
}

/** An error of this file at a range. */
export function kvError(file: string, code: string, message: string, at: Range): Diagnostic {
  return { code, severity: "error", message, file, at };
}

/** Reads a text line by line. All lines are looked at, so several problems come back at once. */
export function readLines(text: string, file: string): KvLines {
  const entries: KvEntry[] = [];
  const problems: Diagnostic[] = [];
  const lines = text.split("\n");
  const last = lines.pop() as string;
  let unreadable = false;
  const read = (raw: string, line: number): void => {
    const { entry, fault } = readLine(raw, line);
    if (fault !== null) problems.push(kvError(file, fault.code, fault.message, lineRange(line, fault.from, fault.to)));
    if (entry !== null) entries.push(entry);
    else if (fault !== null && fault.code !== "kv_blank_line" && fault.code !== "kv_comment") unreadable = true;
  };
  lines.forEach(read);
  if (last !== "") {
    read(last, lines.length);
    const at = lineRange(lines.length, last.length, last.length);
    problems.push(kvError(file, "kv_final_newline", "the last line must end in a line feed", at));
  }
  return { entries, problems, unreadable, lineCount: lines.length + (last === "" ? 0 : 1) };
}

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** What a line says, and the first thing wrong with it from the left. */
function readLine(raw: string, line: number): { readonly entry: KvEntry | null; readonly fault: Fault | null } {
  const lost = (code: string, message: string, from = 0, to = raw.length) => ({
    entry: null,
    fault: { code, message, from, to },
  });
  if (line === 0 && raw.startsWith("\ufeff")) {
    return lost("kv_bom", "the file may not begin with a byte order mark", 0, 1);
  }
  if (raw === "" || raw === "\r") return lost("kv_blank_line", "blank lines are not allowed");
  if (/^\s*[#;]/.test(raw)) return lost("kv_comment", "comments are not allowed in a spec.kv");
  const split = raw.indexOf("=");
  if (split < 0) return lost("kv_no_equals", "the line must be `key=value`");
  const key = raw.slice(0, split);
  const fault = keyFault(key);
  if (fault !== null) return { entry: null, fault };
  return { entry: { key, value: raw.slice(split + 1), line }, fault: valueFault(raw, split + 1) };
}

function keyFault(key: string): Fault | null {
  if (soundKey.test(key)) return null;
  let from = 0;
  for (const part of key.split(".")) {
    const to = from + part.length;
    if (part === "") {
      return { code: "kv_key", message: "a key is segments joined by single dots; one is empty here", from, to };
    }
    if (!segment.test(part)) {
      const at = from + part.search(/[^a-z0-9_]/);
      const width = String.fromCodePoint(key.codePointAt(at) as number).length;
      return { code: "kv_key", message: "a key may hold only a-z, 0-9, `_` and dots", from: at, to: at + width };
    }
    if (paddedIndex.test(part)) {
      return { code: "kv_index", message: `the array index \`${part}\` may not have leading zeros`, from, to };
    }
    from = to + 1;
  }
  return null;
}

function valueFault(raw: string, start: number): Fault | null {
  const value = raw.slice(start);
  const bad = value.search(/[\r\0]/);
  if (bad >= 0) {
    const at = start + bad;
    return value[bad] === "\r"
      ? { code: "kv_cr", message: "carriage returns are not allowed; lines end in LF alone", from: at, to: at + 1 }
      : { code: "kv_value", message: "a value may not hold NUL", from: at, to: at + 1 };
  }
  const lone = loneSurrogate(value);
  if (lone >= 0) {
    const at = start + lone;
    return { code: "kv_encoding", message: "the value is not UTF-8 text", from: at, to: at + 1 };
  }
  if (value.startsWith(" ")) {
    return { code: "kv_value", message: "a value may not begin with a space", from: start, to: start + 1 };
  }
  if (value.endsWith(" ")) {
    return { code: "kv_value", message: "a value may not end with a space", from: raw.length - 1, to: raw.length };
  }
  return null;
}

/** Offset of half a surrogate pair, which UTF-8 cannot hold; -1 for none. */
function loneSurrogate(text: string): number {
  return text.search(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
}
