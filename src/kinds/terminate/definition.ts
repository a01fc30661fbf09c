import { z } from "zod";
import { defineKind, noPorts, shape } from "../define.ts";

export const definition = defineKind({
  kind: "terminate",
  dialects: ["workflow"],
  group: "control",
  summary: "End the run as completed",
  docs: `Ends the run with status \`completed\`. The run's \`final_value\` is null; to give a value back, let the run end at the node
that has it. Edges out of this node are never followed.`,
  fields: z.strictObject({}),
  effect: null,
  ports: noPorts,
  output: () => shape.null,
  example: `[[nodes]]
id = "done"
type = "terminate"`,
});
