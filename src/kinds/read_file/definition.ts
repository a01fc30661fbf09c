import { z } from "zod";
import { defineKind, plain, reference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "read_file",
  dialects: ["workflow"],
  group: "input",
  summary: "Read a UTF-8 file",
  docs: `Reads the file that \`path_from\` names and hands on its text. \`path\` is given back as it was written, \`bytes\` counts
the file's bytes. There is no size limit.

Errors: a path that is not in the context or is not a string, a missing file, a directory, and bytes that are not UTF-8
end the run with class \`tool\`; a path outside \`policy.fs.read\` with class \`policy\`.

Dry run: \`{path, dry_run: true}\`; the file is not opened, unless the dry run performs reads.`,
  fields: z.strictObject({
    path_from: reference("Where the path stands in the context; must be a string."),
  }),
  effect: "read",
  ports: plain,
  output: () =>
    shape.object({ path: shape.string, content: shape.string, bytes: shape.integer, dry_run: shape.dryRun }),
  literalEffects: (_fields, node) => [
    { family: "fs.read", target: null, at: { path: [...node.at, "path_from"], part: "value" } },
  ],
  example: `[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"`,
});
