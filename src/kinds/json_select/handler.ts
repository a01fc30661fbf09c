import type { z } from "zod";
import { object } from "../../graph/value.ts";
import { below, required, UnknownInput } from "../inputs.ts";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §4.7, §8.1. */
export const handler = pure((context) => {
  const fields = context.node.fields as Fields;
  required(context, fields.input_from);
  const part = below(context, fields.input_from, fields.path);
  if (part.state === "unknown") throw new UnknownInput(`${fields.input_from}.${fields.path}`);
  return {
    outcome: "continue",
    output: part.state === "found" ? object({ value: part.value, found: true }) : object({ value: null, found: false }),
  };
});
