/**
 * The texts in which a secret can stand in other text: raw, JSON-escaped, percent-encoded, inside base64
 * (spec/runtime.md §3, "Secrets"). Pure.
 *
 * Inside base64 a value begins at one of three places of a group. The characters that mix its bits with its
 * neighbours' belong to no form, so up to four bits of its first and last byte can stay readable there.
 */
import { stringText } from "../../graph/value.ts";

/** One text form. `id` names how it is made from the value and never changes: journals hold it. */
export interface Form {
  readonly id: string;
  readonly text: string;
}

/** Values shorter than this are not masked: they would be found everywhere. In bytes of UTF-8. */
export const MIN_SECRET_BYTES = 6;

/** All forms of a value, without repetitions; the raw one first. Empty for values that are not masked. */
export function formsOf(value: string): Form[] {
  const bytes = Buffer.from(value, "utf8");
  if (bytes.length < MIN_SECRET_BYTES) return [];
  const seen = new Set<string>();
  return [...candidates(value, bytes)].filter(({ text }) => {
    if (text === "" || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** The text of the form `id`, or undefined when the value has no such form. */
export function formText(value: string, id: string): string | undefined {
  for (const form of candidates(value, Buffer.from(value, "utf8"))) if (form.id === id) return form.text;
  return undefined;
}

function* candidates(value: string, bytes: Buffer): Generator<Form> {
  yield { id: "raw", text: value };
  const json = inJson(value);
  yield { id: "json", text: json };
  yield { id: "json-slash", text: json.replaceAll("/", "\\/") };
  for (const [id, upper] of [
    ["json-ascii", false],
    ["json-ascii-upper", true],
  ] as const) {
    yield { id, text: asciiJson(json, upper) };
    yield { id: `${id}-slash`, text: asciiJson(json, upper).replaceAll("/", "\\/") };
  }
  yield { id: "json-json", text: inJson(json) };
  const byForm: readonly (readonly [string, (byte: number) => string | null])[] = [
    ["percent", (byte) => keep(byte, /[A-Za-z0-9._~-]/)],
    ["percent-component", (byte) => keep(byte, /[A-Za-z0-9._~!'()*-]/)],
    ["percent-form", (byte) => (byte === 0x20 ? "+" : keep(byte, /[A-Za-z0-9._*-]/))],
    ["percent-path", (byte) => keep(byte, /[A-Za-z0-9._~!$&'()*+,;=:@/-]/)],
    ["percent-all", () => null],
  ];
  for (const [id, plain] of byForm) {
    const upper = percent(bytes, plain, (hex) => hex.toUpperCase());
    yield { id, text: upper };
    yield { id: `${id}-lower`, text: percent(bytes, plain, (hex) => hex) };
  }
  for (const shift of [0, 1, 2] as const) {
    const core = base64Core(bytes, shift);
    yield { id: `base64-${shift}`, text: core };
    yield { id: `base64url-${shift}`, text: core.replaceAll("+", "-").replaceAll("/", "_") };
  }
}

function inJson(value: string): string {
  return stringText(value).slice(1, -1);
}

function asciiJson(json: string, upper: boolean): string {
  return json.replace(/[\u007f-\uffff]/g, (char) => {
    const hex = char.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${upper ? hex.toUpperCase() : hex}`;
  });
}

function keep(byte: number, plain: RegExp): string | null {
  const char = String.fromCharCode(byte);
  return byte < 0x80 && plain.test(char) ? char : null;
}

function percent(bytes: Buffer, plain: (byte: number) => string | null, hexCase: (hex: string) => string): string {
  let out = "";
  for (const byte of bytes) out += plain(byte) ?? `%${hexCase(byte.toString(16).padStart(2, "0"))}`;
  return out;
}

/** The base64 characters that only `bytes` decide when `shift` bytes stand before them in their group. */
function base64Core(bytes: Buffer, shift: 0 | 1 | 2): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
}
