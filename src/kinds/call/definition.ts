import { z } from "zod";
import { childFile, defineKind, optionalReference, plainOr, shape, text } from "../define.ts";

export const definition = defineKind({
  kind: "call",
  dialects: ["workflow"],
  group: "composition",
  summary: "Run another workflow as a step",
  docs: `Runs the document \`workflow\` from \`start\`, or from its first start node, under this run's remaining time. The child has its
own context and gets the value at \`input_from\` as its payload, or this run's payload when left out. It can do at most what
this document may do. \`workflow\` is literal and never comes from input.

The output is \`{result}\` with the child's final value. A child that ends in \`terminate\` gives null: let it end at the node
whose output it should give back. A child that fails or times out gives \`{error}\` on the edge \`when = "error"\`.

Errors: a child that cannot be read, parsed or validated, has no such start node, pauses, or is nested more than 8 levels
deep ends the run with class \`workflow\`; a hard error inside the child ends this run with the same error.

Dry run: runs the child, dry.`,
  fields: z.strictObject({
    workflow: childFile("Path of the child document, beside this file or from the working directory."),
    input_from: optionalReference("Where the child's payload stands in the context; a miss counts as null.").optional(),
    start: text("Name of the child's start node; its first when left out.").optional(),
  }),
  effect: null,
  ports: plainOr("error"),
  output: () => shape.union(shape.object({ result: shape.any }), shape.object({ error: shape.string })),
  retryable: false,
  example: `[[nodes]]
id = "enrich"
type = "call"
workflow = "workflows/enrich.toml"
input_from = "trigger"
start = "main"`,
});
