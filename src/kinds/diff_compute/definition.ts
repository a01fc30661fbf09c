import { z } from "zod";
import { defineKind, plain, reference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "diff_compute",
  dialects: ["workflow"],
  group: "transform",
  summary: "Compare two values member by member",
  docs: `Lists what was added, removed and changed from the left to the right value. Keys of the three maps are paths: members
joined by \`.\`, array elements as \`[i]\`, and \`$\` for the root itself. Arrays are compared by index. An added or removed
subtree appears once, whole, at its top. Values of different types count as changed; \`1\`, \`1.0\`, \`"1"\` and \`true\` are
all different.

Errors: a side that is not in the context ends the run with class \`tool\`.

Dry run: computes as usual; unknown when a side is unknown or only partly known.`,
  fields: z.strictObject({
    left_from: reference("Where the old value stands in the context."),
    right_from: reference("Where the new value stands in the context."),
  }),
  effect: null,
  ports: plain,
  output: () =>
    shape.object({
      added: shape.object({}, true),
      removed: shape.object({}, true),
      changed: shape.object({}, true),
      unchanged: shape.boolean,
    }),
  example: `[[nodes]]
id = "d"
type = "diff_compute"
left_from = "fetch_old.parsed"
right_from = "fetch_new.parsed"`,
});
