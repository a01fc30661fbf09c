/** What a language model is told of a value: types, names of members, and lengths; never the value (spec/editor.md §7). Pure. */
import { isArray, isObject, type Value } from "../../graph/value.ts";

/** How deep, and how many members of an object, are told. */
const MAX_DEPTH = 4;
const MAX_MEMBERS = 40;

/** A value without what it says. */
export type Shape =
  | { readonly type: "null" | "boolean" | "integer" | "number" }
  | { readonly type: "string"; readonly length: number }
  | { readonly type: "array"; readonly length: number; readonly first?: Shape }
  | {
      readonly type: "object";
      readonly length: number;
      readonly members?: Readonly<Record<string, Shape>>;
      /** Members that are left out. */
      readonly more?: number;
    };

/** The shape of a value. Lengths of texts are in UTF-16 units, of arrays and objects in members. */
export function shapeOf(value: Value, depth = 0): Shape {
  if (value === null) return { type: "null" };
  if (typeof value === "string") return { type: "string", length: value.length };
  if (typeof value === "boolean") return { type: "boolean" };
  if (typeof value === "bigint") return { type: "integer" };
  if (typeof value === "number") return { type: "number" };
  if (isArray(value)) {
    const [first] = value;
    const told = first === undefined || depth >= MAX_DEPTH ? {} : { first: shapeOf(first, depth + 1) };
    return { type: "array", length: value.length, ...told };
  }
  if (!isObject(value)) return { type: "null" };
  const names = Object.keys(value).sort();
  if (depth >= MAX_DEPTH) return { type: "object", length: names.length };
  const told = names.slice(0, MAX_MEMBERS);
  const members = Object.fromEntries(told.map((name) => [name, shapeOf(value[name] ?? null, depth + 1)]));
  const more = names.length - told.length;
  return { type: "object", length: names.length, members, ...(more > 0 ? { more } : {}) };
}
