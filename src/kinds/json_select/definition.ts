import { z } from "zod";
import { defineKind, plain, reference, relativePath, shape } from "../define.ts";

export const definition = defineKind({
  kind: "json_select",
  dialects: ["workflow"],
  group: "transform",
  summary: "Pick a part of a value",
  docs: `Walks \`path\` below the value at \`input_from\`: members by name, array elements by index. Empty segments are skipped, so
\`""\` is the whole value. \`found\` tells a member that is null from one that does not exist.

Errors: an \`input_from\` that is not in the context ends the run with class \`tool\`. A \`path\` that leads nowhere is no error.

Dry run: computes as usual; unknown when the path leads into something unknown.`,
  fields: z.strictObject({
    input_from: reference("Where the value stands in the context."),
    path: relativePath("Dotted path below the input, e.g. `user.0.name`."),
  }),
  effect: null,
  ports: plain,
  output: () => shape.object({ value: shape.any, found: shape.boolean }),
  example: `[[nodes]]
id = "username"
type = "json_select"
input_from = "body.parsed"
path = "user.name"`,
});
