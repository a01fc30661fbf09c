import type { z } from "zod";
import { isArray, isObject, toText, type Value } from "../../graph/value.ts";
import { branch } from "../branching.ts";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §5.5, §8.4. */
export const handler = pure((context) => {
  const { expr } = context.node.fields as Fields;
  return branch(context, expr, label);
});

function label(value: Value): string {
  if (typeof value === "string") return value;
  if (isArray(value)) return "array";
  return isObject(value) ? "object" : toText(value);
}
