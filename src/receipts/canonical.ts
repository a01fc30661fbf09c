/**
 * The canonical form `runx.receipt.c14n.v1` (spec/skill-graph.md §6.2): JSON without white space, keys in the order
 * of their code points, strings with the fewest escapes, numbers as JavaScript prints them.
 *
 * For envelopes only. Node values have a form of their own (`value-digest.ts`), in which `1` and `1.0` differ.
 */
import { compareKeys } from "../graph/value.ts";

/** Canonical text of plain JSON data. Members that are undefined are left out. Throws TypeError for what is no JSON. */
export function canonicalText(data: unknown): string {
  if (data === null) return "null";
  switch (typeof data) {
    case "boolean":
      return data ? "true" : "false";
    case "string":
      return JSON.stringify(data);
    case "number":
      if (!Number.isFinite(data)) throw new TypeError(`${data} is no JSON number`);
      return JSON.stringify(data);
    case "object":
      return Array.isArray(data) ? arrayText(data) : canonicalObject(data);
    default:
      throw new TypeError(`a ${typeof data} is no JSON value`);
  }
}

/**
 * As {@link canonicalText}, faster for data whose keys are in order already, as they are in what was read from a canonical
 * text: the platform's own writer gives the same text for it.
 */
export function canonicalTextOf(data: unknown): string {
  return isOrdered(data) ? JSON.stringify(data) : canonicalText(data);
}

/** True for plain data that both writers write alike: ordered plain keys, nothing undefined, finite numbers. */
function isOrdered(data: unknown): boolean {
  switch (typeof data) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(data);
    case "object":
      return data === null || (Array.isArray(data) ? data.every(isOrdered) : isOrderedObject(data));
    default:
      return false;
  }
}

function isOrderedObject(data: object): boolean {
  if (Object.getPrototypeOf(data) !== Object.prototype) return false;
  const members = data as Readonly<Record<string, unknown>>;
  let last = "";
  for (const key of Object.keys(members)) {
    if (key <= last || !isPlain(key) || !isOrdered(members[key])) return false;
    last = key;
  }
  return true;
}

function isPlain(key: string): boolean {
  return knownKeys.has(key) || plainKey.test(key);
}

function arrayText(items: readonly unknown[]): string {
  let out = "[";
  for (let at = 0; at < items.length; at++) out += (at === 0 ? "" : ",") + canonicalText(items[at]);
  return `${out}]`;
}

/** Canonical text of an object. */
function canonicalObject(data: object): string {
  const members = data as Readonly<Record<string, unknown>>;
  let out = "{";
  for (const key of orderedKeys(members)) {
    const value = members[key];
    if (value === undefined) continue;
    out += `${out === "{" ? "" : ","}${keyText(key)}:${canonicalText(value)}`;
  }
  return `${out}}`;
}

/** Keys that are plain identifiers, as all of the format's own are, need no code point order and no escapes. */
const plainKey = /^[a-z0-9_]+$/;
const knownKeys = new Map<string, string>();
const MAX_KNOWN_KEYS = 512;

function orderedKeys(members: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(members);
  let plain = true;
  let ordered = true;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] ?? "";
    if (!isPlain(key)) plain = false;
    if (at > 0 && (keys[at - 1] ?? "") > key) ordered = false;
  }
  // What was read from a canonical text is in order already.
  if (plain && ordered) return keys;
  return plain ? keys.sort() : keys.sort(compareKeys);
}

function keyText(key: string): string {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify(key);
  if (knownKeys.size < MAX_KNOWN_KEYS && plainKey.test(key)) knownKeys.set(key, text);
  return text;
}
