import type { z } from "zod";
import { jsonProblemText, parseJson } from "../../graph/json.ts";
import { object } from "../../graph/value.ts";
import { fails, requiredString } from "../inputs.ts";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §8.1. */
export const handler = pure((context) => {
  const fields = context.node.fields as Fields;
  const read = parseJson(requiredString(context, fields.input_from));
  if (!read.ok) return fails(context, `invalid JSON at \`${fields.input_from}\`: ${jsonProblemText(read.problem)}`);
  return { outcome: "continue", output: object({ parsed: read.value }) };
});
