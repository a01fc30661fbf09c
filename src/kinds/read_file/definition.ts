import { z } from "zod";
import { defineKind, plain, reference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "read_file",
  dialects: ["workflow"],
  group: "input",
  summary: "Read a UTF-8 file",
  docs: `Reads the file that \`path_from\` names and hands on its text.

A missing file, a directory or bytes that are not UTF-8 are hard errors of class \`tool\`. A dry run gives
\`{path, dry_run: true}\` and does not open the file, unless it is a dry run that performs reads.`,
  fields: z.strictObject({
    path_from: reference("Where the path stands in the context; must be a string."),
  }),
  effect: "read",
  ports: plain,
  output: () => shape.object({ path: shape.string, content: shape.string, bytes: shape.integer }),
  literalEffects: (_fields, node) => [
    { family: "fs.read", target: null, at: { path: [...node.at, "path_from"], part: "value" } },
  ],
  example: `[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"`,
});
