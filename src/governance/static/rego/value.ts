/**
 * Values of policy code: JSON, plus sets and objects with keys of any kind.
 *
 * Boundary: pure; {@link fromValue} and {@link toValue} lead to and from the project's node values.
 * Invariants: a number stands in one form only (`number` while it is a safe integer or has a fraction, `bigint` for
 * every other integer), so that equal numbers are identical and `1` is `1.0`; sets and objects never change once
 * they are built, so their order and text are found once.
 */
import { compareKeys, isArray, object, type Value } from "../../../graph/value.ts";

/** A value of policy code. */
export type RegoValue = null | boolean | string | number | bigint | readonly RegoValue[] | RegoObject | RegoSet;

/** What a value is found by in a map: equal values have the same key, different ones different keys. */
export type Key = null | boolean | string | number | bigint;

const composite = "\u0000c";
const plain = "\u0000s";

/** The key of a value. */
export function keyOf(value: RegoValue): Key {
  if (typeof value === "string") return value.charCodeAt(0) === 0 ? plain + value : value;
  if (typeof value !== "object" || value === null) return value;
  return composite + textOf(value);
}

/** A set. */
export class RegoSet {
  private readonly members: ReadonlyMap<Key, RegoValue>;
  private order: readonly RegoValue[] | null = null;
  private written: string | null = null;

  constructor(members: ReadonlyMap<Key, RegoValue>) {
    this.members = members;
  }

  get size(): number {
    return this.members.size;
  }

  has(value: RegoValue): boolean {
    return this.members.has(keyOf(value));
  }

  /** The members in the order of values. */
  sorted(): readonly RegoValue[] {
    this.order ??= [...this.members.values()].sort(compare);
    return this.order;
  }

  /** The canonical text. */
  text(): string {
    this.written ??= `<${this.sorted().map(textOf).join(",")}>`;
    return this.written;
  }
}

/** One member of an object. */
export type Entry = readonly [key: RegoValue, value: RegoValue];

/** An object. */
export class RegoObject {
  private readonly members: ReadonlyMap<Key, Entry>;
  private order: readonly Entry[] | null = null;
  private written: string | null = null;

  constructor(members: ReadonlyMap<Key, Entry>) {
    this.members = members;
  }

  get size(): number {
    return this.members.size;
  }

  get(key: RegoValue): RegoValue | undefined {
    return this.members.get(keyOf(key))?.[1];
  }

  /** The members in no particular order. */
  entries(): Iterable<Entry> {
    return this.members.values();
  }

  /** The members in the order of their keys. */
  sorted(): readonly Entry[] {
    this.order ??= [...this.members.values()].sort((a, b) => compare(a[0], b[0]));
    return this.order;
  }

  /** The canonical text. */
  text(): string {
    this.written ??= `{${this.sorted()
      .map(([key, value]) => `${textOf(key)}:${textOf(value)}`)
      .join(",")}}`;
    return this.written;
  }
}

export const emptyObject = new RegoObject(new Map());
export const emptySet = new RegoSet(new Map());

/** A set of values. */
export function setOf(values: Iterable<RegoValue>): RegoSet {
  const members = new Map<Key, RegoValue>();
  for (const value of values) members.set(keyOf(value), value);
  return new RegoSet(members);
}

/** An object of members; a later member of a key stands for an earlier one. */
export function objectOf(entries: Iterable<Entry>): RegoObject {
  const members = new Map<Key, Entry>();
  for (const entry of entries) members.set(keyOf(entry[0]), entry);
  return new RegoObject(members);
}

/** True for an array. */
export function isList(value: RegoValue | undefined): value is readonly RegoValue[] {
  return Array.isArray(value);
}

/** True for a number. */
export function isNumber(value: RegoValue | undefined): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The one form of an integer. */
export function integer(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** The one form of a float; null for what is no finite number. */
export function float(value: number): number | bigint | null {
  if (!Number.isFinite(value)) return null;
  if (!Number.isInteger(value)) return value;
  return Number.isSafeInteger(value) ? value + 0 || 0 : BigInt(value);
}

/** True for a number without a fraction. */
export function isWhole(value: RegoValue): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

/** Injective text of a value: the key of composite values, and short messages. */
export function textOf(value: RegoValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isList(value)) return `[${value.map(textOf).join(",")}]`;
  return value.text();
}

