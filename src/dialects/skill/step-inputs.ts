/**
 * What a step takes from steps before it: its `context`, and strings of its `inputs` that were meant for it
 * (spec/skill-graph.md §2.3).
 */
import { isArray, isObject } from "../../graph/value.ts";
import { at, type Cursor, type Reader } from "./reader.ts";

/** What compiling a step needs to know of the steps before it: id -> fan-out group. */
export type Earlier = Pick<ReadonlyMap<string, string | null>, "has" | "get">;

/** The `context` of a step: each entry names an output of an earlier step of another group. */
export function readContext(
  reader: Reader,
  cursor: Cursor,
  earlier: Earlier,
  group: string | null,
): Readonly<Record<string, string>> | undefined {
  const found = reader.stringMap(cursor);
  for (const [key, reference] of Object.entries(found ?? {})) {
    const place = at(cursor, key);
    const where = { path: place.path, part: "value" } as const;
    const dot = reference.indexOf(".");
    const source = reference.slice(0, Math.max(dot, 0));
    if (dot <= 0 || dot === reference.length - 1) {
      reader.error("context", `${place.label} must use '<step-id>.<output-field>' syntax.`, where);
    } else if (!earlier.has(source)) {
      reader.error("context", `${place.label} references unknown or later step '${source}'.`, where);
    } else if (group !== null && earlier.get(source) === group) {
      reader.error("context", `${place.label} cannot depend on another branch in the same fanout group.`, where);
    }
  }
  return found;
}

/** Refuses strings of `inputs` that name an output of an earlier step (seed page, "inputs and context"). */
export function refuseOutputReferences(reader: Reader, cursor: Cursor, earlier: Earlier): void {
  const { value } = cursor;
  if (typeof value === "string") {
    const dot = value.indexOf(".");
    if (dot <= 0 || dot === value.length - 1 || !earlier.has(value.slice(0, dot))) return;
    const message = `${cursor.label} looks like step output reference ${JSON.stringify(value)}; move it to context if you meant to read a previous step output.`;
    reader.error("input_reference", message, { path: cursor.path, part: "value" });
  } else if (isArray(value)) {
    value.forEach((_, i) => refuseOutputReferences(reader, at(cursor, i), earlier));
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) refuseOutputReferences(reader, at(cursor, key), earlier);
  }
}
