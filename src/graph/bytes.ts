/**
 * Bytes as node values: `{"$bytes": <base64>}` (spec/pipeline.md §1, "input bytes pass through unchanged").
 *
 * Invariant: `valueBytes(bytesValue(b))` is `b`, byte for byte.
 */
import { isObject, member, object, toText, type Value } from "./value.ts";

const BYTES = "$bytes";
/** Sextet -> character code. */
const letters = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
/** Character code -> sextet; 255 for a character that is none. */
const sextets = new Uint8Array(256).fill(255);
letters.forEach((code, sextet) => (sextets[code] = sextet));
const PAD = 0x3d;

/** Base64 (RFC 4648 §4, padded) of bytes. A table of our own: `btoa` takes about five times as long in Node 20. */
export function toBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PAD);
  const letter = (sextet: number): number => letters[sextet & 63] as number;
  for (let i = 0, o = 0; i < bytes.length; i += 3, o += 4) {
    const a = bytes[i] as number;
    const b = bytes[i + 1] ?? 0;
    const c = bytes[i + 2] ?? 0;
    out[o] = letter(a >> 2);
    out[o + 1] = letter((a << 4) | (b >> 4));
    if (i + 1 < bytes.length) out[o + 2] = letter((b << 2) | (c >> 6));
    if (i + 2 < bytes.length) out[o + 3] = letter(c);
  }
  return new TextDecoder().decode(out);
}

/** The bytes of canonical, padded base64; undefined for any other text. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let held = 0;
  for (let i = 0, o = 0; i < digits; i++) {
    const sextet = sextets[text.charCodeAt(i)] ?? 255;
    if (sextet === 255) return undefined;
    bits = ((bits << 6) | sextet) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[o++] = bits >> held;
  }
  return (bits & ((1 << held) - 1)) === 0 ? out : undefined;
}

/** The value that carries `bytes`. */
export function bytesValue(bytes: Uint8Array): Value {
  return object({ [BYTES]: toBase64(bytes) });
}

/**
 * The bytes a value stands for: those of a bytes value, the UTF-8 of a string, and the UTF-8 of the compact text of
 * any other value (also of an object that only resembles a bytes value).
 */
export function valueBytes(value: Value): Uint8Array {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (isObject(value) && Object.keys(value).length === 1) {
    const text = member(value, BYTES);
    const bytes = typeof text === "string" ? fromBase64(text) : undefined;
    if (bytes !== undefined) return bytes;
  }
  return new TextEncoder().encode(toText(value));
}

/** True for a value made by {@link bytesValue}. */
export function isBytesValue(value: Value): boolean {
  if (!isObject(value) || Object.keys(value).length !== 1) return false;
  const text = member(value, BYTES);
  return typeof text === "string" && fromBase64(text) !== undefined;
}

/** Bytes that a text takes in UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
