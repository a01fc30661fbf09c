/** The root of a workflow document as one schema, made of the tables that read it (spec/workflow.md §2). */
import { z } from "zod";
import { documentFields, listDocs, secretHead, triggerType } from "../../src/dialects/workflow/document-fields.ts";
import * as tables from "../../src/dialects/workflow/tables.ts";
import { secretSources } from "../../src/dialects/workflow/secrets.ts";
import { definitions } from "../../src/kinds/definitions.generated.ts";
import { chosen } from "./walk.ts";

/** Kinds of this dialect by name. */
export const workflowKinds = definitions.filter((kind) => kind.dialects.includes("workflow"));

const nodesByKind = new Map(
  workflowKinds.map((kind) => [kind.kind, tables.commonNodeFields.extend(kind.fields.shape)] as const),
);
const node = chosen((beside) => nodesByKind.get(beside("type") ?? "") ?? tables.commonNodeFields);

const triggers = new Map<string, z.ZodObject>(
  Object.entries(tables.triggers).map(([type, fields]) => [
    type,
    z.strictObject({ type: triggerType }).extend(fields.shape),
  ]),
);
const anyTrigger = z.strictObject({ type: triggerType, start_node: tables.triggers.cron.shape.start_node });
const trigger = chosen((beside) => triggers.get(beside("type") ?? "") ?? anyTrigger);

const secrets = new Map<string, z.ZodObject>(
  Object.entries(secretSources).map(([source, fields]) => [source, secretHead.extend(fields.shape)]),
);
const secret = chosen((beside) => secrets.get(beside("source") ?? "") ?? secretHead);

const fields = {
  name: documentFields.name,
  description: documentFields.description,
  start_nodes: documentFields.start_nodes,
  triggers: z.array(trigger).optional().meta({ description: listDocs.triggers }),
  http_routes: documentFields.http_routes,
  nodes: z.array(node).optional().meta({ description: listDocs.nodes }),
  edges: documentFields.edges,
  policy: documentFields.policy,
  auth: documentFields.auth,
  logging: documentFields.logging,
  server: documentFields.server,
  signing: documentFields.signing,
  budget: documentFields.budget,
  mcp_servers: documentFields.mcp_servers,
  intelligence: documentFields.intelligence,
  secrets: z.array(secret).optional().meta({ description: listDocs.secrets }),
} satisfies Record<(typeof tables.rootKeys)[number], z.ZodType>;

/** A bare document. */
export const workflowRoot = z.strictObject(fields);

/** A wrapped one (§2.1). */
export const wrappedRoot = z.strictObject({
  workflows: z.array(workflowRoot).meta({ description: "The one workflow of this document." }),
});
