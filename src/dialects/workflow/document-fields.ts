/**
 * The root of a workflow document, key by key, but for its nodes, which their kinds describe (spec/workflow.md §2).
 * Completion and hover in the text and the forms of the canvas come from here.
 *
 * Boundary: schemas and descriptions only; reading is `read.ts`.
 */
import { z } from "zod";
import { text } from "../../kinds/define.ts";
import { secretSources } from "./secrets.ts";
import * as tables from "./tables.ts";

/** What starts runs by itself, as the key `type` of a trigger says it. */
export const triggerType = z.enum(Object.keys(tables.triggers) as [string, ...string[]]).meta({
  description: "What starts the runs.",
});

/** Where a secret's value comes from, as its key `source` says it. */
export const secretSource = z.enum(Object.keys(secretSources) as [string, ...string[]]).meta({
  description: "Where the value comes from; it never stands in the document.",
});

/** What every secret says. */
export const secretHead = z.strictObject({
  name: text("The name by which headers and tables ask for the secret."),
  source: secretSource,
});

/** Keys of the root that are the same in every document. */
export const documentFields = {
  name: text("The document's name."),
  description: text("What it is for.").optional(),
  start_nodes: z.array(tables.startNode).optional().meta({ description: "Ways into the graph." }),
  http_routes: z.array(tables.httpRoute).optional().meta({ description: "HTTP requests that start runs." }),
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
} as const;

/** Descriptions of the lists whose items say by one key what else they hold. */
export const listDocs = {
  nodes: "The steps of the graph.",
  triggers: "What starts runs by itself while the document is served.",
  secrets: "Secrets by name: where their values come from.",
} as const;
