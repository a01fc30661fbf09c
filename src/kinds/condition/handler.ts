import type { z } from "zod";
import { truthy } from "../../graph/value.ts";
import { branch } from "../branching.ts";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §5.4, §8.4. */
export const handler = pure((context) => {
  const { expr } = context.node.fields as Fields;
  return branch(context, expr, (value) => (truthy(value) ? "true" : "false"));
});
