import { z } from "zod";
import type { LiteralEffect } from "../../graph/model.ts";
import { parseStageKey } from "../../graph/stage-key.ts";
import { anyOutput, defineKind, plain, reference, text } from "../define.ts";

export const definition = defineKind({
  kind: "stage",
  dialects: ["workflow", "skill", "pipeline"],
  group: "action",
  summary: "Run a pipeline stage",
  docs: `Does what the stage key says with the input's bytes and hands the input on, unchanged:

- \`http_post:<url>\` sends them as the body of a POST request;
- \`exec:PROGRAM|ARG|…\` starts the program, without a shell, and writes them to its standard input;
- \`identity\` does nothing.

A string stands for its UTF-8 bytes, \`{"$bytes": <base64>}\` for those bytes, any other value for its compact JSON. The key
is the stage's identity: allow lists and approvals name it exactly. \`exec\` is off until the operator's allow list names
the program; it gets \`PATH\`, \`LANG\` and 30 seconds.

A connection that fails and the statuses 408, 425, 429 and 5xx are tried again as often as the operator allows
(\`COUNTERSIGN_ACTION_MAX_RETRIES\`), with a random wait that doubles, at most 30 seconds, or as long as \`Retry-After\` says.

Errors: any other status outside 200 to 299, an exit code other than 0, a signal and a time-out end the run with class
\`tool\`; a malformed key and a target that is not allowed with class \`policy\`.

Dry run: hands the input on; nothing is sent or started.`,
  fields: z.strictObject({
    key: text("`identity`, `http_post:URL` or `exec:PROGRAM|ARG|…`."),
    input_from: reference("Where the input stands in the context; the run's payload when left out.").optional(),
  }),
  effect: "spawn",
  ports: plain,
  output: anyOutput,
  literalEffects: (fields, node) => stageEffects(fields.key, [...node.at, ...keyPath(node.at)]),
  example: `[[nodes]]
id = "notify"
type = "stage"
key = "http_post:https://api.internal/orders"
input_from = "body.parsed"`,
});

/** Where a node's key stands in each dialect's document. */
function keyPath(at: readonly (string | number)[]): readonly string[] {
  const holder = at.at(-2);
  return holder === "stages" ? ["stage"] : holder === "steps" ? ["run", "key"] : ["key"];
}

/** The effect that a key stands for; none for `identity` and for a malformed key. */
function stageEffects(text: string, path: readonly (string | number)[]): readonly LiteralEffect[] {
  const read = parseStageKey(text);
  if (!read.ok) return [];
  const at = { path, part: "value" as const };
  switch (read.key.family) {
    case "identity":
      return [];
    case "http_post":
      return [{ family: "http.request", method: "POST", target: read.key.url, at }];
    case "exec":
      return [{ family: "shell.run", target: read.key.program, at }];
  }
}
