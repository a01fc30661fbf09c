import { z } from "zod";
import { childFile, defineKind, plainOr, reference, text, unsigned } from "../define.ts";
import { elementsShape } from "../parallel/definition.ts";

export const definition = defineKind({
  kind: "map",
  dialects: ["workflow"],
  group: "composition",
  summary: "Run a workflow for each element of an array",
  docs: `Runs the document \`workflow\` once for each element of the array at \`items_from\`; the element is the child's payload. The
elements go in waves of \`max_concurrent\` (4 when left out); a wave must end before the next one starts. \`results\` has one
entry for each element, in their order: \`{result}\` or \`{error}\`. \`ok\` is true when there is no error.

Any error leads to the edge \`when = "error"\`; it is soft, as in \`parallel\`. An empty array gives \`{ok: true, results: []}\`
and the child is not looked at.

Errors: an \`items_from\` that is not in the context or is not an array, more than \`max_items\` elements, and more than 8
levels of children end the run with class \`workflow\`.

Dry run: runs the children, dry.`,
  fields: z.strictObject({
    items_from: reference("Where the array stands in the context."),
    workflow: childFile("Path of the child document, beside this file or from the working directory."),
    start: text("Name of the child's start node; its first when left out.").optional(),
    max_items: unsigned("u32", "Most elements that are accepted, at least 1."),
    max_concurrent: unsigned("u32", "Children that run at once, at least 1; 4 when left out.").optional(),
  }),
  effect: null,
  ports: plainOr("error"),
  output: () => elementsShape,
  retryable: false,
  example: `[[nodes]]
id = "score_each"
type = "map"
items_from = "accounts.parsed"
workflow = "workflows/score-account.toml"
max_items = 500
max_concurrent = 8
start = "main"`,
});
