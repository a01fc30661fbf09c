/**
 * Reading one table or an array of tables by its schema, with every problem at its place.
 */
import type { z } from "zod";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { Problems } from "./problems.ts";
import { isTable } from "./toml.ts";

/** What the schema makes of `raw`; null after a problem. */
export function readTable<S extends z.ZodObject>(
  schema: S,
  raw: unknown,
  at: DocumentPath,
  problems: Problems,
  remap?: (path: DocumentPath) => DocumentPath,
): z.output<S> | null {
  if (!isTable(raw)) {
    problems.wrongType(at, "a table", raw);
    return null;
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  problems.addIssues(schema, raw, at, result.error.issues, remap);
  return null;
}

/** As {@link readTable}, for a table that may be absent. */
export function readOptional<S extends z.ZodObject>(
  schema: S,
  raw: unknown,
  at: DocumentPath,
  problems: Problems,
): z.output<S> | null {
  return raw === undefined ? null : readTable(schema, raw, at, problems);
}

/** Everything that `read` makes of the elements of an array of tables, `at` their paths; absent means empty. */
export function readEach<T>(
  raw: unknown,
  at: DocumentPath,
  problems: Problems,
  read: (item: unknown, at: () => DocumentPath, index: number) => T | null,
): T[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    const name = String(at[at.length - 1]);
    problems.wrongType(at, `an array of tables, written [[${name}]]`, raw);
    return [];
  }
  const made: T[] = [];
  for (let i = 0; i < raw.length && !problems.full; i++) {
    const one = read(raw[i], () => at.concat(i), i);
    if (one !== null) made.push(one);
  }
  return made;
}

/** As {@link readEach}, each element by `schema`. */
export function readTables<S extends z.ZodObject, T>(
  schema: S,
  raw: unknown,
  at: DocumentPath,
  problems: Problems,
  make: (fields: z.output<S>, at: DocumentPath, index: number) => T,
): T[] {
  return readEach(raw, at, problems, (item, pathOf, index) => {
    const path = pathOf();
    const fields = readTable(schema, item, path, problems);
    return fields === null ? null : make(fields, path, index);
  });
}
