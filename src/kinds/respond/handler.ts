import type { z } from "zod";
import { utf8Length } from "../../graph/bytes.ts";
import { renderTemplate } from "../../graph/template.ts";
import { object } from "../../graph/value.ts";
import { renderBelow, required } from "../inputs.ts";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §8.7. */
export const handler = pure((context) => {
  const fields = context.node.fields as Fields;
  const status = fields.status ?? 200;
  const contentType = fields.content_type ?? "application/json";
  let body: string;
  if (fields.input_from === undefined) {
    body = renderTemplate(fields.body_template, context.input);
  } else {
    required(context, fields.input_from, "input_from path");
    body = renderBelow(context, fields.body_template, fields.input_from);
  }
  return {
    outcome: "continue",
    output: object({ status: BigInt(status), content_type: contentType, bytes: BigInt(utf8Length(body)) }),
    reply: { status, contentType, body },
  };
});