/** Deep equality. */
export function same(a: RegoValue, b: RegoValue): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => same(item, b[i] as RegoValue));
  if (isList(b) || a.size !== b.size) return false;
  if (a instanceof RegoSet) return b instanceof RegoSet && a.text() === b.text();
  return b instanceof RegoObject && a.text() === b.text();
}

/** The published order: null, booleans, numbers, strings, arrays, objects, sets. */
function rank(value: RegoValue): number {
  switch (typeof value) {
    case "boolean":
      return 1;
    case "number":
    case "bigint":
      return 2;
    case "string":
      return 3;
    default:
      if (value === null) return 0;
      return isList(value) ? 4 : value instanceof RegoObject ? 5 : 6;
  }
}

/** Orders any two values; negative when `a` comes first. */
export function compare(a: RegoValue, b: RegoValue): number {
  if (a === b) return 0;
  const order = rank(a) - rank(b);
  if (order !== 0) return order;
  if (typeof a === "string") return compareKeys(a, b as string);
  if (typeof a === "boolean") return a ? 1 : -1;
  if (isNumber(a)) return a < (b as number | bigint) ? -1 : a > (b as number | bigint) ? 1 : 0;
  if (isList(a)) return compareLists(a, b as readonly RegoValue[]);
  if (a instanceof RegoSet) return compareLists(a.sorted(), (b as RegoSet).sorted());
  if (a instanceof RegoObject && b instanceof RegoObject) {
    const [left, right] = [a.sorted(), b.sorted()];
    for (let i = 0; i < left.length && i < right.length; i++) {
      const [l, r] = [left[i] as Entry, right[i] as Entry];
      const found = compare(l[0], r[0]) || compare(l[1], r[1]);
      if (found !== 0) return found;
    }
    return left.length - right.length;
  }
  return 0;
}

function compareLists(a: readonly RegoValue[], b: readonly RegoValue[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const found = compare(a[i] as RegoValue, b[i] as RegoValue);
    if (found !== 0) return found;
  }
  return a.length - b.length;
}

/** The type's name as the language's built-in `type_name` gives it. */
export function typeName(value: RegoValue): string {
  return ["null", "boolean", "number", "string", "array", "object", "set"][rank(value)] as string;
}

/** A node value as policy code sees it; null when it is nested deeper than `depth`. */
export function fromValue(value: Value, depth = 256): RegoValue | undefined {
  if (typeof value === "number") return float(value) ?? undefined;
  if (typeof value === "bigint") return integer(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth < 1) return undefined;
  if (isArray(value)) {
    const made: RegoValue[] = [];
    for (const item of value) {
      const one = fromValue(item, depth - 1);
      if (one === undefined) return undefined;
      made.push(one);
    }
    return made;
  }
  const members = new Map<Key, Entry>();
  for (const name of Object.keys(value)) {
    const one = fromValue(value[name] as Value, depth - 1);
    if (one === undefined) return undefined;
    members.set(keyOf(name), [name, one]);
  }
  return new RegoObject(members);
}

/** The JSON form: sets become sorted arrays, keys that are no strings their text. Integers stay exact. */
export function toValue(value: RegoValue): Value {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(toValue);
  if (value instanceof RegoSet) return value.sorted().map(toValue);
  const made = object();
  for (const [key, item] of value.sorted()) made[typeof key === "string" ? key : jsonText(key)] = toValue(item);
  return made;
}

/** Compact JSON of a value as the language's `json.marshal` writes it: keys ascending, sets as arrays. */
export function jsonText(value: RegoValue): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isList(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value instanceof RegoSet) return `[${value.sorted().map(jsonText).join(",")}]`;
  const named = value.sorted().map(([key, item]) => [typeof key === "string" ? key : jsonText(key), item] as const);
  const members = named.sort(([a], [b]) => compareKeys(a, b)).map(([key, item]) => `${quoted(key)}:${jsonText(item)}`);
  return `{${members.join(",")}}`;
}

/** JSON as the reference writes it: `<`, `>`, `&` and the line separators are escaped too. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A number's text: integers in full, else the shortest decimal that reads back the same. */
export function numberText(value: number | bigint): string {
  const text = String(value);
  return text.includes("e") ? text.replace("e+", "e") : text;
}

/** Most digits of an integer that a text may hold: 8192 bits. */
export const MAX_DIGITS = 2_466;
