import { z } from "zod";
import { defineKind, plain, shape } from "../define.ts";
import { stepFields } from "../step/fields.ts";

export const definition = defineKind({
  kind: "approval",
  dialects: ["skill"],
  group: "step",
  summary: "Ask a person for a yes or no",
  docs: `Asks a person. Inputs: \`gate_id\` and \`reason\` (required text), \`gate_type\`; all others are shown as the summary. The
request's id is the gate's id. With \`answer_schema\`, a JSON Schema, more than a yes is asked: the answer must fit it and
stands in the output as \`answer\`.

Output, under \`artifacts.wrap_as\` or \`approval\`: \`{data: {approved, gate_id, idempotency_key, status, actor}}\`.

The run pauses until there is an answer. A denied approval ends the run with class \`approval\`, unless a guard or a
\`when\` of the graph reads this step's output: then that condition decides.

Errors: a missing \`gate_id\` or \`reason\`, and an answer that is not a boolean.

Dry run: nobody is asked; the answer is unknown, so conditions on it are assumed to hold.`,
  fields: z.strictObject({ ...stepFields }),
  effect: null,
  ports: plain,
  output: (fields) => {
    const data = shape.object({
      approved: shape.boolean,
      gate_id: shape.string,
      idempotency_key: shape.string,
      status: shape.string,
      actor: shape.string,
    });
    return shape.object(
      { [fields.artifacts?.wrap_as ?? "approval"]: shape.object({ packet: shape.string, data }) },
      true,
    );
  },
  retryable: false,
  example: `- id: approve
  run:
    type: approval
  inputs:
    gate_id: release
    reason: Publish the release notes`,
});
