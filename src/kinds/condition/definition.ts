import { z } from "zod";
import { defineKind, only, optionalReference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "condition",
  dialects: ["workflow"],
  group: "control",
  summary: "Branch on true or false",
  docs: `Leads to the edge \`when = "true"\` or \`when = "false"\` by the truth of the value at \`expr\`. False are: false, null,
every zero, the empty string, the empty array, the empty object, and a reference that leads nowhere. Everything else is
true, \`"false"\` and \`"0"\` included. A label without an edge ends the run as completed.

Dry run: an unknown value takes \`false\`, marked as assumed, or the label given with \`--assume NODE=LABEL\`.`,
  fields: z.strictObject({
    expr: optionalReference("Where the value stands in the context; a miss counts as null."),
  }),
  effect: null,
  ports: only("true", "false"),
  output: () => shape.object({ value: shape.any }),
  example: `[[nodes]]
id = "gate"
type = "condition"
expr = "trigger.flag"`,
});
