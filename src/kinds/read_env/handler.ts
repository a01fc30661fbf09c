import type { z } from "zod";
import { perform, type Handler } from "../../effects/handler.ts";
import { object, type Value } from "../../graph/value.ts";
import { resultMember } from "../results.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Effect `env.read`; its result is `{value}`, null for an unset variable (spec/workflow.md §8.2). */
export const handler: Handler = function* (context) {
  const { key } = context.node.fields as Fields;
  const read = yield* perform({ kind: "env.read", key });
  if (read === undefined) return { outcome: "continue", output: object({ key, dry_run: true }), partial: true };
  return { outcome: "continue", output: variable(key, read) };
};

/** `{key, value}`, with `missing: true` for an unset variable. */
export function variable(key: string, read: Value): Value {
  const value = resultMember(read, "value");
  return value === null ? object({ key, value: null, missing: true }) : object({ key, value });
}
