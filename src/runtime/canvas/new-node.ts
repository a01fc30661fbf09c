/** The fields that a new node is written with: what its kind requires, and nothing that a person would have to remove. */
import { z } from "zod";
import type { Fields } from "../../dialects/edits/intent.ts";
import type { Dialect } from "../../graph/model.ts";
import { object, type Value } from "../../graph/value.ts";
import { kindDefinition } from "../../kinds/definitions.generated.ts";
import { holderOf, isOffered } from "./fields.ts";
import { isOptionalField } from "../../kinds/form.ts";

/** `before`: the node that it follows, which references read from until somebody says otherwise. */
export function newFields(kind: string, dialect: Dialect, before: string | null): Fields {
  const shape = kindDefinition(kind)?.fields.shape ?? {};
  const origin = before ?? (dialect === "workflow" ? "trigger" : "");
  const fields = Object.entries(shape as Record<string, z.ZodType>).flatMap(([key, field]) =>
    isOptionalField(field) || !isOffered(dialect, key) ? [] : [[key, first(field, origin)] as const],
  );
  const holder = dialect === "skill" ? holderOf(kind) : null;
  if (holder === null) return fields;
  const type = holder === "run" ? [["type", kind] as const] : [];
  return [[holder, Object.assign(object(), Object.fromEntries([...type, ...fields]))]];
}

/** A value that the field takes. */
function first(field: z.ZodType, origin: string): Value {
  const role = field.meta()?.role;
  if (role === "reference" || role === "optional-reference") return origin;
  if (field instanceof z.ZodEnum) return String(field.options[0]);
  if (field instanceof z.ZodArray) return [];
  if (field instanceof z.ZodObject || field instanceof z.ZodRecord) return object();
  if (field instanceof z.ZodBoolean) return false;
  if (field instanceof z.ZodPipe || field instanceof z.ZodBigInt) return 1n;
  if (field instanceof z.ZodNumber) return 1;
  return "";
}
