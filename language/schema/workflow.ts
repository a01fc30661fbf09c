/** The root of a workflow document as one schema, made of the tables that read it (spec/workflow.md §2). */
import { z } from "zod";
import * as tables from "../../src/dialects/workflow/tables.ts";
import { secretSources } from "../../src/dialects/workflow/secrets.ts";
import { text } from "../../src/kinds/define.ts";
import { definitions } from "../../src/kinds/definitions.generated.ts";
import { chosen } from "./walk.ts";

/** Kinds of this dialect by name. */
export const workflowKinds = definitions.filter((kind) => kind.dialects.includes("workflow"));

const nodesByKind = new Map(
  workflowKinds.map((kind) => [kind.kind, tables.commonNodeFields.extend(kind.fields.shape)] as const),
);
const node = chosen((beside) => nodesByKind.get(beside("type") ?? "") ?? tables.commonNodeFields);

const triggerTypes = Object.keys(tables.triggers) as [string, ...string[]];
const triggerType = z.enum(triggerTypes).meta({ description: "What starts the runs." });
const triggers = new Map<string, z.ZodObject>(
  Object.entries(tables.triggers).map(([type, fields]) => [
    type,
    z.strictObject({ type: triggerType }).extend(fields.shape),
  ]),
);
const anyTrigger = z.strictObject({ type: triggerType, start_node: tables.triggers.cron.shape.start_node });
const trigger = chosen((beside) => triggers.get(beside("type") ?? "") ?? anyTrigger);

const secretSource = z.enum(Object.keys(secretSources) as [string, ...string[]]).meta({
  description: "Where the value comes from; it never stands in the document.",
});
const secretHead = z.strictObject({
  name: text("The name by which headers and tables ask for the secret."),
  source: secretSource,
});
const secrets = new Map<string, z.ZodObject>(
  Object.entries(secretSources).map(([source, fields]) => [source, secretHead.extend(fields.shape)]),
);
const secret = chosen((beside) => secrets.get(beside("source") ?? "") ?? secretHead);

const fields = {
  name: text("The document's name."),
  description: text("What it is for.").optional(),
  start_nodes: z.array(tables.startNode).optional().meta({ description: "Ways into the graph." }),
  triggers: z
    .array(trigger)
    .optional()
    .meta({ description: "What starts runs by itself while the document is served." }),
  http_routes: z.array(tables.httpRoute).optional().meta({ description: "HTTP requests that start runs." }),
  nodes: z.array(node).optional().meta({ description: "The steps of the graph." }),
  edges: z.array(tables.edge).optional().meta({ description: "Which node follows which." }),
  policy: tables.policy
    .optional()
    .meta({ description: "What the document's effects may reach. With it, whatever it does not list is denied." }),
  auth: tables.auth.optional().meta({ description: "Who may use the HTTP routes, by named bindings." }),
  logging: tables.logging.optional().meta({ description: "What is logged, and where to." }),
  server: tables.server.optional().meta({ description: "How the HTTP server listens." }),
  signing: tables.signing.optional().meta({ description: "Whether the document must be signed, and with which key." }),
  budget: tables.budget.optional().meta({ description: "Limits of one run." }),
  mcp_servers: z.array(tables.mcpServer).optional().meta({ description: "MCP servers that nodes may use." }),
  intelligence: z
    .strictObject({
      backends: z.array(tables.modelBackend).optional().meta({ description: "Models that nodes may ask." }),
    })
    .optional()
    .meta({ description: "Models." }),
  secrets: z.array(secret).optional().meta({ description: "Secrets by name: where their values come from." }),
} satisfies Record<(typeof tables.rootKeys)[number], z.ZodType>;

/** A bare document. */
export const workflowRoot = z.strictObject(fields);

/** A wrapped one (§2.1). */
export const wrappedRoot = z.strictObject({
  workflows: z.array(workflowRoot).meta({ description: "The one workflow of this document." }),
});
