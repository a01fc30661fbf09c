/**
 * JSON Schema of a workflow document, for editors of TOML: its tables from the dialect's own schemas, its nodes from
 * the registry (spec/workflow.md §2).
 */
import type { z } from "zod";
import { secretSources } from "../../src/dialects/workflow/secrets.ts";
import * as tables from "../../src/dialects/workflow/tables.ts";
import type { AnyKind } from "../../src/kinds/define.ts";
import { fieldsSchema, type JsonSchema } from "../../src/kinds/form.ts";

/** The whole schema: the bare form, or exactly one `[[workflows]]` entry that holds it. */
export function workflowSchema(definitions: readonly AnyKind[]): JsonSchema {
  const kinds = definitions.filter((one) => one.dialects.includes("workflow"));
  const nodes = kinds.map((one) => [`node.${one.kind}`, nodeSchema(one)] as const);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "workflow.schema.json",
    title: "Workflow",
    description: "A workflow document: nodes, edges, ways in, and what the run may do.",
    if: { required: ["workflows"] },
    then: {
      properties: {
        workflows: { type: "array", minItems: 1, maxItems: 1, items: { $ref: "#/definitions/workflow" } },
      },
    },
    else: { $ref: "#/definitions/workflow" },
    type: "object",
    definitions: { workflow: rootSchema(nodes.map(([name]) => name)), ...Object.fromEntries(nodes) },
  };
}

function rootSchema(nodeNames: readonly string[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {
    name: { type: "string", description: "The workflow's name." },
    description: { type: "string", description: "What it is for." },
    start_nodes: arrayOf(fieldsSchema(tables.startNode), "Named ways in."),
    triggers: arrayOf(
      { oneOf: Object.entries(tables.triggers).map(([type, fields]) => tagged("type", type, fields)) },
      "What starts runs without HTTP.",
    ),
    http_routes: arrayOf(routeSchema(), "What starts runs by HTTP."),
    nodes: arrayOf({ oneOf: nodeNames.map((name) => ({ $ref: `#/definitions/${name}` })) }, "The steps."),
    edges: arrayOf(fieldsSchema(tables.edge), "What follows what."),
    policy: described(fieldsSchema(tables.policy), "What a run may do. Without it everything is allowed."),
    auth: described(fieldsSchema(tables.auth), "Who may call the routes."),
    logging: described(fieldsSchema(tables.logging), "What is logged, and where."),
    server: described(fieldsSchema(tables.server), "How the routes are served."),
    signing: described(fieldsSchema(tables.signing), "The signature this document must have."),
    budget: described(fieldsSchema(tables.budget), "What a run may use up."),
    mcp_servers: arrayOf(fieldsSchema(tables.mcpServer), "MCP servers that nodes may use."),
    intelligence: {
      type: "object",
      description: "Model backends.",
      properties: { backends: arrayOf(fieldsSchema(tables.modelBackend), "Named model backends.") },
      additionalProperties: false,
    },
    secrets: arrayOf(
      {
        oneOf: Object.entries(secretSources).map(([source, fields]) =>
          tagged("source", source, fields, { name: { type: "string", description: "The secret's name." } }),
        ),
      },
      "Where secrets come from; never the secrets themselves.",
    ),
  };
  const known = new Set<string>(tables.rootKeys);
  const different = [...Object.keys(properties), ...known].filter((key) => !known.has(key) || !(key in properties));
  if (different.length > 0) throw new Error(`the dialect and this schema differ in root keys: ${different.join(", ")}`);
  return { type: "object", properties, required: ["name"], additionalProperties: false };
}

/** Decision D11: `rate_limit` may also be an array of one table. */
function routeSchema(): JsonSchema {
  const route = fieldsSchema(tables.httpRoute);
  const limit = route.properties?.["rate_limit"];
  if (limit === undefined) throw new Error("a route has no `rate_limit`");
  const oneOf = [limit, { type: "array", items: limit, minItems: 1, maxItems: 1 }];
  return { ...route, properties: { ...route.properties, rate_limit: { oneOf } } };
}

function nodeSchema(kind: AnyKind): JsonSchema {
  const own = fieldsSchema(kind.fields);
  const common = fieldsSchema(tables.commonNodeFields);
  const type = { const: kind.kind, description: kind.summary };
  return {
    type: "object",
    title: kind.kind,
    description: kind.docs,
    properties: { ...common.properties, type, ...own.properties },
    required: ["id", "type", ...(own.required ?? [])],
    additionalProperties: false,
  };
}

/** A table that is told apart by the value of one key. */
function tagged(key: string, value: string, fields: z.ZodType, more: Record<string, JsonSchema> = {}): JsonSchema {
  const own = fieldsSchema(fields);
  return {
    type: "object",
    properties: { ...more, [key]: { const: value }, ...own.properties },
    required: [...Object.keys(more), key, ...(own.required ?? [])],
    additionalProperties: false,
  };
}

function arrayOf(items: JsonSchema, description: string): JsonSchema {
  return { type: "array", description, items };
}

function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}
