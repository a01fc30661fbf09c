/**
 * Dotted references into values: `node.member.0.member` (spec/workflow.md §4.3) and the relative paths that
 * templates and `json_select` walk (§4.4, §4.7).
 */
import { isArray, isObject, member, type Value } from "./value.ts";

/** The head (a node id or `trigger`) and the segments below it, exactly as split at `.`; empty segments stay. */
export function splitReference(reference: string): { head: string; rest: string[] } {
  const segments = reference.split(".");
  return { head: segments[0] as string, rest: segments.slice(1) };
}

/** The head alone. */
export function headOf(reference: string): string {
  const dot = reference.indexOf(".");
  return dot < 0 ? reference : reference.slice(0, dot);
}

const indexText = /^\+?[0-9]+$/;

/** One step down: a member of an object, an element of an array by an unsigned decimal (`00`, `+0` and `01` count). */
export function step(value: Value, segment: string): Value | undefined {
  if (isObject(value)) return member(value, segment);
  if (isArray(value) && indexText.test(segment)) return value[Number(segment)];
  return undefined;
}

/** Walks `segments` below `value`; undefined on a miss. Empty segments are looked up like any other. */
export function walk(value: Value, segments: readonly string[]): Value | undefined {
  let at: Value | undefined = value;
  for (const segment of segments) {
    if (at === undefined) return undefined;
    at = step(at, segment);
  }
  return at;
}

/** Walks a relative path whose empty segments are skipped: `.x` is `x`, `""` is the whole value. */
export function select(value: Value, path: string): Value | undefined {
  return walk(
    value,
    path.split(".").filter((segment) => segment !== ""),
  );
}
