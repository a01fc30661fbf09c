/**
 * What a schema says about one place in its values: the fields of the table there. Used for "did you mean" and for
 * completion of keys.
 */
import { z } from "zod";
import type { DocumentPath } from "../../graph/diagnostic.ts";

/** A table's fields by name. */
export type Fields = Readonly<Record<string, z.ZodType>>;

/** The fields of the table at `path` below a value of `schema`; null when there is no table with fixed fields. */
export function shapeAt(schema: z.ZodType, path: DocumentPath): Fields | null {
  let at: z.ZodType | undefined = unwrapped(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject) {
      const fields: Fields = at.shape;
      at = Object.hasOwn(fields, key) ? fields[key] : undefined;
    } else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
    else return null;
    if (at === undefined) return null;
    at = unwrapped(at);
  }
  return at instanceof z.ZodObject ? at.shape : null;
}

/** A schema without its `optional` and `default` wrappers. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault) at = at.def.innerType as z.ZodType;
  return at;
}
