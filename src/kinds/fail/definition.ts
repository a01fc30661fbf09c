import { z } from "zod";
import { defineKind, noPorts, shape, text } from "../define.ts";

export const definition = defineKind({
  kind: "fail",
  dialects: ["workflow"],
  group: "control",
  summary: "End the run as failed",
  docs: `Ends the run with status \`failed\` and the declared reason: exit code 5, or HTTP 422. Edges out of this node are never
followed. A \`call\` of this document gets \`{error: reason}\` on its label \`error\`.`,
  fields: z.strictObject({
    reason: text("Why, for the outcome; `workflow failed` when left out.").optional(),
  }),
  effect: null,
  ports: noPorts,
  output: () => shape.null,
  example: `[[nodes]]
id = "reject"
type = "fail"
reason = "input failed schema check"`,
});
