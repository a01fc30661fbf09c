import { z } from "zod";
import { defineKind, optionalReference, plain, schemaFile, shape, template, text, unsigned } from "../define.ts";

const usage = shape.object({ prompt_tokens: shape.integer, completion_tokens: shape.integer });

export const definition = defineKind({
  kind: "llm_infer",
  dialects: ["workflow"],
  group: "intelligence",
  summary: "Ask a model once",
  docs: `Fills \`prompt\` as \`template_render\` does, from the value at \`input_from\`, and sends it to \`backend\` (at most 1024 tokens
come back). Without \`output_schema\` the reply is \`content\` and \`parsed\` is null.

With \`output_schema\` the whole reply must be JSON, which is \`parsed\`; when the string names a file that can be read, the
JSON must also fit that JSON Schema (drafts 6, 7, 2019-09, 2020-12). A reply that does not fit is sent back with what is
wrong, up to \`output_repairs\` times. \`usage\` is that of the last call.

Errors: no backend configured: class \`capability\`; an unknown backend, a refused or failed call: class \`intelligence\`; a
reply that never fits: class \`schema\`; a spent \`budget.max_llm_tokens\`: class \`budget\`.

Dry run: \`{content: "<dry-run>", parsed: null, dry_run: true}\`; the model is not called, but the backend must exist.`,
  fields: z.strictObject({
    backend: text("Name of a model backend; `default` is the one of the command line."),
    prompt: template("The prompt, with `{{path}}` markers relative to the input."),
    input_from: optionalReference("Where the input stands in the context; a miss counts as null.").optional(),
    output_schema: schemaFile("Ask for JSON; the path of a JSON Schema that it must fit.").optional(),
    output_repairs: unsigned("u32", "Further tries after a reply that does not fit; 0 when left out.").optional(),
  }),
  effect: "model",
  ports: plain,
  output: (fields) =>
    shape.object({
      content: shape.string,
      parsed: fields.output_schema === undefined ? shape.null : shape.any,
      usage,
      dry_run: shape.dryRun,
    }),
  literalEffects: (fields, node) => [
    { family: "model.call", target: fields.backend, at: { path: [...node.at, "backend"], part: "value" } },
  ],
  example: `[[nodes]]
id = "classify"
type = "llm_infer"
backend = "default"
prompt = "Classify the sentiment of: {{text}}"
input_from = "trigger"
output_schema = "schemas/out.json"
output_repairs = 2`,
});
