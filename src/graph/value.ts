/**
 * Node values: JSON whose numbers keep their kind and exact value through a whole run.
 *
 * An integer is a `bigint` (exact over i64 and u64), a float is a `number`; so `1`, `1.0`, `"1"` and `true`
 * are four different values, also after a trip through text (spec/workflow.md §1, DESIGN.md "Values").
 *
 * Invariants:
 * 1. objects have no prototype, so a key such as `__proto__` is only a key;
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

/** A new object without a prototype, holding `members`. */
export function object(members?: { readonly [key: string]: Value | undefined }): MutableObject {
  const made = Object.create(null) as MutableObject;
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

/** The keys of an object in the order in which they are serialised. */
export function sortedKeys(value: ObjectValue): string[] {
  const keys = Object.keys(value);
  return keys.length < 2 ? keys : keys.sort(compareKeys);
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
  const left = a as ObjectValue;
  const right = b as ObjectValue;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => {
    const other = member(right, key);
    return other !== undefined && equal(left[key] as Value, other);
  });
}

/**
 * Text of a float: shortest form that reads back the same, plain while 1e-5 ≤ |x| < 1e16, otherwise with an
 * exponent that has neither sign `+` nor padding (spec/workflow.md §1.4).
 */
export function floatText(x: number): string {
  if (Number.isInteger(x) && Math.abs(x) < 1e16) return Object.is(x, -0) ? "-0.0" : `${x}.0`;
  const text = String(x);
  const at = text.indexOf("e");
  if (at < 0) return Math.abs(x) < 1e16 ? text : exponentForm(text);
  const exponent = Number(text.slice(at + 1));
  if (exponent >= 0) return `${text.slice(0, at)}e${exponent}`;
  if (exponent < -5) return `${text.slice(0, at)}e${exponent}`;
  return plainSmall(text.slice(0, at), exponent);
}

/** `1.5e-5`, given as mantissa and exponent, without an exponent. */
function plainSmall(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
}

/** A whole number of 17 to 21 digits, which JavaScript prints plainly, with an exponent. */
function exponentForm(text: string): string {
  const sign = text.startsWith("-") ? "-" : "";
  const digits = sign === "" ? text : text.slice(1);
  const significant = digits.replace(/0+$/, "");
  const fraction = significant.slice(1);
  return `${sign}${significant.charAt(0)}${fraction === "" ? "" : `.${fraction}`}e${digits.length - 1}`;
}

const needsEscape = /["\\\u0000-\u001f]/;

/** A JSON string literal: only `"`, `\` and C0 controls are escaped (spec/workflow.md §1.5). */
export function stringText(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  let out = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code !== 0x22 && code !== 0x5c) continue;
    out += text.slice(from, i) + escaped(code);
    from = i + 1;
  }
  return `${out}${text.slice(from)}"`;
}

function escaped(code: number): string {
  switch (code) {
    case 0x22:
      return '\\"';
    case 0x5c:
      return "\\\\";
    case 0x08:
      return "\\b";
    case 0x09:
      return "\\t";
    case 0x0a:
      return "\\n";
    case 0x0c:
      return "\\f";
    case 0x0d:
      return "\\r";
    default:
      return `\\u${code.toString(16).padStart(4, "0")}`;
  }
}

/** Compact JSON text of a value, keys ascending. */
export function toText(value: Value): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return value.toString();
    case "number":
      return floatText(value);
    case "string":
      return stringText(value);
    default: {
      if (isArray(value)) return `[${value.map(toText).join(",")}]`;
      const entries = value as ObjectValue;
      return `{${sortedKeys(entries)
        .map((key) => `${stringText(key)}:${toText(entries[key] as Value)}`)
        .join(",")}}`;
    }
  }
}

/** Indented JSON text of a value (two blanks, keys ascending, `{}` and `[]` when empty; spec/workflow.md §1.8). */
export function toPrettyText(value: Value, indent = ""): string {
  if (typeof value !== "object" || value === null) return toText(value);
  const inner = `${indent}  `;
  if (isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => inner + toPrettyText(item, inner)).join(",\n")}\n${indent}]`;
  }
  const entries = value as ObjectValue;
  const keys = sortedKeys(entries);
  if (keys.length === 0) return "{}";
  const lines = keys.map((key) => `${inner}${stringText(key)}: ${toPrettyText(entries[key] as Value, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/**
 * A value from plain JavaScript data (as libraries give it): a whole `number` becomes an integer, any other a
 * float; members that are undefined are left out. Throws TypeError for functions, symbols, NaN and infinities.
 */
export function fromPlain(data: unknown): Value {
  switch (typeof data) {
    case "boolean":
    case "string":
    case "bigint":
      return data;
    case "number":
      if (!Number.isFinite(data)) throw new TypeError(`${data} is not a JSON number`);
      return Number.isSafeInteger(data) && !Object.is(data, -0) ? BigInt(data) : data;
    case "object": {
      if (data === null) return null;
      if (Array.isArray(data)) return data.map((item) => (item === undefined ? null : fromPlain(item)));
      const made = object();
      for (const [key, item] of Object.entries(data)) {
        if (item !== undefined) made[key] = fromPlain(item);
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
  const entries = value as ObjectValue;
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
