/**
 * How a node kind is declared (DESIGN.md idea 4). Everything about a kind stands in `src/kinds/<kind>/`:
 * `definition.ts` (fields, ports, output shape, effects, docs) and `handler.ts` (behaviour).
 *
 * Field schemas are zod over *values as the parser gives them*: integers arrive as bigint. The helpers below give
 * fields their role, from which references, completion, rename and forms are derived.
 */
import { z } from "zod";
import type { Dialect, FileReference, KindFacts, LiteralEffect, Node, NodeReference, Ports } from "../graph/model.ts";
import { templateParts } from "../graph/template.ts";
import { anyShape, type Shape } from "../graph/shape.ts";
import type { EffectClass } from "../effects/effect.ts";

/** What a string field means, beyond being a string. Kept in the schema's metadata. */
export type FieldRole =
  /** A dotted reference into the run's context. */
  | "reference"
  /** A reference whose miss is null, not an error. */
  | "optional-reference"
  /** A template over this node's input (`input_from` or the trigger). */
  | "template"
  /** A template that holds only `{{secret:NAME}}`. */
  | "secret-template"
  /** The path of a child document, a schema or a skill. */
  | "child"
  | "schema"
  | "skill"
  /** A path relative to the node's input value. */
  | "relative"
  /** Literal text. */
  | "text";

declare module "zod" {
  interface GlobalMeta {
    role?: FieldRole;
  }
}

/** A dotted reference that must resolve, e.g. `load.content`. */
export const reference = (description: string) => z.string().meta({ role: "reference", description });
/** A dotted reference that gives null when it does not resolve. */
export const optionalReference = (description: string) => z.string().meta({ role: "optional-reference", description });
/** Text with `{{markers}}`. */
export const template = (description: string) => z.string().meta({ role: "template", description });
/** Text whose only markers are `{{secret:NAME}}`. */
export const secretTemplate = (description: string) => z.string().meta({ role: "secret-template", description });
/** Literal text. */
export const text = (description: string) => z.string().meta({ role: "text", description });
/** The path of a child document. */
export const childFile = (description: string) => z.string().meta({ role: "child", description });
/** The path of a JSON Schema. */
export const schemaFile = (description: string) => z.string().meta({ role: "schema", description });
/** A path walked below the node's input. */
export const relativePath = (description: string) => z.string().meta({ role: "relative", description });

const ranges = { u16: 0xffffn, u32: 0xffffffffn, u64: 0xffffffffffffffffn } as const;

/** An unsigned integer, given as bigint by the parsers and handed on as a number (u64 beyond 2^53 is capped there). */
export const unsigned = (width: keyof typeof ranges, description: string) =>
  z
    .bigint()
    .min(0n)
    .max(ranges[width])
    .transform((value) => Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : value))
    .meta({ description });

/** A float that may be written as an integer. */
export const real = (description: string) => z.union([z.number(), z.bigint().transform(Number)]).meta({ description });

/** Groups of the palette and of the reference page. */
export type KindGroup = "input" | "transform" | "intelligence" | "action" | "composition" | "control" | "step";

/** A kind's declaration. */
export interface KindDefinition<Fields extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  readonly dialects: readonly Dialect[];
  readonly group: KindGroup;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Markdown, for hover and the reference page: what it does, its errors, its dry run. */
  readonly docs: string;
  /** Kind-specific keys only; `id`, `type`, `retry`, `on_error`, `in_doubt` and `idempotency_key` are common. */
  readonly fields: Fields;
  /** The strongest class of effect it can cause; null for none. */
  readonly effect: EffectClass | null;
  readonly ports: (fields: z.output<Fields>) => Ports;
  readonly output: (fields: z.output<Fields>) => Shape;
  readonly literalEffects?: (fields: z.output<Fields>, node: Node) => readonly LiteralEffect[];
  /** A complete, valid example node in the dialect's own syntax. */
  readonly example: string;
  /** False for kinds to which retry does not apply (spec/workflow.md §6). */
  readonly retryable?: boolean;
}

/** Declares a kind; only types are added. */
export function defineKind<Fields extends z.ZodObject>(
  definition: KindDefinition<Fields>,
): KindDefinition<Fields> & KindFacts2<Fields> {
  return {
    ...definition,
    facts: {
      ports: (node) => withErrorPort(definition.ports(node.fields as z.output<Fields>), node),
      output: (node) => withErrorOutput(definition.output(node.fields as z.output<Fields>), node),
      literalEffects: (node) => definition.literalEffects?.(node.fields as z.output<Fields>, node) ?? [],
    },
  };
}

/** The facts of a kind, bound to its field types. */
export interface KindFacts2<_Fields> {
  readonly facts: KindFacts;
}

/** Any kind, as the generated indexes list it. */
export type AnyKind = Omit<KindDefinition, "ports" | "output" | "literalEffects"> & { readonly facts: KindFacts };

/** No branch labels. */
export const plain = (): Ports => ({ plain: true, labels: [], open: false });
/** A plain way out and these labels. */
export const plainOr =
  (...labels: string[]) =>
  (): Ports => ({ plain: true, labels, open: false });
/** Only these labels. */
export const only =
  (...labels: string[]) =>
  (): Ports => ({ plain: false, labels, open: false });
/** Any label, by data. */
export const openPorts = (): Ports => ({ plain: false, labels: [], open: true });
/** Nothing follows. */
export const noPorts = (): Ports => ({ plain: false, labels: [], open: false });

