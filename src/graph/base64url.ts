/**
 * base64url without padding (RFC 4648 §5), strict: every byte string has exactly one text.
 *
 * Invariant: `fromBase64Url(text)` is null unless `toBase64Url` of its bytes gives `text` again, so that a flipped
 * bit of a signed text can never go unseen (spec/runtime.md §8).
 */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = new Map([...alphabet].map((letter, value) => [letter.charCodeAt(0), value]));

/** The text of `bytes`. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const word = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text += alphabet.charAt(word >> 18) + alphabet.charAt((word >> 12) & 63);
    if (left > 1) text += alphabet.charAt((word >> 6) & 63);
    if (left > 2) text += alphabet.charAt(word & 63);
  }
  return text;
}

/** The bytes of `text`; null when it is not the one text of any bytes. */
export function fromBase64Url(text: string): Uint8Array | null {
  const rest = text.length % 4;
  if (rest === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let filled = 0;
  let word = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    const value = values.get(text.charCodeAt(at));
    if (value === undefined) return null;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[filled++] = (word >> bits) & 0xff;
  }
  // Bits that no byte takes must be 0, else two texts would mean the same.
  return (word & ((1 << bits) - 1)) === 0 ? bytes : null;
}
