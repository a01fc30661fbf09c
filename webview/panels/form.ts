/**
 * Forms: what a JSON Schema knows of a node, a start or a document, laid over what the document says. Pure.
 *
 * Invariants: everything that is written is shown, unknown keys included; what stands in the document decides how it is
 * edited, so that a form never changes the kind of a value that it only shows.
 */
import { parseJson } from "../../src/graph/json.ts";
import { isArray, isObject, toText, type Value } from "../../src/graph/value.ts";
import type { Inspected } from "../../src/protocol/webview.ts";

/** Where a value stands, from its node, start or document. */
export type FieldPath = readonly (string | number)[];

interface Part {
  /** The name by which it is shown. */
  readonly key: string;
  readonly path: FieldPath;
  readonly doc: string;
  readonly required: boolean;
  /** JSON text of the value in the document; null when it is not there. */
  readonly written: string | null;
  readonly problems: readonly string[];
  /** False for a key that the schema does not know. */
  readonly known: boolean;
}

/** One value. */
export interface FormField extends Part {
  readonly part: "field";
  /** How it is edited; `json`: as JSON text, for whatever has no form of its own. */
  readonly type: "text" | "multiline" | "integer" | "number" | "boolean" | "choice" | "json";
  readonly options: readonly string[];
  /** What counts while it is not written, as it is shown; null when there is no such value. */
  readonly fallback: string | null;
  /** What the text means, e.g. `reference`. */
  readonly role: string | null;
}

/** Values that belong together: a table with its keys. */
export interface FormSection extends Part {
  readonly part: "section";
  readonly parts: readonly FormPart[];
}

/** A list: plain values, or tables. */
export interface FormList extends Part {
  readonly part: "list";
  readonly items: readonly FormPart[];
  /** A further item, empty. JSON text. */
  readonly fresh: string;
  /** True when items are tables, which are added empty and then filled in. */
  readonly ofTables: boolean;
}

/** A table whose keys the author names. */
export interface FormNames extends Part {
  readonly part: "names";
  readonly items: readonly FormPart[];
  /** The value of a new key, empty. JSON text. */
  readonly fresh: string;
}

/** A piece of a form. */
export type FormPart = FormField | FormSection | FormList | FormNames;

interface Schema {
  readonly type?: unknown;
  readonly description?: unknown;
  readonly enum?: unknown;
  readonly anyOf?: unknown;
  readonly default?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
  readonly items?: unknown;
  readonly additionalProperties?: unknown;
  readonly "x-role"?: unknown;
}

/** Most items of one list, and most keys of one table, that a form shows; the text has them all. */
const MAX_SHOWN = 200;

/** Fields in the order of the schema, then common keys and unknown ones as they are written. */
export function partsOf({ form, written, what }: Inspected): FormPart[] {
  const properties = record(form["properties"]);
  const own = new Map(written.map((one) => [one.key, one]));
  const required = requiredOf(form);
  const parts = Object.entries(properties).map(([key, raw]): FormPart => {
    const found = own.get(key);
    const about = { key, path: [key], required: required.has(key), problems: found?.problems ?? [], known: true };
    return partOf(about, raw, found?.value ?? null);
  });
  for (const { key, value, problems } of written) {
    if (Object.hasOwn(properties, key) || (what === "node" && (key === "id" || key === "type"))) continue;
    const known = commonKeys.has(key) || Object.keys(properties).length === 0;
    parts.push(fieldOf({ key, path: [key], required: false, problems, known }, {}, value));
  }
  return parts;
}

type About = Pick<Part, "key" | "path" | "required" | "problems" | "known">;

