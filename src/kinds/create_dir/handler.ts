import type { z } from "zod";
import { perform, type Handler } from "../../effects/handler.ts";
import { object } from "../../graph/value.ts";
import { requiredString } from "../inputs.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Effect `fs.mkdir` (spec/workflow.md §8.2). */
export const handler: Handler = function* (context) {
  const path = requiredString(context, (context.node.fields as Fields).path_from);
  const made = yield* perform({ kind: "fs.mkdir", path });
  if (made === undefined) return { outcome: "continue", output: object({ path, dry_run: true }), partial: true };
  return { outcome: "continue", output: object({ path, created: true }) };
};
