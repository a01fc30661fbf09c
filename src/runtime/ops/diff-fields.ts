/** Differences of plain data by path, for people: what was there, what is there (pure, bounded). */

/** One field that differs; null for a side that does not have it. */
export interface FieldChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Fields that are listed of one part. */
const MAX_FIELDS = 200;
/** Characters of a value that are shown. */
const MAX_SHOWN = 300;
const MAX_DEPTH = 24;

/** Where `before` and `after` differ. Objects are compared member by member, lists item by item. */
export function changedFields(before: unknown, after: unknown): readonly FieldChange[] {
  const found: FieldChange[] = [];
  walk("", before, after, found, 0);
  return found.slice(0, MAX_FIELDS);
}

function walk(path: string, before: unknown, after: unknown, found: FieldChange[], depth: number): void {
  if (found.length >= MAX_FIELDS || Object.is(before, after)) return;
  const [a, b] = [partsOf(before), partsOf(after)];
  if (a === null || b === null || Array.isArray(before) !== Array.isArray(after) || depth > MAX_DEPTH) {
    const [was, is] = [fieldText(before), fieldText(after)];
    if (was !== is) found.push({ path, before: was, after: is });
    return;
  }
  const list = Array.isArray(before);
  for (const key of [...new Set([...a.keys(), ...b.keys()])].sort(list ? byNumber : undefined)) {
    const below = list ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    walk(below, a.get(key), b.get(key), found, depth + 1);
  }
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}

function partsOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== "object" || value === null) return null;
  return new Map(Object.entries(value));
}

/** A value as one line; null for one that is not there. Integers and floats keep their kind: `1` and `1.0`. */
export function fieldText(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? Number(part) : part)) ?? "";
  const shown = typeof value === "bigint" ? value.toString() : text;
  return shown.length <= MAX_SHOWN ? shown : `${shown.slice(0, MAX_SHOWN)}…`;
}
