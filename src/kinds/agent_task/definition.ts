import { z } from "zod";
import { defineKind, plain, text } from "../define.ts";
import { outputs, stepFields, stepShape } from "../step/fields.ts";

export const definition = defineKind({
  kind: "agent-task",
  dialects: ["skill"],
  group: "step",
  summary: "Give an agent a task",
  docs: `Gives an agent the task, the step's inputs and the skills it names as context; the agent's answer becomes the step's
outputs, of which only the declared ones can be read.

Errors: agents are not available yet, so the step ends the run with class \`capability\`.

Dry run: the same.`,
  fields: z.strictObject({
    ...stepFields,
    agent: text("Which agent.").optional(),
    task: text("What it has to do.").optional(),
    outputs: outputs.optional(),
    skill_retry: z.unknown().optional(),
    mutating: z.boolean().optional(),
    idempotent: z.boolean().optional(),
  }),
  effect: "model",
  ports: plain,
  output: stepShape,
  example: `- id: apply_taste
  run:
    type: agent-task
    agent: builder
    task: apply taste guidance
    outputs:
      summary: string`,
});