function partOf(about: About, raw: unknown, written: string | null): FormPart {
  const schema = record(raw) as Schema;
  const value = written === null ? undefined : valueOf(written);
  const doc = textOrEmpty(schema.description);
  const inner = { problems: [], known: true };
  if (hasKeys(schema.properties) && (value === undefined || isObject(value))) {
    const members = record(schema.properties);
    const required = requiredOf(schema as Readonly<Record<string, unknown>>);
    const part = (key: string, within: unknown, known = true): FormPart => {
      const text = value === undefined ? null : memberText(value, key);
      return partOf({ ...inner, known, key, path: [...about.path, key], required: required.has(key) }, within, text);
    };
    const unknown = value === undefined ? [] : Object.keys(value).filter((key) => !Object.hasOwn(members, key));
    const parts = Object.entries(members).map(([key, within]) => part(key, within));
    return {
      ...about,
      part: "section",
      doc,
      written,
      parts: [...parts, ...unknown.map((key) => part(key, {}, false))],
    };
  }
  if (schema.type === "array" && (value === undefined || isArray(value))) {
    const items = (value ?? []).slice(0, MAX_SHOWN).map((item, i) => {
      const key = nameOfItem(item) ?? `${about.key} ${i + 1}`;
      return partOf({ ...inner, key, path: [...about.path, i], required: false }, schema.items, toText(item));
    });
    const fresh = freshText(schema.items);
    return { ...about, part: "list", doc, written, items, fresh, ofTables: fresh.startsWith("{") };
  }
  const more = schema.additionalProperties;
  if (typeof more === "object" && more !== null && (value === undefined || isObject(value))) {
    const keys = value === undefined ? [] : Object.keys(value).slice(0, MAX_SHOWN);
    const items = keys.map((key) =>
      partOf({ ...inner, key, path: [...about.path, key], required: false }, more, memberText(value ?? {}, key)),
    );
    return { ...about, part: "names", doc, written, items, fresh: freshText(more) };
  }
  return fieldOf(about, schema, written);
}

function fieldOf(about: About, schema: Schema, written: string | null): FormField {
  const options = Array.isArray(schema.enum) ? schema.enum.map(String) : [];
  const fallback = schema.default;
  const plain = typeof fallback === "string" || typeof fallback === "number" || typeof fallback === "boolean";
  return {
    ...about,
    part: "field",
    doc: textOrEmpty(schema.description),
    type: typeOf(schema, written),
    options,
    written,
    fallback: plain ? String(fallback) : null,
    role: typeof schema["x-role"] === "string" ? schema["x-role"] : null,
  };
}

/** What a schema requires, empty, in its order: the beginning of a new item. JSON text. */
function freshText(raw: unknown): string {
  const schema = record(raw) as Schema;
  if (Array.isArray(schema.enum)) return JSON.stringify(schema.enum[0]);
  switch (schema.type) {
    case "array":
      return "[]";
    case "integer":
      return "1";
    case "number":
      return "1.0";
    case "boolean":
      return "false";
    case "object": {
      const members = record(schema.properties);
      const required = [...requiredOf(schema as Readonly<Record<string, unknown>>)];
      return `{${required.map((key) => `${JSON.stringify(key)}:${freshText(members[key])}`).join(",")}}`;
    }
    default:
      return '""';
  }
}

/** The name that a table gives itself. */
function nameOfItem(item: Value): string | null {
  const name = isObject(item) ? (item["name"] ?? item["path"]) : undefined;
  return typeof name === "string" && name !== "" ? name : null;
}

/**
 * What a field reads was in the run that is shown: the output of the node that a reference begins with, or that a
 * template is filled from; null when nothing is known. `gave`: a node's output as a short text, secrets masked.
 */
export function previewOf(
  field: FormField,
  parts: readonly FormPart[],
  gave: (node: string) => string | null,
): string | null {
  const origin = field.role === "template" ? parts.find((one) => one.key === "input_from") : field;
  if (origin?.part !== "field" || (origin.role !== "reference" && origin.role !== "optional-reference")) return null;
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
  const wanted = written === null || written === "null" ? typeName(schema) : kindOf(written);
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

/** The type of a schema; of one that takes integers for floats, `number`. */
function typeName({ type, anyOf }: Schema): unknown {
  if (type !== undefined || !Array.isArray(anyOf)) return type;
  return anyOf.some((one) => record(one)["type"] === "number") ? "number" : undefined;
}

function kindOf(json: string): string {
  if (json.startsWith('"')) return "string";
  if (json === "true" || json === "false") return "boolean";
  if (/^-?[0-9]+$/.test(json)) return "integer";
  return /^-?[0-9.eE+-]+$/.test(json) ? "number" : "json";
}

function valueOf(json: string): Value | undefined {
  const parsed = parseJson(json);
  return parsed.ok ? parsed.value : undefined;
}

function memberText(value: Value, key: string): string | null {
  const member = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return member === undefined ? null : toText(member);
}

function requiredOf(schema: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const required = schema["required"];
  return new Set(Array.isArray(required) ? required.map(String) : []);
}

function hasKeys(raw: unknown): boolean {
  return Object.keys(record(raw)).length > 0;
}

function textOrEmpty(raw: unknown): string {
  return typeof raw === "string" ? raw : "";
}

function record(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
}
