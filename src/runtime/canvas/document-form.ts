/**
 * The inspector's form of a document itself, and of its ways in: everything at the root that is not drawn (DESIGN.md
 * idea 4). Made from the schemas that read the documents. Pure.
 */
import { z } from "zod";
import { documentFields, listDocs, secretHead, triggerType } from "../../dialects/workflow/document-fields.ts";
import { secretSources } from "../../dialects/workflow/secrets.ts";
import { startNode, triggers } from "../../dialects/workflow/tables.ts";
import { text } from "../../kinds/define.ts";
import { formSchema, type JsonSchema } from "../../kinds/form.ts";
import type { Dialect } from "../../graph/model.ts";

/** Root keys that the canvas draws, so that no form shows them. */
export const drawnKeys: Readonly<Record<Dialect, readonly string[]>> = {
  workflow: ["nodes", "edges", "start_nodes"],
  skill: ["steps"],
  pipeline: ["v", "model", "single_ring"],
};

/** One table that has the keys of several, all but the first ones optional. */
function merged(head: z.ZodObject, others: Readonly<Record<string, z.ZodObject>>): z.ZodObject {
  const parts = Object.values(others).map((one) => one.partial().shape as Record<string, z.ZodType>);
  const all = Object.assign({}, ...parts) as Record<string, z.ZodType>;
  return z.strictObject({ ...all, ...head.shape });
}

const workflow = z.strictObject({
  name: documentFields.name,
  description: documentFields.description,
  policy: documentFields.policy,
  budget: documentFields.budget,
  secrets: z.array(merged(secretHead, secretSources)).optional().meta({ description: listDocs.secrets }),
  mcp_servers: documentFields.mcp_servers,
  intelligence: documentFields.intelligence,
  triggers: z
    .array(merged(z.strictObject({ type: triggerType, start_node: triggers.cron.shape.start_node }), triggers))
    .optional()
    .meta({ description: listDocs.triggers }),
  http_routes: documentFields.http_routes,
  auth: documentFields.auth,
  server: documentFields.server,
  logging: documentFields.logging,
  signing: documentFields.signing,
});

const skill = z.strictObject({
  name: text("The graph's name."),
  owner: text("Who answers for it.").optional(),
});

const pipeline = z.strictObject({ name: text("The pipeline's name.") });

const forms: Readonly<Record<Dialect, JsonSchema>> = {
  workflow: formSchema(workflow),
  skill: formSchema(skill),
  pipeline: formSchema(pipeline),
};

/** The form of a document. */
export function documentForm(dialect: Dialect): JsonSchema {
  return forms[dialect];
}

const nodeRole = { "x-role": "node" };
const start = formSchema(startNode);
const startForm: JsonSchema = {
  ...start,
  properties: {
    ...start.properties,
    entry_node: { ...start.properties?.["entry_node"], ...nodeRole },
  },
};

/** The form of a start; only workflows declare them. */
export function formOfStart(): JsonSchema {
  return startForm;
}
