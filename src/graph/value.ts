/**
 * Node values: JSON whose numbers keep their kind and exact value through a whole run.
 *
 * An integer is a `bigint` (exact over i64 and u64), a float is a `number`; so `1`, `1.0`, `"1"` and `true`
 * are four different values, also after a trip through text (spec/workflow.md §1, DESIGN.md "Values").
 *
 * Invariants:
 * 1. objects inherit nothing, so a key such as `__proto__` is only a key;
 * 2. text has its keys in ascending order of their UTF-8 bytes;
 * 3. `parseJson(toText(v))` is `v`.
 */

/** A node value. `bigint` is a JSON integer, `number` a JSON float. */
export type Value = null | boolean | string | bigint | number | readonly Value[] | ObjectValue;

/** A JSON object. Made by {@link object}; keys are in no particular order until they become text. */
export interface ObjectValue {
  readonly [key: string]: Value;
}

/** An object under construction. */
export type MutableObject = { [key: string]: Value };

/**
 * Makes empty objects. Their prototype is an empty frozen object that has none itself: nothing is inherited, not
 * even `__proto__`, and unlike `Object.create(null)` the engine keeps them in its fast representation.
 */
const EmptyObject = function () {} as unknown as new () => MutableObject;
EmptyObject.prototype = Object.freeze(Object.create(null) as object);

/** A new object that inherits nothing, holding `members`. */
export function object(members?: { readonly [key: string]: Value | undefined }): MutableObject {
  const made = new EmptyObject();
  if (members !== undefined) {
    for (const key of Object.keys(members)) {
      const value = members[key];
      if (value !== undefined) made[key] = value;
    }
  }
  return made;
}

/** True for a JSON object, false for null, arrays and scalars. */
export function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a JSON array. */
export function isArray(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The member `key` of `value`, or undefined when it has none of its own. */
export function member(value: ObjectValue, key: string): Value | undefined {
  return Object.prototype.hasOwnProperty.call(value, key) ? value[key] : undefined;
}

/** The JSON type of a value, as error messages name it. */
export function typeName(value: Value): "null" | "bool" | "number" | "string" | "array" | "object" {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
    case "number":
      return "number";
    case "string":
      return "string";
    default:
      return Array.isArray(value) ? "array" : "object";
  }
}

/** Orders keys by their UTF-8 bytes, which differs from UTF-16 order only where surrogates meet U+E000–U+FFFF. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // Move surrogates above the rest of the basic plane, where UTF-8 puts astral characters.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/** Units whose UTF-16 order is not that of UTF-8. */
const wideUnit = /[\ud800-\uffff]/;

/** The keys of an object in the order in which they are serialised. */
export function sortedKeys(value: ObjectValue): string[] {
  const keys = Object.keys(value);
  for (const key of keys) if (!keyLiterals.has(key) && wideUnit.test(key)) return keys.sort(compareKeys);
  if (keys.length > 16) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let at = i;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}

/** `"key":` of keys without wide units. The same few hundred keys make up nearly all of a journal. */
const keyLiterals = new Map<string, string>();
const MAX_KEY_LITERALS = 2048;

function keyLiteral(key: string): string {
  const known = keyLiterals.get(key);
  if (known !== undefined) return known;
  const literal = `${stringText(key)}:`;
  if (keyLiterals.size < MAX_KEY_LITERALS && key.length <= 32 && !wideUnit.test(key)) keyLiterals.set(key, literal);
  return literal;
}

/** Deep equality without any coercion: `1` is not `1.0`, `-0.0` equals `0.0` as numbers do. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isArray(a)) {
    if (!isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => equal(item, b[i] as Value));
  }
  if (isArray(b)) return false;
  const left = a;
  const right = b;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => {
    const other = member(right, key);
    return other !== undefined && equal(left[key] as Value, other);
  });
}

/**
 * Text of a finite float: shortest form that reads back the same, plain while 1e-5 ≤ |x| < 1e16, otherwise with an
 * exponent that has neither sign `+` nor padding (spec/workflow.md §1.4).
 */
export function floatText(x: number): string {
  const size = Math.abs(x);
  const text = String(x);
  if (size === 0) return Object.is(x, -0) ? "-0.0" : "0.0";
  if (size >= 1e-5 && size < 1e16) return Number.isInteger(x) ? `${text}.0` : text;
  return text.includes("e") ? text.replace("e+", "e") : exponentForm(text);
}

/** A plain decimal, which JavaScript writes from 1e-6 and up to 1e21, with an exponent. */
function exponentForm(text: string): string {
  const [, sign, whole, fraction = ""] = /^(-?)([0-9]+)\.?([0-9]*)$/.exec(text) as unknown as string[];
  const digits = `${whole}${fraction}`;
  const lead = digits.search(/[1-9]/);
  const significant = digits.slice(lead).replace(/0+$/, "");
  const rest = significant.slice(1);
  const exponent = (whole as string).length - 1 - lead;
  return `${sign}${significant.charAt(0)}${rest === "" ? "" : `.${rest}`}e${exponent}`;
}

