/**
 * How a node kind is declared (DESIGN.md idea 4). Everything about a kind stands in `src/kinds/<kind>/`:
 * `definition.ts` (fields, ports, output shape, effects, docs) and `handler.ts` (behaviour).
 *
 * Field schemas are zod over *values as the parser gives them*: integers arrive as bigint. The helpers below give
 * fields their role, from which references, completion, rename and forms are derived.
 */
import { z } from "zod";
import type { Dialect, FileReference, KindFacts, LiteralEffect, Node, NodeReference, Ports } from "../graph/model.ts";
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

function visit(
  schema: z.ZodType,
  value: unknown,
  path: readonly (string | number)[],
  references: NodeReference[],
  files: FileReference[],
): void {
  if (value === undefined) return;
  const role = schema.meta()?.role;
  if (typeof value === "string" && role !== undefined) {
    const at = { path, part: "value" as const };
    if (role === "reference" || role === "optional-reference")
      references.push({ role: "context", text: value, at, optional: role === "optional-reference" });
    if (role === "relative") references.push({ role: "input", text: value, at, optional: true });
    if (role === "template") references.push(...templateReferences(value, path, "input"));
    if (role === "secret-template") references.push(...templateReferences(value, path, "secret"));
    if (role === "child" || role === "schema" || role === "skill") files.push({ role, text: value, at });
    return;
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    visit(schema.def.innerType as z.ZodType, value, path, references, files);
  } else if (schema instanceof z.ZodObject && typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(schema.shape))
      visit(inner as z.ZodType, (value as Record<string, unknown>)[key], [...path, key], references, files);
  } else if (schema instanceof z.ZodArray && Array.isArray(value)) {
    value.forEach((item, i) => visit(schema.element as z.ZodType, item, [...path, i], references, files));
  } else if (schema instanceof z.ZodRecord && typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value))
      visit(schema.valueType as z.ZodType, item, [...path, key], references, files);
  }
}

const marker = /\{\{([\s\S]*?)\}\}/g;

function templateReferences(
  text: string,
  path: readonly (string | number)[],
  role: "input" | "secret",
): NodeReference[] {
  const found: NodeReference[] = [];
  for (const match of text.matchAll(marker)) {
    const key = (match[1] as string).trim();
    const within = { from: match.index, to: match.index + match[0].length };
    const name = role === "secret" ? key.replace(/^secret:/, "").trim() : key;
    found.push({ role, text: name, at: { path, part: "value", within }, optional: true });
  }
  return found;
}
