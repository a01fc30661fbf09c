import { z } from "zod";
import { defineKind, plain, text } from "../define.ts";
import { stepFields, stepShape } from "../step/fields.ts";

export const definition = defineKind({
  kind: "skill",
  dialects: ["skill"],
  group: "step",
  summary: "Run another skill",
  docs: `Runs the skill in the folder \`skill\` (relative to the graph; \`..\` is allowed) with this step's inputs. With an
\`X.yaml\` there, \`runner\` names one of its runners; without \`runner\` its default or only one runs. Without an \`X.yaml\`
the \`source\` of its \`SKILL.md\` runs. A skill whose source is a graph is walked as a child.

Output: what the skill leaves. A graph leaves \`stdout\` = the JSON of \`{graph, graph_status, steps, step_outputs}\` and
those keys. \`artifacts\` of the step replace the skill's own.

Errors: a folder without a skill, a runner that does not exist and a document that is not valid end the run with class
\`config\`; registry references (\`registry:…\`, \`runx-registry:…\`, \`runx://skill/…\`) with class \`capability\` until
registries are available; a failure inside the skill fails the step.

Dry run: the skill is walked, also dry.`,
  fields: z.strictObject({
    ...stepFields,
    skill: text("Folder of the skill, or an explicit registry reference."),
    runner: text("Which runner of the skill's X.yaml.").optional(),
    reference: text("The skill and its runner as one file reference.").optional(),
  }),
  effect: "spawn",
  ports: plain,
  output: stepShape,
  example: `- id: first
  skill: ../hello-world
  inputs:
    message: hello from graph`,
});
