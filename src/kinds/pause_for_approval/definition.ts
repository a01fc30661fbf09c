import { z } from "zod";
import { defineKind, plainOr, shape, text } from "../define.ts";

export const definition = defineKind({
  kind: "pause_for_approval",
  dialects: ["workflow"],
  group: "control",
  summary: "Stop until a person agrees",
  docs: `Stops the run and keeps it until a person answers; it then goes on at the node's edge without \`when\`. A denial follows the
edge \`when = "denied"\`; without one the run fails with class \`approval\`. The output is null, on \`denied\` it is
\`{approved: false, by, reason}\`.

Errors: without a state directory there is nowhere to keep the run (class \`workflow\`, exit code 5). Inside a child document
a pause is not supported and ends the parent's \`call\` with class \`workflow\`.

Dry run: does not stop; it is reported as "would pause" and goes on as approved, unless the run is being stepped.`,
  fields: z.strictObject({
    reason: text("What the approver is asked.").optional(),
  }),
  effect: null,
  ports: plainOr("denied"),
  output: () =>
    shape.union(
      shape.null,
      shape.object({
        approved: shape.boolean,
        by: shape.string,
        reason: shape.union(shape.string, shape.null),
      }),
    ),
  retryable: false,
  example: `[[nodes]]
id = "approve"
type = "pause_for_approval"
reason = "Review the prepared change, then resume to apply."`,
});
