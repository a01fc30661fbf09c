import { z } from "zod";
import { defineKind, plain, reference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "create_dir",
  dialects: ["workflow"],
  group: "action",
  summary: "Create a folder",
  docs: `Creates the folder that \`path_from\` names, with its parents. A folder that exists is no error.

Errors: a path that is not in the context or is not a string, and whatever the file system refuses end the run with class
\`tool\`; a path outside \`policy.fs.write\` with class \`policy\`.

Dry run: \`{path, dry_run: true}\`; nothing is created.`,
  fields: z.strictObject({
    path_from: reference("Where the path stands in the context; must be a string."),
  }),
  effect: "mutate",
  ports: plain,
  output: () => shape.object({ path: shape.string, created: shape.boolean, dry_run: shape.dryRun }),
  literalEffects: (_fields, node) => [
    { family: "fs.write", target: null, at: { path: [...node.at, "path_from"], part: "value" } },
  ],
  example: `[[nodes]]
id = "outdir"
type = "create_dir"
path_from = "trigger.dir"`,
});