const needsEscape = /["\\\u0000-\u001f]/;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * A JSON string literal: only `"`, `\` and C0 controls are escaped (spec/workflow.md §1.5). A lone surrogate, which
 * has no UTF-8 and which no parser of ours lets in, stands as U+FFFD, as it would once the text is encoded.
 */
export function stringText(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  // The platform's writer escapes exactly these, and lone surrogates too.
  return JSON.stringify(loneSurrogate.test(text) ? wellFormed(text) : text);
}

/** The text with U+FFFD in place of each lone surrogate: what is left of it in UTF-8. */
export function wellFormed(text: string): string {
  return loneSurrogate.test(text) ? text.replace(/\p{Surrogate}/gu, "\ufffd") : text;
}

/** Compact JSON text of a value, keys ascending. */
export function toText(value: Value): string {
  switch (typeof value) {
    case "string":
      return stringText(value);
    case "bigint":
      return integerText(value);
    case "number":
      return floatText(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      return value === null ? "null" : isArray(value) ? arrayText(value) : objectText(value);
  }
}

function arrayText(items: readonly Value[]): string {
  if (items.length === 0) return "[]";
  if (items.length > 64) return `[${items.map(toText).join(",")}]`;
  let out = `[${toText(items[0] as Value)}`;
  for (let i = 1; i < items.length; i++) out += `,${toText(items[i] as Value)}`;
  return `${out}]`;
}

function objectText(entries: ObjectValue): string {
  let out = "{";
  for (const key of sortedKeys(entries)) {
    const lead = out === "{" ? "" : ",";
    out += lead + keyLiteral(key) + toText(entries[key] as Value);
  }
  return `${out}}`;
}

/** Numbers up to 2^53 are written several times faster than bigints. */
function integerText(value: bigint): string {
  const near = Number(value);
  return Number.isSafeInteger(near) ? String(near) : value.toString();
}

/** Indented JSON text of a value (two blanks, keys ascending, `{}` and `[]` when empty; spec/workflow.md §1.8). */
export function toPrettyText(value: Value, indent = ""): string {
  if (typeof value !== "object" || value === null) return toText(value);
  const inner = `${indent}  `;
  if (isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => inner + toPrettyText(item, inner)).join(",\n")}\n${indent}]`;
  }
  const entries = value;
  const keys = sortedKeys(entries);
  if (keys.length === 0) return "{}";
  const lines = keys.map((key) => `${inner}${stringText(key)}: ${toPrettyText(entries[key] as Value, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/**
 * A value from plain JavaScript data (as libraries give it): a whole `number` becomes an integer, any other a
 * float; members that are undefined are left out, lone surrogates become U+FFFD. Throws TypeError for functions, symbols, NaN and infinities.
 */
export function fromPlain(data: unknown): Value {
  switch (typeof data) {
    case "boolean":
    case "bigint":
      return data;
    case "string":
      return wellFormed(data);
    case "number":
      if (!Number.isFinite(data)) throw new TypeError(`${data} is not a JSON number`);
      return Number.isSafeInteger(data) && !Object.is(data, -0) ? BigInt(data) : data;
    case "object": {
      if (data === null) return null;
      if (Array.isArray(data)) return data.map((item) => (item === undefined ? null : fromPlain(item)));
      const made = object();
      for (const [key, item] of Object.entries(data)) {
        if (item !== undefined) made[wellFormed(key)] = fromPlain(item);
      }
      return made;
    }
    default:
      throw new TypeError(`a ${typeof data} is not a JSON value`);
  }
}

/** Plain JavaScript data of a value, for libraries: integers become `number`s, so those beyond 2^53 lose precision. */
export function toPlain(value: Value): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map(toPlain);
  const entries = value;
  const made: Record<string, unknown> = {};
  for (const key of Object.keys(entries)) {
    Object.defineProperty(made, key, {
      value: toPlain(entries[key] as Value),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return made;
}

/** True when `value` is nested deeper than `limit` arrays and objects; a scalar has depth 0. */
export function deeperThan(value: Value, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit < 1) return true;
  if (isArray(value)) return value.some((item) => deeperThan(item, limit - 1));
  const entries = value;
  return Object.keys(entries).some((key) => deeperThan(entries[key] as Value, limit - 1));
}

/** JSON truthiness of a condition: false, null, numeric zero, `""`, `[]` and `{}` are false (spec/workflow.md §5.4). */
export function truthy(value: Value): boolean {
  if (value === null) return false;
  switch (typeof value) {
    case "boolean":
      return value;
    case "bigint":
      return value !== 0n;
    case "number":
      return value !== 0;
    case "string":
      return value !== "";
    default:
      return isArray(value) ? value.length > 0 : Object.keys(value).length > 0;
  }
}

/** The text that a template or a body shows for a value: a string as it is, anything else as compact JSON. */
export function displayText(value: Value): string {
  return typeof value === "string" ? value : toText(value);
}
