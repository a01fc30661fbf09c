import type { z } from "zod";
import { requiredWhole } from "../inputs.ts";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";
import { difference } from "./diff.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §8.1. */
export const handler = pure((context) => {
  const fields = context.node.fields as Fields;
  const left = requiredWhole(context, fields.left_from);
  return { outcome: "continue", output: difference(left, requiredWhole(context, fields.right_from)) };
});
