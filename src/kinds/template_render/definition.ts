import { z } from "zod";
import { defineKind, plain, reference, shape, template } from "../define.ts";

export const definition = defineKind({
  kind: "template_render",
  dialects: ["workflow"],
  group: "transform",
  summary: "Fill a template",
  docs: `Replaces each \`{{path}}\` of \`template\` by what the path leads to in the input. The path is relative to the value at
\`input_from\`, not to the context; \`{{}}\` is the whole input. A string is inserted as it is, any other value as compact JSON
with its keys in ascending order. A marker without a value stays visible as \`{{path}}\`. Inserted text is not scanned
again; there are no escapes and no filters.

Errors: an \`input_from\` that is not in the context ends the run with class \`tool\`. Without \`input_from\` the input is null.

Dry run: computes as usual; unknown when a marker's value is unknown.`,
  fields: z.strictObject({
    template: template("Text with `{{path}}` markers, relative to the input."),
    input_from: reference("Where the input stands in the context; null when left out.").optional(),
  }),
  effect: null,
  ports: plain,
  output: () => shape.object({ rendered: shape.string }),
  example: `[[nodes]]
id = "greet"
type = "template_render"
template = "Hi {{user.name}}, you are {{user.age}}."
input_from = "trigger"`,
});
