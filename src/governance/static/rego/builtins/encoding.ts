/** JSON, base64, hexadecimal and URL texts, versions, and walking through a document. */
import { parseJson } from "../../../../graph/json.ts";
import { fromValue, isList, jsonText, objectOf, RegoObject, RegoSet, type Entry, type RegoValue } from "../value.ts";
import type { Budget } from "../limits.ts";
import type { Builtin, BuiltinTable } from "./builtin.ts";
import { membersOf } from "./collections.ts";

type Result = RegoValue | undefined;

const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const urlSafe = `${standard.slice(0, 62)}-_`;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function toBase64(bytes: Uint8Array, alphabet: string, pad: boolean): string {
  let made = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const word = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    made += alphabet.charAt(word >> 18) + alphabet.charAt((word >> 12) & 63);
    made += left > 1 ? alphabet.charAt((word >> 6) & 63) : pad ? "=" : "";
    made += left > 2 ? alphabet.charAt(word & 63) : pad ? "=" : "";
  }
  return made;
}

function fromBase64(text: string, alphabet: string): Uint8Array | null {
  const bare = text.replace(/={1,2}$/, "");
  if (bare.length % 4 === 1 || (bare.length !== text.length && text.length % 4 !== 0)) return null;
  const bytes = new Uint8Array(Math.floor((bare.length * 3) / 4));
  let [word, bits, filled] = [0, 0, 0];
  for (const char of bare) {
    const value = alphabet.indexOf(char);
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[filled++] = (word >> bits) & 0xff;
  }
  return bytes;
}

