import { z } from "zod";
import { defineKind, plain, shape, text } from "../define.ts";

export const definition = defineKind({
  kind: "read_env",
  dialects: ["workflow"],
  group: "input",
  summary: "Read an environment variable",
  docs: `Reads the environment variable that \`key\` names. An unset variable is no error: \`value\` is null and \`missing\` is
true. An empty variable counts as set. The values of \`[[secrets]]\` are not visible here.

Errors: a variable outside \`policy.env.read_keys\` ends the run with class \`policy\`; a value that is not UTF-8 with class
\`tool\`.

Dry run: reads as usual, since reading changes nothing; \`{key, dry_run: true}\` where the dry run performs no reads.`,
  fields: z.strictObject({
    key: text("Name of the variable, literally; not a reference."),
  }),
  effect: "read",
  ports: plain,
  output: () =>
    shape.object({
      key: shape.string,
      value: shape.union(shape.string, shape.null),
      missing: shape.boolean,
      dry_run: shape.dryRun,
    }),
  literalEffects: (fields, node) => [
    { family: "env.read", target: fields.key, at: { path: [...node.at, "key"], part: "value" } },
  ],
  example: `[[nodes]]
id = "token"
type = "read_env"
key = "GITHUB_TOKEN"`,
});
