import { z } from "zod";
import { defineKind, plain, text } from "../define.ts";
import { stepFields, stepShape } from "../step/fields.ts";

export const definition = defineKind({
  kind: "tool",
  dialects: ["skill"],
  group: "step",
  summary: "Call a tool of the catalog",
  docs: `Calls the tool that the catalog knows under \`tool\`, a name with a namespace such as \`fs.read\`.

Errors: tool catalogs are not available yet, so the step ends the run with class \`capability\`.

Dry run: the same.`,
  fields: z.strictObject({ ...stepFields, tool: text("Name of the tool, with its namespace.") }),
  effect: "mutate",
  ports: plain,
  output: stepShape,
  example: `- id: pet
  tool: demo.pet_get
  inputs:
    id: 7`,
});
