import { z } from "zod";
import { defineKind, openPorts, optionalReference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "switch",
  dialects: ["workflow"],
  group: "control",
  summary: "Branch on a value",
  docs: `Leads to the edge whose \`when\` equals the text of the value at \`expr\`: a string verbatim, \`true\` and \`false\`, a number as
its JSON text (\`1\` and \`1.0\` are different labels), \`null\` for null and for a reference that leads nowhere, \`array\` and
\`object\` for those. There is no fallback: an edge without \`when\` is not followed, and a label without an edge ends the run
as completed.

Dry run: an unknown value takes \`null\`, marked as assumed, or the label given with \`--assume NODE=LABEL\`.`,
  fields: z.strictObject({
    expr: optionalReference("Where the value stands in the context; a miss counts as null."),
  }),
  effect: null,
  ports: openPorts,
  output: () => shape.object({ value: shape.any }),
  example: `[[nodes]]
id = "route"
type = "switch"
expr = "analyze.decision"`,
});
