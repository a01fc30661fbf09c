/** The structural difference of two values (spec/workflow.md §8.1). */
import {
  compareKeys,
  equal,
  isArray,
  isObject,
  member,
  object,
  type MutableObject,
  type ObjectValue,
  type Value,
} from "../../graph/value.ts";

interface Difference {
  readonly added: MutableObject;
  readonly removed: MutableObject;
  readonly changed: MutableObject;
}

/** `{added, removed, changed, unchanged}`. Where two places have the same path, the later one in key order stays. */
export function difference(left: Value, right: Value): Value {
  const found: Difference = { added: object(), removed: object(), changed: object() };
  compare(left, right, "", found);
  const unchanged = [found.added, found.removed, found.changed].every((map) => Object.keys(map).length === 0);
  return object({ ...found, unchanged });
}

function compare(left: Value, right: Value, path: string, found: Difference): void {
  if (isObject(left) && isObject(right)) return compareMembers(left, right, path, found);
  if (isArray(left) && isArray(right)) return compareItems(left, right, path, found);
  if (!equal(left, right)) found.changed[path === "" ? "$" : path] = object({ from: left, to: right });
}

function compareMembers(left: ObjectValue, right: ObjectValue, path: string, found: Difference): void {
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort(compareKeys);
  for (const key of keys)
    compareSides(member(left, key), member(right, key), path === "" ? key : `${path}.${key}`, found);
}

function compareItems(left: readonly Value[], right: readonly Value[], path: string, found: Difference): void {
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i++) compareSides(left[i], right[i], `${path}[${i}]`, found);
}

function compareSides(left: Value | undefined, right: Value | undefined, path: string, found: Difference): void {
  if (left === undefined && right !== undefined) found.added[path] = right;
  else if (left !== undefined && right === undefined) found.removed[path] = left;
  else if (left !== undefined && right !== undefined) compare(left, right, path, found);
}
