/**
 * Lines of the audit log: `{"at":…,"audit":1,…,"prev":"…","seq":N,"type":"…"}`, the canonical text of a value (keys
 * ascending, no blanks). `prev` is the SHA-256 (hex) of the bytes of the line before, 64 zeros in the first.
 *
 * Invariant: `decodeLine(encodeLine(l))` is `l`, and every line that decodes is the one text of what it says.
 */
import { isUtf8 } from "node:buffer";
import { parseJson } from "../../graph/json.ts";
import { fromPlain, isObject, toPlain, toText } from "../../graph/value.ts";
import { FIRST_PREV, sha256 } from "../journal/codec.ts";
import { boundedEntry, readEntry, type AuditEntry } from "./entry.ts";

export { FIRST_PREV, sha256 };

/** The version of the format. */
const AUDIT_VERSION = 1;

/** The longest line that is read, in bytes; no entry comes near it. */
export const MAX_LINE = 256 * 1024;

/** An entry in its place. `at` in milliseconds since 1970; `seq` counts from 1 and is the line's number. */
export interface AuditLine {
  readonly seq: number;
  readonly at: number;
  readonly prev: string;
  readonly entry: AuditEntry;
}

/** A line's text, without its line feed. */
export function encodeLine({ seq, at, prev, entry }: AuditLine): string {
  return toText(fromPlain({ ...boundedEntry(entry), audit: AUDIT_VERSION, seq, at: Math.trunc(at), prev }));
}

/** A line that was read. `unparsable`: no JSON, so that it may be what a crash left of one. */
export type DecodedLine =
  | { readonly ok: true; readonly line: AuditLine }
  | { readonly ok: false; readonly unparsable: boolean; readonly reason: string };

/** Reads one line, without its line feed. */
export function decodeLine(bytes: Uint8Array): DecodedLine {
  const wrong = (reason: string, unparsable = false): DecodedLine => ({ ok: false, unparsable, reason });
  if (!isUtf8(bytes)) return wrong("it is not UTF-8", true);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const parsed = parseJson(text);
  if (!parsed.ok) return wrong("it is not JSON", true);
  if (!isObject(parsed.value) || toText(parsed.value) !== text) return wrong("it is not the canonical text of a value");
  const { audit, seq, at, prev, type, ...fields } = toPlain(parsed.value) as Readonly<Record<string, unknown>>;
  if (typeof audit === "number" && audit > AUDIT_VERSION) return wrong("a newer version has written it");
  const placed = audit === AUDIT_VERSION && Number.isSafeInteger(seq) && Number.isSafeInteger(at);
  if (!placed || typeof prev !== "string") return wrong("it has no proper audit, seq, at and prev");
  const entry = readEntry(type, fields);
  if (entry === null) return wrong(`it is no entry of type \`${typeof type === "string" ? type : "?"}\``);
  return { ok: true, line: { seq: seq as number, at: at as number, prev, entry } };
}

/**
 * What the signature of a `log.signed` line signs: the digest (`sha256:` and hex) of the line as it is without the
 * signature. The line names the hash of the line before and with it everything above.
 */
export function signedDigest(line: AuditLine): string {
  const { signature: _signature, ...entry } = line.entry as Extract<AuditEntry, { type: "log.signed" }>;
  const { seq, at, prev } = line;
  const text = toText(fromPlain({ ...entry, audit: AUDIT_VERSION, seq, at, prev }));
  return `sha256:${sha256(`countersign.audit.signature.v1\n${text}`)}`;
}