/** The text of bytes; undefined for bytes that are no UTF-8, which policy code cannot hold. */
function textOf(bytes: Uint8Array | null): Result {
  if (bytes === null) return undefined;
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function text(size: number, run: (given: string) => Result): Builtin["run"] {
  return ([given], { budget }) => {
    if (typeof given !== "string") return undefined;
    budget.grow(given.length * size);
    return run(given);
  };
}

const utf8 = new TextEncoder();

function fromHex(given: string): Uint8Array | null {
  if (given.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(given)) return null;
  return Uint8Array.from({ length: given.length / 2 }, (_none, i) => parseInt(given.slice(i * 2, i * 2 + 2), 16));
}

/** As Go's `url.QueryEscape`. */
function queryEscape(given: string): string {
  return encodeURIComponent(given)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

function queryUnescape(given: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(given)) return undefined;
  try {
    return decodeURIComponent(given.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function encodeObject([value]: readonly RegoValue[], { budget }: { readonly budget: Budget }): Result {
  if (!(value instanceof RegoObject)) return undefined;
  const parts: string[] = [];
  for (const [key, item] of value.sorted()) {
    const items = typeof item === "string" ? [item] : membersOf(item);
    if (typeof key !== "string" || items === null) return undefined;
    for (const one of items) {
      if (typeof one !== "string") return undefined;
      budget.grow((key.length + one.length) * 3);
      parts.push(`${queryEscape(key)}=${queryEscape(one)}`);
    }
  }
  return parts.join("&");
}

function decodeObject(given: string): Result {
  const found = new Map<string, string[]>();
  for (const part of given.split("&").filter((one) => one !== "")) {
    const at = part.indexOf("=");
    const key = queryUnescape(at < 0 ? part : part.slice(0, at));
    const value = queryUnescape(at < 0 ? "" : part.slice(at + 1));
    if (key === undefined || value === undefined) return undefined;
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return objectOf(found);
}

function unmarshal(given: string): Result {
  const parsed = parseJson(given);
  return parsed.ok ? fromValue(parsed.value) : undefined;
}

/** A path of `json.filter` and `json.remove`: an array, or names parted by `/`. */
function pathsOf(value: RegoValue | undefined): readonly (readonly RegoValue[])[] | null {
  const items = membersOf(value);
  if (items === null) return null;
  const paths = items.map((one) => {
    if (isList(one)) return one;
    if (typeof one !== "string") return null;
    const bare = one.startsWith("/") ? one.slice(1) : one;
    return bare === "" ? [] : bare.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  });
  return paths.every((path) => path !== null) ? paths : null;
}

/** Names and indexes alike, since a path in one text cannot tell them apart. */
function pathText(part: RegoValue | undefined): string {
  return typeof part === "string" ? part : part === undefined ? "" : jsonText(part);
}

/** What the paths leave of a value (`remove`) or lead to in it (`filter`). */
function cut(value: RegoValue, paths: readonly (readonly RegoValue[])[], keep: boolean, budget: Budget): RegoValue {
  if (keep && paths.some((path) => path.length === 0)) return value;
  budget.work(paths.length);
  const below = (key: RegoValue): readonly (readonly RegoValue[])[] =>
    paths.flatMap((path) => (path.length > 0 && pathText(path[0]) === pathText(key) ? [path.slice(1)] : []));
  const visit = (key: RegoValue, item: RegoValue): RegoValue | undefined => {
    budget.grow(1);
    budget.work(paths.length);
    const deeper = below(key);
    if (deeper.length === 0) return keep ? undefined : item;
    if (!keep && deeper.some((path) => path.length === 0)) return undefined;
    return cut(item, deeper, keep, budget);
  };
  if (isList(value)) return value.flatMap((item, i) => visit(i, item) ?? []);
  if (!(value instanceof RegoObject)) return value;
  const entries: Entry[] = [];
  for (const [key, item] of value.entries()) {
    const left = visit(key, item);
    if (left !== undefined) entries.push([key, left]);
  }
  return objectOf(entries);
}

/** `[path, value]` of everything in a document, itself included. */
const walk: Builtin["run"] = ([value], { budget }) => {
  if (value === undefined) return undefined;
  const found: RegoValue[] = [];
  const visit = (path: readonly RegoValue[], at: RegoValue): void => {
    budget.step();
    budget.grow(path.length + 2);
    found.push([path, at]);
    if (isList(at)) at.forEach((item, i) => visit([...path, i], item));
    else if (at instanceof RegoObject) for (const [key, item] of at.sorted()) visit([...path, key], item);
    else if (at instanceof RegoSet) for (const item of at.sorted()) visit([...path, item], item);
  };
  visit([], value);
  return found;
};

const version =
  /^(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

function compareVersions([a, b]: readonly RegoValue[]): Result {
  const [left, right] = [a, b].map((one) => (typeof one === "string" && one.length < 256 ? version.exec(one) : null));
  if (left === null || left === undefined || right === null || right === undefined) return undefined;
  for (let i = 1; i <= 3; i++) {
    const order = Number(left[i]) - Number(right[i]);
    if (order !== 0) return Math.sign(order);
  }
  const [x, y] = [left[4], right[4]];
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
  const [xs, ys] = [x.split("."), y.split(".")];
  for (let i = 0; i < Math.max(xs.length, ys.length); i++) {
    const [one, other] = [xs[i], ys[i]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const [n, m] = [/^[0-9]+$/.test(one), /^[0-9]+$/.test(other)];
    const order =
      n && m ? Number(one) - Number(other) : n !== m ? (n ? -1 : 1) : one < other ? -1 : one > other ? 1 : 0;
    if (order !== 0) return Math.sign(order);
  }
  return 0;
}

export const encodingBuiltins: BuiltinTable = {
  "json.marshal": [
    1,
    ([value], { budget }) => {
      if (value === undefined) return undefined;
      const made = jsonText(value);
      budget.grow(made.length);
      return made;
    },
  ],
  "json.unmarshal": [1, text(1, unmarshal)],
  "json.is_valid": [1, text(1, (given) => parseJson(given).ok)],
  "json.filter": [2, cutBy(true)],
  "json.remove": [2, cutBy(false)],
  "base64.encode": [1, text(2, (given) => toBase64(utf8.encode(given), standard, true))],
  "base64.decode": [1, text(1, (given) => (given.length % 4 === 0 ? textOf(fromBase64(given, standard)) : undefined))],
  "base64.is_valid": [1, text(1, (given) => given.length % 4 === 0 && fromBase64(given, standard) !== null)],
  "base64url.encode": [1, text(2, (given) => toBase64(utf8.encode(given), urlSafe, true))],
  "base64url.encode_no_pad": [1, text(2, (given) => toBase64(utf8.encode(given), urlSafe, false))],
  "base64url.decode": [1, text(1, (given) => textOf(fromBase64(given, urlSafe)))],
  "hex.encode": [
    1,
    text(2, (given) => [...utf8.encode(given)].map((byte) => byte.toString(16).padStart(2, "0")).join("")),
  ],
  "hex.decode": [1, text(1, (given) => textOf(fromHex(given)))],
  "urlquery.encode": [1, text(3, queryEscape)],
  "urlquery.decode": [1, text(1, queryUnescape)],
  "urlquery.encode_object": [1, encodeObject],
  "urlquery.decode_object": [1, text(2, decodeObject)],
  "semver.is_valid": [1, ([one]) => typeof one === "string" && one.length < 256 && version.test(one)],
  "semver.compare": [2, compareVersions],
  "internal.walk": [1, walk],
};

function cutBy(keep: boolean): Builtin["run"] {
  return ([value, paths], { budget }) => {
    const found = pathsOf(paths);
    return value instanceof RegoObject && found !== null ? cut(value, found, keep, budget) : undefined;
  };
}
