/**
 * Rules of single fields that credentials and key sets share (spec/pipeline.md §5, §6).
 *
 * Boundary: pure. Invariant: no text passes that could look like another one in a terminal (no control, format or
 * unassigned characters in names).
 */
import { createHash } from "node:crypto";
import { parseJson } from "../../graph/json.ts";
import { isArray, type Value } from "../../graph/value.ts";

/** SHA-256 of bytes (text as UTF-8): `sha256:` and lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** True for `sha256:` and 64 lower-case hex digits. */
export function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

/** True for a name of an organisation, project, environment, key or issuer: 1 to 128 visible characters without white space. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && /^[^\s\p{C}]{1,128}$/u.test(value);
}

/** True for a principal, e.g. `user:alice@example`: 1 to 256 visible characters without white space. */
export function isPrincipalName(value: unknown): value is string {
  return typeof value === "string" && /^[^\s\p{C}]{1,256}$/u.test(value);
}

const utc =
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?Z$/;

/** Milliseconds since 1970 of an RFC 3339 time in UTC (`2026-01-31T09:30:00Z`); null for any other text or no real day. */
export function utcTime(value: unknown): number | null {
  if (typeof value !== "string" || !utc.test(value)) return null;
  const at = Date.parse(value);
  // A 31st of June reads as the 1st of July.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== value.slice(0, 10) ? null : at;
}

/** The text of a time in UTC, to the millisecond. */
export function utcText(at: number): string {
  return new Date(at).toISOString();
}

/** True when texts are in ascending order of their UTF-16 units, without repetition. */
export function sortedUnique(texts: readonly string[]): boolean {
  return texts.every((text, i) => i === 0 || (texts[i - 1] as string) < text);
}

/** A text in messages: shortened, with everything that a terminal would not show as it is made visible. */
export function shown(text: string): string {
  const safe = text.replace(/[\p{C}\u2028\u2029]/gu, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
  return safe.length > 120 ? `${safe.slice(0, 120)}…` : safe;
}

/** The strings of a list value, or null when it is no list of strings. */
export function textList(value: Value | undefined): readonly string[] | null {
  if (value === undefined || !isArray(value)) return null;
  const texts = value.filter((item) => typeof item === "string");
  return texts.length === value.length ? texts : null;
}

/** JSON text -> value, without throwing: a sentence for what is no UTF-8 JSON. */
export function readJson(
  bytes: Uint8Array,
): { readonly value: Value; readonly text: string } | { readonly problem: string } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { problem: "it is not UTF-8" };
  }
  const read = parseJson(text);
  return read.ok ? { value: read.value, text } : { problem: `it is not JSON (${read.problem.what})` };
}
