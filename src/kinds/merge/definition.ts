import { z } from "zod";
import { defineKind, plain, shape } from "../define.ts";

export const definition = defineKind({
  kind: "merge",
  dialects: ["workflow"],
  group: "control",
  summary: "Join branches",
  docs: `Lets several branches lead into one place and go on from there. It waits for nothing, since only one branch of a
workflow runs at a time. Its output is null.`,
  fields: z.strictObject({}),
  effect: null,
  ports: plain,
  output: () => shape.null,
  example: `[[nodes]]
id = "join"
type = "merge"`,
});