function withErrorPort(ports: Ports, node: Node): Ports {
  if (node.onError !== "branch" || ports.labels.includes("error")) return ports;
  return { ...ports, labels: [...ports.labels, "error"] };
}

/** With `on_error = "branch"` a hard error becomes the output (Decision D6). */
function withErrorOutput(output: Shape, node: Node): Shape {
  if (node.onError !== "branch" || output.type === "any") return output;
  return shape.union(output, shape.object({ error: shape.object({ class: shape.string, message: shape.string }) }));
}

/** An output of which nothing is known ahead of time. */
export const anyOutput = (): Shape => anyShape;

/** Shape helpers for definitions. */
export const shape = {
  any: anyShape,
  string: { type: "string" } as Shape,
  integer: { type: "integer" } as Shape,
  boolean: { type: "boolean" } as Shape,
  /** True in the output of an effect that a dry run did not perform; absent otherwise. */
  dryRun: { type: "boolean", doc: "only in a dry run" } as Shape,
  null: { type: "null" } as Shape,
  array: (items: Shape): Shape => ({ type: "array", items }),
  object: (members: Record<string, Shape>, open = false): Shape => ({
    type: "object",
    members,
    ...(open ? { open } : {}),
  }),
  union: (...of: Shape[]): Shape => ({ type: "union", of }),
};

/** References and files that a node's fields hold, by the roles in its schema. `base` is the node's path. */
export function collectReferences(
  fields: z.ZodObject,
  raw: Readonly<Record<string, unknown>>,
  base: readonly (string | number)[],
): { references: NodeReference[]; files: FileReference[] } {
  const references: NodeReference[] = [];
  const files: FileReference[] = [];
  visit(fields, raw, base, references, files);
  return { references, files };
}

/** What {@link visit} must know of a schema: its role, and what lies within. */
interface SchemaParts {
  readonly role: FieldRole | undefined;
  /** What an optional or defaulted schema wraps; the schema of an array's elements or of a record's values. */
  readonly wrapped: z.ZodType | null;
  readonly element: z.ZodType | null;
  readonly record: z.ZodType | null;
  /** Members of an object, without those that can hold neither reference nor file. */
  readonly members: readonly (readonly [string, z.ZodType])[];
}

/** A document has thousands of nodes of few kinds, so each schema is looked into once. Only speed: schemas never change. */
const knownParts = new WeakMap<z.ZodType, SchemaParts>();

function partsOf(schema: z.ZodType): SchemaParts {
  const known = knownParts.get(schema);
  if (known !== undefined) return known;
  const wraps = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  const parts: SchemaParts = {
    role: schema.meta()?.role,
    wrapped: wraps ? (schema.def.innerType as z.ZodType) : null,
    element: schema instanceof z.ZodArray ? (schema.element as z.ZodType) : null,
    record: schema instanceof z.ZodRecord ? (schema.valueType as z.ZodType) : null,
    members: schema instanceof z.ZodObject ? membersOf(schema) : [],
  };
  knownParts.set(schema, parts);
  return parts;
}

function membersOf(schema: z.ZodObject): (readonly [string, z.ZodType])[] {
  const all = Object.entries(schema.shape) as [string, z.ZodType][];
  return all.filter(([, inner]) => holdsSomething(inner));
}

/** False for a schema below which no role can be. */
function holdsSomething(schema: z.ZodType): boolean {
  if (schema.meta()?.role !== undefined) return true;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return holdsSomething(schema.def.innerType as z.ZodType);
  return schema instanceof z.ZodObject || schema instanceof z.ZodArray || schema instanceof z.ZodRecord;
}

function visit(
  schema: z.ZodType,
  value: unknown,
  path: readonly (string | number)[],
  references: NodeReference[],
  files: FileReference[],
): void {
  if (value === undefined) return;
  const { role, wrapped, element, record, members } = partsOf(schema);
  if (typeof value === "string") {
    if (role !== undefined) found(role, value, path, references, files);
    else if (wrapped !== null) visit(wrapped, value, path, references, files);
    return;
  }
  if (wrapped !== null) visit(wrapped, value, path, references, files);
  if (typeof value !== "object" || value === null) return;
  if (element !== null && Array.isArray(value))
    value.forEach((item, i) => visit(element, item, path.concat(i), references, files));
  if (record !== null)
    for (const [key, item] of Object.entries(value)) visit(record, item, path.concat(key), references, files);
  for (const [key, inner] of members) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) visit(inner, item, path.concat(key), references, files);
  }
}

/** Takes note of a string in a field of this role. */
function found(
  role: FieldRole,
  text: string,
  path: readonly (string | number)[],
  references: NodeReference[],
  files: FileReference[],
): void {
  const at = { path, part: "value" as const };
  if (role === "reference" || role === "optional-reference")
    references.push({ role: "context", text, at, optional: role === "optional-reference" });
  if (role === "relative") references.push({ role: "input", text, at, optional: true });
  if (role === "template") references.push(...templateReferences(text, path, "input"));
  if (role === "secret-template") references.push(...templateReferences(text, path, "secret"));
  if (role === "child" || role === "schema" || role === "skill") files.push({ role, text, at });
}

function templateReferences(
  text: string,
  path: readonly (string | number)[],
  role: "input" | "secret",
): NodeReference[] {
  const found: NodeReference[] = [];
  for (const part of templateParts(text)) {
    if (part.type === "text") continue;
    const { key, from, to } = part;
    const within = { from, to };
    const name = role === "secret" ? key.replace(/^secret:/, "").trim() : key;
    found.push({ role, text: name, at: { path, part: "value", within }, optional: true });
  }
  return found;
}
