/** Inputs that stand for a part of the graph's own input: `$input.a.b` and `{{ a.b }}` (spec/skill-graph.md §2.4). */
import { select } from "../../graph/reference.ts";
import { isArray, isObject, object, type ObjectValue, type Value } from "../../graph/value.ts";

const inputBinding = /^\$input\.(.+)$/s;
const bracesBinding = /^\{\{\s*([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)\s*\}\}$/;

/** The path of a string that stands for a graph input as a whole; null for any other string. */
export function bindingPath(text: string): string | null {
  const match = inputBinding.exec(text) ?? bracesBinding.exec(text);
  return match === null ? null : (match[1] as string);
}

/** A value with its bindings resolved; what does not resolve is left out (undefined at the top). */
export function bind(value: Value, payload: ObjectValue): Value | undefined {
  if (typeof value === "string") {
    const path = bindingPath(value);
    return path === null ? value : select(payload, path);
  }
  if (isArray(value)) {
    return value.map((item) => bind(item, payload)).filter((item): item is Value => item !== undefined);
  }
  if (!isObject(value)) return value;
  const made = object();
  for (const key of Object.keys(value)) {
    const bound = bind(value[key] as Value, payload);
    if (bound !== undefined) made[key] = bound;
  }
  return made;
}
