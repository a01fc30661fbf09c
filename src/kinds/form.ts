/**
 * JSON Schema of kinds' fields and other tables whose integers are bigints, as the documents' parsers give them: for
 * schemas/, and for the forms of the canvas, where each field also says its role.
 */
import { z } from "zod";

/** A JSON Schema, as far as the generators look into it. */
export interface JsonSchema {
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  [key: string]: unknown;
}

/** The schema of what an author may write. */
export function fieldsSchema(fields: z.ZodType): JsonSchema {
  return schemaOf(fields, false);
}

/** The same for a form: a field's {@link FieldRole} stands in `x-role`. */
export function formSchema(fields: z.ZodType): JsonSchema {
  return schemaOf(fields, true);
}

function schemaOf(fields: z.ZodType, roles: boolean): JsonSchema {
  const made = z.toJSONSchema(fields, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodBigInt) {
        Object.assign(jsonSchema, { type: "integer", ...bounds(zodSchema) });
      }
      const role = jsonSchema["role"];
      delete jsonSchema["role"];
      if (roles && role !== undefined) jsonSchema["x-role"] = role;
    },
  }) as JsonSchema;
  delete made["$schema"];
  return made;
}

/** Bounds that a JSON number holds exactly; wider ones say nothing in a JSON file. */
function bounds(schema: z.ZodBigInt): { minimum?: number; maximum?: number } {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return {
    ...(schema.minValue !== null && schema.minValue !== undefined ? { minimum: Number(schema.minValue) } : {}),
    ...(schema.maxValue !== null && schema.maxValue !== undefined && schema.maxValue <= limit
      ? { maximum: Number(schema.maxValue) }
      : {}),
  };
}

/** True when a document may leave the field out. */
export function isOptionalField(field: z.ZodType): boolean {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault;
}
