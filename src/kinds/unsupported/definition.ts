import { z } from "zod";
import { defineKind, plain, text } from "../define.ts";
import { jsonObject, stepFields, stepShape } from "../step/fields.ts";

export const definition = defineKind({
  kind: "unsupported",
  dialects: ["skill"],
  group: "step",
  summary: "A step of a type that does not run here",
  docs: `Stands for a \`run.type\` or a skill's source type that can be read and not run, such as \`mcp\`, \`a2a\` or \`catalog\`.

Errors: the step ends the run with class \`capability\` and the name of the type; it is never skipped.

Dry run: the same.`,
  fields: z.strictObject({
    ...stepFields,
    type: text("The type as it is written."),
    declared: jsonObject("What else the step declares.").optional(),
  }),
  effect: null,
  ports: plain,
  output: stepShape,
  example: `- id: remote
  run:
    type: a2a`,
});
