import { z } from "zod";
import { defineKind, plain, text } from "../define.ts";
import { outputs, stepFields, stepShape } from "../step/fields.ts";

export const definition = defineKind({
  kind: "http",
  dialects: ["skill"],
  group: "step",
  summary: "Make a governed HTTP call",
  docs: `Calls \`url\`; \`{placeholders}\` in it, the query and the body are filled from the step's inputs. A header may hold
\`\${secret:NAME}\`. Written as \`http: {…}\`, as \`run: {type: http, …}\` or as \`source: {type: http, …}\`.

Errors: governed HTTP is not available yet in skill graphs, so the step ends the run with class \`capability\`.

Dry run: the same.`,
  fields: z.strictObject({
    ...stepFields,
    url: text("Absolute http or https URL with {placeholders}."),
    method: text("GET, POST, PUT, PATCH or DELETE.").optional(),
    headers: z.record(z.string(), z.string()).optional().meta({ description: "Header name to value." }),
    allow_private_network: z.boolean().optional().meta({ description: "Half of the switch for private addresses." }),
    outputs: outputs.optional(),
    skill_retry: z.unknown().optional(),
    mutating: z.boolean().optional(),
    idempotent: z.boolean().optional(),
  }),
  effect: "mutate",
  ports: plain,
  output: stepShape,
  literalEffects: (fields, node) => [
    {
      family: "http.request",
      target: fields.url.includes("{") ? null : fields.url,
      method: (fields.method ?? "GET").toUpperCase(),
      at: { path: node.at, part: "construct" },
    },
  ],
  example: `- id: fetch
  http:
    url: https://api.example.com/pets/{id}
  inputs:
    id: 7`,
});
