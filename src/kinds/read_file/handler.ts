import { perform, type Handler } from "../../effects/handler.ts";
import { object } from "../../graph/value.ts";
import { requiredString } from "../inputs.ts";

/** Effect `fs.read`; its result is `{content, bytes}`. */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as { path_from: string };
  const path = requiredString(context, fields.path_from);
  const read = yield* perform({ kind: "fs.read", path });
  if (read === undefined) return { outcome: "continue", output: object({ path, dry_run: true }), partial: true };
  const { content, bytes } = read as { content: string; bytes: bigint };
  return { outcome: "continue", output: object({ path, content, bytes }) };
};
