import { z } from "zod";
import { defineKind, plain, reference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "write_file",
  dialects: ["workflow"],
  group: "action",
  summary: "Write a file",
  docs: `Writes the value at \`content_from\` to the path at \`path_from\`: a string as UTF-8, any other value as compact JSON. Missing
folders are created; an existing file is replaced. \`bytes\` counts what was written.

Errors: a path or content that is not in the context, a path that is not a string, and whatever the file system refuses end
the run with class \`tool\`; a path outside \`policy.fs.write\` with class \`policy\`; more than \`budget.max_fs_write_mb\` with
class \`budget\`. Policy is asked before the content is looked at.

Dry run: \`{path, bytes, dry_run: true}\`; nothing is written.`,
  fields: z.strictObject({
    path_from: reference("Where the path stands in the context; must be a string."),
    content_from: reference("Where the content stands in the context."),
  }),
  effect: "mutate",
  ports: plain,
  output: () =>
    shape.object({ path: shape.string, bytes: shape.integer, written: shape.boolean, dry_run: shape.dryRun }),
  literalEffects: (_fields, node) => [
    { family: "fs.write", target: null, at: { path: [...node.at, "path_from"], part: "value" } },
  ],
  example: `[[nodes]]
id = "emit"
type = "write_file"
path_from = "trigger.output_path"
content_from = "classify.content"`,
});
