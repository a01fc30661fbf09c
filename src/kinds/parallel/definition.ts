import { z } from "zod";
import { childFile, defineKind, optionalReference, plainOr, shape, text } from "../define.ts";

/** The output of `parallel` and `map`. */
export const elementsShape = shape.object({
  ok: shape.boolean,
  results: shape.array(shape.union(shape.object({ result: shape.any }), shape.object({ error: shape.string }))),
});

export const definition = defineKind({
  kind: "parallel",
  dialects: ["workflow"],
  group: "composition",
  summary: "Run several workflows at once",
  docs: `Runs every document of \`branches\` at the same time and waits for all. Each is run as by \`call\`. \`results\` has one entry
for each branch, in the order of declaration: \`{result}\` or \`{error}\`. \`ok\` is true when there is no error.

Any error leads to the edge \`when = "error"\`. What ends the run in \`call\` is an \`{error}\` entry here: a child that cannot be
read, a hard error inside it, a start node it does not have. An empty list gives \`{ok: true, results: []}\`.

Errors: more than 8 levels of children end the run with class \`workflow\`; a denied approval inside a branch with class
\`approval\`.

Dry run: runs the children, dry.`,
  fields: z.strictObject({
    branches: z
      .array(
        z.strictObject({
          workflow: childFile("Path of the child document, beside this file or from the working directory."),
          input_from: optionalReference(
            "Where the child's payload stands in the context; a miss counts as null.",
          ).optional(),
          start: text("Name of the child's start node; its first when left out.").optional(),
        }),
      )
      .meta({ description: "The documents to run; may be empty." }),
  }),
  effect: null,
  ports: plainOr("error"),
  output: () => elementsShape,
  retryable: false,
  example: `[[nodes]]
id = "split"
type = "parallel"
branches = [
  { workflow = "workflows/enrich-a.toml", input_from = "trigger" },
  { workflow = "workflows/enrich-b.toml", input_from = "trigger" },
]`,
});
