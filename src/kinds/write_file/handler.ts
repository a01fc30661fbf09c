import type { z } from "zod";
import { attempt, type Handler } from "../../effects/handler.ts";
import { utf8Length } from "../../graph/bytes.ts";
import { NodeFailure } from "../../graph/failure.ts";
import { displayText, object } from "../../graph/value.ts";
import { missText, problemOf, requiredString } from "../inputs.ts";
import { resultInteger } from "../results.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Effect `fs.write`; its result is `{bytes}` (spec/workflow.md §8.2: policy, then content, then dry run). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const path = requiredString(context, fields.path_from);
  const found = context.lookup(fields.content_from);
  const content = found.state === "found" ? displayText(found.value) : null;
  const problem = found.state === "missing" ? problemOf(context, missText(fields.content_from)) : undefined;
  const reply = yield* attempt({ kind: "fs.write", path, content }, problem === undefined ? {} : { problem });
  if (reply.type === "failed") throw new NodeFailure(reply.failure);
  if (problem !== undefined) throw new NodeFailure(problem);
  if (reply.type === "done") {
    const output = object({ path, bytes: resultInteger(reply.value, "bytes"), written: true });
    return { outcome: "continue", output };
  }
  const bytes = content === null ? undefined : BigInt(utf8Length(content));
  return { outcome: "continue", output: object({ path, bytes, dry_run: true }), partial: true };
};
