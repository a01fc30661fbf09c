import type { z } from "zod";
import { renderTemplate } from "../../graph/template.ts";
import { object } from "../../graph/value.ts";
import { renderBelow, required } from "../inputs.ts";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §4.4, §8.1. */
export const handler = pure((context) => {
  const fields = context.node.fields as Fields;
  if (fields.input_from === undefined) {
    return { outcome: "continue", output: object({ rendered: renderTemplate(fields.template, null) }) };
  }
  required(context, fields.input_from);
  const rendered = renderBelow(context, fields.template, fields.input_from);
  return { outcome: "continue", output: object({ rendered }) };
});
