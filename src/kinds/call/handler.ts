import type { z } from "zod";
import { frames, type Handler } from "../../effects/handler.ts";
import { NodeFailure } from "../../graph/failure.ts";
import { object } from "../../graph/value.ts";
import { checkDepth, childFrame } from "../children.ts";
import { optional } from "../inputs.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** One child frame (spec/workflow.md §8.3). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  checkDepth(context);
  const input = fields.input_from === undefined ? context.input : optional(context, fields.input_from);
  const child = childFrame(context, fields.workflow, fields.start, input);
  if (!child.ok) throw new NodeFailure(child.hard);
  const [result] = yield* frames([child.frame], 1);
  switch (result?.status) {
    case "completed": {
      const output = object({ result: result.value });
      return { outcome: "continue", output, ...(result.partial ? { partial: true } : {}) };
    }
    case "failed":
      return { outcome: "continue", output: object({ error: result.reason }), label: "error" };
    case "timed_out":
      return { outcome: "continue", output: object({ error: "sub-workflow timed out" }), label: "error" };
    case "error":
      throw new NodeFailure(result.failure);
    case undefined:
      throw new TypeError("the runner gave too few results");
  }
};
