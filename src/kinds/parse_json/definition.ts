import { z } from "zod";
import { defineKind, plain, reference, shape } from "../define.ts";

export const definition = defineKind({
  kind: "parse_json",
  dialects: ["workflow"],
  group: "input",
  summary: "Parse a string as JSON",
  docs: `Parses the string at \`input_from\`. Numbers keep their kind and exact value: \`1\` and \`1.0\` stay different. Of equal
keys the last wins. At most 127 levels of nesting are accepted.

Errors: an input that is not in the context, is not a string or is not JSON ends the run with class \`tool\`; the message
has line and column.

Dry run: computes as usual; unknown when its input is unknown.`,
  fields: z.strictObject({
    input_from: reference("Where the text stands in the context; must be a string."),
  }),
  effect: null,
  ports: plain,
  output: () => shape.object({ parsed: shape.any }),
  example: `[[nodes]]
id = "body"
type = "parse_json"
input_from = "load.content"`,
});
