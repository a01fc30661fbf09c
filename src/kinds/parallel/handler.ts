import type { z } from "zod";
import type { Handler } from "../../effects/handler.ts";
import { checkDepth, childFrame } from "../children.ts";
import { optional } from "../inputs.ts";
import { join } from "../join.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** All branches in one wave (spec/workflow.md §8.3). */
export const handler: Handler = function* (context) {
  const { branches } = context.node.fields as Fields;
  checkDepth(context);
  const children = branches.map(({ workflow, input_from: from, start }) =>
    childFrame(context, workflow, start, from === undefined ? context.input : optional(context, from)),
  );
  return yield* join(children, children.length);
};
