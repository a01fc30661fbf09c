/**
 * Walking zod schemas: what stands at a path below one, and what a field is in words. The schemas themselves stand where
 * documents are read, so nothing here can say something else than the reader does.
 *
 * A table whose fields hang on one of them (`type`, `source`) is written as {@link chosen}.
 */
import { z } from "zod";
import type { FieldRole } from "../../src/kinds/define.ts";

/** The text of a scalar below the table that is looked at; null when it is not there. */
export type Beside = (...path: readonly (string | number)[]) => string | null;

const choices = new WeakMap<z.ZodType, (beside: Beside) => z.ZodType>();

/**
 * A schema that depends on what the table at its place says of itself. It is known by its identity, so its docs are given
 * here and not by `.meta()`, which makes a copy.
 */
export function chosen(choose: (beside: Beside) => z.ZodType, description = ""): z.ZodType {
  const schema = z.unknown().meta({ description });
  choices.set(schema, choose);
  return schema;
}

/** A schema without wrappers, and what the wrappers said. */
export interface Bare {
  readonly schema: z.ZodType;
  readonly optional: boolean;
  /** The default as JSON text; null when there is none to show. */
  readonly fallback: string | null;
  readonly doc: string;
  readonly role: FieldRole | null;
}

/** Takes the wrappers off and chooses. */
export function bare(schema: z.ZodType, beside: Beside = () => null): Bare {
  let at = schema;
  let optional = false;
  let fallback: string | null = null;
  let doc: string | undefined;
  let role: FieldRole | undefined;
  for (;;) {
    const meta = at.meta();
    if (meta?.description !== "") doc ??= meta?.description;
    role ??= meta?.role;
    const choose = choices.get(at);
    if (choose !== undefined) at = choose(beside);
    else if (at instanceof z.ZodOptional) {
      optional = true;
      at = at.def.innerType as z.ZodType;
    } else if (at instanceof z.ZodDefault) {
      optional = true;
      fallback ??= shown(at.def.defaultValue);
      at = at.def.innerType as z.ZodType;
    } else if (at instanceof z.ZodPipe) at = at.def.in as z.ZodType;
    else return { schema: at, optional, fallback, doc: doc ?? "", role: role ?? null };
  }
}

/** Empty tables and lists go without saying. */
function shown(value: unknown): string | null {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0) return null;
  const text = JSON.stringify(value) as string | undefined;
  return text ?? null;
}

/** The schema at `path` below `root`; null where the schemas say nothing. `text` reads scalars of the document. */
export function schemaAt(
  root: z.ZodType,
  path: readonly (string | number)[],
  text: (path: readonly (string | number)[]) => string | null,
): z.ZodType | null {
  let at: z.ZodType | undefined = root;
  for (let depth = 0; depth < path.length; depth++) {
    const key = path[depth] as string | number;
    const here = path.slice(0, depth);
    at = below(bare(at, (...more) => text([...here, ...more])).schema, key);
    if (at === undefined) return null;
  }
  return at;
}

function below(schema: z.ZodType, key: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    const fields = schema.shape as Readonly<Record<string, z.ZodType>>;
    return typeof key === "string" && Object.hasOwn(fields, key) ? fields[key] : undefined;
  }
  if (schema instanceof z.ZodArray) return typeof key === "number" ? (schema.element as z.ZodType) : undefined;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  if (schema instanceof z.ZodUnion) {
    for (const option of schema.options as readonly z.ZodType[]) {
      const found = below(bare(option).schema, key);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What kind of value a field takes, for snippets. */
export type FieldForm = "string" | "integer" | "number" | "boolean" | "list" | "tables" | "table" | "map" | "any";

/** The form of a bare schema. */
export function formOf(schema: z.ZodType): FieldForm {
  if (choices.has(schema)) return "table";
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) return "string";
  if (schema instanceof z.ZodBigInt) return "integer";
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodObject) return "table";
  if (schema instanceof z.ZodRecord || schema instanceof z.ZodCustom) return "map";
  if (schema instanceof z.ZodArray) {
    const element = schema.element as z.ZodType;
    return choices.has(element) || bare(element).schema instanceof z.ZodObject ? "tables" : "list";
  }
  if (schema instanceof z.ZodUnion) {
    const forms = (schema.options as readonly z.ZodType[]).map((one) => formOf(bare(one).schema));
    return forms.includes("number") ? "number" : (forms[0] ?? "any");
  }
  return "any";
}

/** The words that a bare schema takes; empty when it takes others too. */
export function wordsOf(schema: z.ZodType): readonly string[] {
  if (schema instanceof z.ZodEnum) return schema.options.map(String);
  if (schema instanceof z.ZodBoolean) return ["true", "false"];
  return schema instanceof z.ZodLiteral ? [...schema.values].map(String) : [];
}

/** A schema's type in words, e.g. `list of strings`. */
export function typeOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum)
    return wordsOf(schema)
      .map((word) => `\`${word}\``)
      .join(" | ");
  if (schema instanceof z.ZodArray) return `list of ${plural(typeOf(bare(schema.element as z.ZodType).schema))}`;
  if (schema instanceof z.ZodRecord) return `table of ${plural(typeOf(bare(schema.valueType as z.ZodType).schema))}`;
  if (schema instanceof z.ZodUnion && formOf(schema) !== "number")
    return (schema.options as readonly z.ZodType[]).map((one) => typeOf(bare(one).schema)).join(" or ");
  const words = { integer: "integer", number: "number", boolean: "boolean", string: "string", table: "table" };
  const form = formOf(schema);
  if (form === "map") return "table";
  return form === "any" || form === "list" || form === "tables" ? "any value" : words[form];
}

function plural(type: string): string {
  if (/^(?:string|integer|number|boolean|table)$/.test(type)) return `${type}s`;
  return type === "any value" ? "any values" : type;
}
