/** A node's form: what its kind's JSON Schema knows, laid over what the document says. Pure. */
import type { Inspected } from "../../src/protocol/webview.ts";

/** One field of a form. */
export interface FormField {
  readonly key: string;
  readonly doc: string;
  /** How it is edited; `json`: as JSON text, for whatever has no form of its own. */
  readonly type: "text" | "multiline" | "integer" | "number" | "boolean" | "choice" | "json";
  readonly options: readonly string[];
  readonly required: boolean;
  /** JSON text of the value in the document; null when it is not there. */
  readonly written: string | null;
  readonly problems: readonly string[];
  /** False for a key that the kind does not know. */
  readonly known: boolean;
  /** What the text means, e.g. `reference`. */
  readonly role: string | null;
}

interface Schema {
  readonly type?: unknown;
  readonly description?: unknown;
  readonly enum?: unknown;
  readonly "x-role"?: unknown;
}

/** Fields in the order of the schema, then common keys and unknown ones as they are written. */
export function fieldsOf({ form, written }: Inspected): FormField[] {
  const properties = record(form["properties"]);
  const required = Array.isArray(form["required"]) ? (form["required"] as unknown[]) : [];
  const own = new Map(written.map((one) => [one.key, one]));
  const fields = Object.entries(properties).map(([key, raw]): FormField => {
    const schema = record(raw) as Schema;
    const found = own.get(key);
    const options = Array.isArray(schema.enum) ? schema.enum.map(String) : [];
    return {
      key,
      doc: typeof schema.description === "string" ? schema.description : "",
      type: typeOf(schema, found?.value ?? null),
      options,
      required: required.includes(key),
      written: found?.value ?? null,
      problems: found?.problems ?? [],
      known: true,
      role: typeof schema["x-role"] === "string" ? schema["x-role"] : null,
    };
  });
  for (const { key, value, problems } of written) {
    if (Object.hasOwn(properties, key) || key === "id" || key === "type") continue;
    const known = commonKeys.has(key) || Object.keys(properties).length === 0;
    const type = typeOf({}, value);
    fields.push({ key, doc: "", type, options: [], required: false, written: value, problems, known, role: null });
  }
  return fields;
}

/**
 * What a field reads was in the run that is shown: the output of the node that a reference begins with, or that a
 * template is filled from; null when nothing is known. `gave`: a node's output as a short text, secrets masked.
 */
export function previewOf(
  field: FormField,
  fields: readonly FormField[],
  gave: (node: string) => string | null,
): string | null {
  const origin = field.role === "template" ? fields.find((one) => one.key === "input_from") : field;
  if (origin?.role !== "reference" && origin?.role !== "optional-reference") return null;
  if (origin.written?.startsWith('"') !== true) return null;
  const [head] = String(JSON.parse(origin.written) as unknown).split(".", 1);
  const output = head === undefined ? null : gave(head);
  return output === null ? null : `${head ?? ""} = ${output}`;
}

/** Roles of fields that name files. */
export const fileRoles: ReadonlySet<string> = new Set(["child", "schema", "skill"]);

/** Keys that every node may have. */
const commonKeys: ReadonlySet<string> = new Set([
  "label",
  "retry",
  "on_error",
  "in_doubt",
  "idempotency_key",
  "when",
  "mode",
  "fanout_group",
  "run",
  "http",
]);

function typeOf(schema: Schema, written: string | null): FormField["type"] {
  if (Array.isArray(schema.enum)) return "choice";
  // What stands in the document wins: a form must never change the kind of a value that it only shows.
  const wanted = written === null || written === "null" ? schema.type : kindOf(written);
  switch (wanted) {
    case "string":
      return schema["x-role"] === "template" || written?.includes("\\n") === true ? "multiline" : "text";
    case "integer":
    case "number":
    case "boolean":
      return wanted;
    default:
      return "json";
  }
}

function kindOf(json: string): string {
  if (json.startsWith('"')) return "string";
  if (json === "true" || json === "false") return "boolean";
  if (/^-?[0-9]+$/.test(json)) return "integer";
  return /^-?[0-9.eE+-]+$/.test(json) ? "number" : "json";
}

function record(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
}
