/** The reference page of all kinds, from their definitions. */
import { parse } from "smol-toml";
import type { z } from "zod";
import type { Node, Ports } from "../../src/graph/model.ts";
import type { Shape } from "../../src/graph/shape.ts";
import type { AnyKind, KindGroup } from "../../src/kinds/define.ts";
import { fieldsSchema, isOptionalField } from "../../src/kinds/form.ts";

const groups: readonly (readonly [KindGroup, string])[] = [
  ["input", "Input"],
  ["transform", "Transformation"],
  ["intelligence", "Intelligence"],
  ["action", "Action"],
  ["composition", "Composition"],
  ["control", "Control"],
  ["step", "Steps of skill graphs"],
];

/** A shape in the notation of the page: `{path: string, bytes: integer}`. */
export function shapeText(shape: Shape): string {
  switch (shape.type) {
    case "array":
      return `[${shapeText(shape.items)}]`;
    case "object": {
      const members = Object.entries(shape.members).map(([key, inner]) => `${key}: ${shapeText(inner)}`);
      if (shape.open === true) members.push("…");
      return `{${members.join(", ")}}`;
    }
    case "union":
      return shape.of.map(shapeText).join(" or ");
    default:
      return shape.type;
  }
}

/** Text of `docs/kinds.md`. */
export function kindsPage(definitions: readonly AnyKind[]): string {
  const parts = [
    "# Node kinds",
    "Every node of a graph has one of these kinds. This page is written from the definitions under `src/kinds/`.",
    "Keys that every workflow node may have: `id` and `type` (required), `retry`, `on_error`, `in_doubt`, `idempotency_key`.",
  ];
  for (const [group, title] of groups) {
    const members = definitions.filter((one) => one.group === group);
    if (members.length === 0) continue;
    parts.push(`## ${title}`, ...members.flatMap(kindParts));
  }
  return `${parts.join("\n\n")}\n`;
}

function kindParts(kind: AnyKind): string[] {
  const retry = kind.retryable === false ? " `retry` does not apply." : "";
  return [
    `### ${kind.kind}`,
    `${kind.summary}. Dialects: ${kind.dialects.join(", ")}. ${effectText(kind)}${retry}`,
    kind.docs,
    fieldTable(kind),
    ...portParts(kind),
    fence(kind),
  ];
}

function effectText(kind: AnyKind): string {
  return kind.effect === null ? "No effect." : `Effect class: \`${kind.effect}\`.`;
}

function fence(kind: AnyKind): string {
  const language = kind.dialects.includes("workflow") ? "toml" : kind.dialects.includes("skill") ? "yaml" : "text";
  return `\`\`\`${language}\n${kind.example.trim()}\n\`\`\``;
}

function fieldTable(kind: AnyKind): string {
  const entries = Object.entries(kind.fields.shape);
  if (entries.length === 0) return "No keys of its own.";
  const schema = fieldsSchema(kind.fields);
  const rows = entries.map(([name, field]) => {
    const inner = schema.properties?.[name];
    const required = isOptionalField(field as z.ZodType) ? "" : "yes";
    return `| \`${name}\` | ${cell(typeText(inner))} | ${required} | ${cell(inner?.description ?? "")} |`;
  });
  return ["| key | type | required | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function typeText(schema: { readonly [key: string]: unknown } | undefined): string {
  if (schema === undefined) return "";
  if (Array.isArray(schema["enum"])) return schema["enum"].map((one) => `\`${String(one)}\``).join(" or ");
  if (schema["type"] === "array") return `array of ${typeText(schema["items"] as { [key: string]: unknown })}`;
  if (schema["type"] === "object" && schema["properties"] === undefined) return "table";
  if (schema["type"] === "object") return `table of ${Object.keys(schema["properties"] as object).join(", ")}`;
  return typeof schema["type"] === "string" ? schema["type"] : "any";
}

/** Ports and output, where they do not depend on the node's fields. */
function portParts(kind: AnyKind): string[] {
  const node = exampleNode(kind);
  const parts: string[] = [];
  const ports = portText(kind.facts.ports(node));
  if (ports !== "") parts.push(`Ways out: ${ports}.`);
  const output = kind.facts.output(node);
  if (output.type !== "any") parts.push(`Output: \`${shapeText(output)}\`.`);
  return parts;
}

function portText(ports: Ports): string {
  const ways = [...(ports.plain ? ["the edge without `when`"] : []), ...ports.labels.map((label) => `\`${label}\``)];
  if (ports.open) ways.push("a label by data");
  return ways.join(", ");
}

/** The kind's own example as a node, so that facts that depend on fields are those of the example. */
function exampleNode(kind: AnyKind): Node {
  return {
    id: "example",
    index: 0,
    kind: kind.kind,
    label: null,
    fields: exampleFields(kind),
    retry: null,
    onError: "stop",
    inDoubt: "pause",
    idempotencyKey: null,
    references: [],
    files: [],
    group: null,
    when: null,
    after: [],
    at: [],
  };
}

/** Facts of kinds of other dialects do not look at fields without which they could not be shown here. */
function exampleFields(kind: AnyKind): Readonly<Record<string, unknown>> {
  if (!kind.dialects.includes("workflow")) return {};
  const [node] = (parse(kind.example, { integersAsBigInt: true }) as { nodes: Record<string, unknown>[] }).nodes;
  const own = Object.entries(node ?? {}).filter(([key]) => key in kind.fields.shape);
  return kind.fields.parse(Object.fromEntries(own));
}
