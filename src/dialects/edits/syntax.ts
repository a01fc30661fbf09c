/**
 * What the syntaxes of graph documents have in common for those who change them: keys, lists, and text within strings.
 * Plans of graph edits (`graph-plan.ts`) are made of these changes and know neither TOML nor YAML.
 *
 * Invariants of every change: it touches the construct it is about, or the point where one is inserted, and nothing
 * else; it throws {@link Refusal} where the text there could not be made out.
 */
import type { DocumentPath, Place } from "../../graph/diagnostic.ts";
import { isObject, type Value } from "../../graph/value.ts";
import type { SourceElement, SourceTree } from "../live/source.ts";
import type { TextEdit } from "./edit.ts";
import type { Fields } from "./intent.ts";
import { Refusal } from "./refusal.ts";

/** Changes of one text. All of them count from the text as it is, so several can be joined. */
export interface SyntaxEditor {
  /** Sets the value at a path; keys on the way that do not exist are made. `order`: keys that come first, in order. */
  set(path: DocumentPath, value: Value, order?: readonly string[]): TextEdit[];
  /** Takes out keys and items with their constructs. */
  remove(paths: readonly DocumentPath[]): TextEdit[];
  /** A new item in the list at `list`, behind item `after`; null: the last. The list is made where it is missing. */
  insert(list: DocumentPath, fields: Fields, after: number | null): TextEdit[];
  /** A value at the end of a plain list, which is made where it is missing. */
  append(list: DocumentPath, values: readonly Value[]): TextEdit[];
  /** Moves an item of a list to the place of another. */
  move(list: DocumentPath, from: number, to: number): TextEdit[];
  /** Copies an item behind itself with another value for `key`. */
  duplicate(list: DocumentPath, index: number, key: string, value: string): TextEdit[];
  /** Other words for a key, a string, or a stretch within a string. */
  replaceText(place: Place, text: string): TextEdit[];
}

/** The same tree, which finds each element once: the list of a large document is asked for with each of its items. */
export function remembering(source: SourceTree): SourceTree {
  const known = new Map<string, SourceElement | null>();
  return {
    at: (offset) => source.at(offset),
    span: (place) => source.span(place),
    range: (place) => source.range(place),
    element(path) {
      const key = JSON.stringify(path);
      let found = known.get(key);
      if (found === undefined) {
        found = source.element(path);
        known.set(key, found);
      }
      return found;
    },
  };
}

/** Deepest value that an edit writes. */
const MAX_DEPTH = 64;
/** Most values that one edit writes. */
const MAX_VALUES = 20_000;
/** Longest string that one edit writes, in UTF-16 units. */
const MAX_STRING = 1_000_000;

/** Refuses values that are too large to be written in one edit, and numbers that are none. */
export function checkSize(value: Value): void {
  let values = 0;
  const stack: { value: Value; depth: number }[] = [{ value, depth: 0 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { depth } = top;
    const one = top.value;
    if (++values > MAX_VALUES || depth > MAX_DEPTH || (typeof one === "string" && one.length > MAX_STRING))
      throw new Refusal("edit_limit", "the value is larger than an edit may write");
    if (typeof one === "number" && !Number.isFinite(one))
      throw new Refusal("edit_not_expressible", "a number must be finite");
    if (Array.isArray(one)) for (const item of one) stack.push({ value: item as Value, depth: depth + 1 });
    else if (isObject(one))
      for (const key of Object.keys(one)) stack.push({ value: one[key] as Value, depth: depth + 1 });
  }
}
