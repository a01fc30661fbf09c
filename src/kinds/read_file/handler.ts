import type { z } from "zod";
import { perform, type Handler } from "../../effects/handler.ts";
import { object } from "../../graph/value.ts";
import { requiredString } from "../inputs.ts";
import { resultInteger, resultText } from "../results.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Effect `fs.read`; its result is `{content, bytes}` (spec/workflow.md §8.2). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const path = requiredString(context, fields.path_from);
  const read = yield* perform({ kind: "fs.read", path });
  if (read === undefined) return { outcome: "continue", output: object({ path, dry_run: true }), partial: true };
  const content = resultText(read, "content");
  return { outcome: "continue", output: object({ path, content, bytes: resultInteger(read, "bytes") }) };
};
