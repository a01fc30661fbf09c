/**
 * The keys of a skill graph (spec/skill-graph.md §2), as schemas of names and docs. Its readers are written by hand, so this
 * table only describes; test/language/schema.test.ts holds it against them.
 */
import { z } from "zod";
import { reference, template, text, unsigned } from "../../src/kinds/define.ts";
import { kindDefinition } from "../../src/kinds/definitions.generated.ts";
import { artifacts, outputs, stepFields } from "../../src/kinds/step/fields.ts";
import { chosen } from "./walk.ts";

/** Types that `run` may have, by the kinds that run them. */
export const runTypes = ["cli-tool", "agent-task", "approval", "http", "stage"] as const;

const flag = (description: string) => z.boolean().meta({ description });
const anyValue = (description: string) => z.unknown().meta({ description });

/** A kind's own fields: those that no step has beside its target. */
function ownFields(kind: string, keys: readonly string[]): Record<string, z.ZodType> {
  const shape = (kindDefinition(kind)?.fields.shape ?? {}) as Readonly<Record<string, z.ZodType>>;
  return Object.fromEntries(keys.flatMap((key) => (shape[key] === undefined ? [] : [[key, shape[key]]])));
}

const httpKeys = ["url", "method", "headers", "allow_private_network", "outputs"] as const;
/** What each type of `run` takes beside `type`. */
const runKeys: Readonly<Record<(typeof runTypes)[number], readonly string[]>> = {
  "cli-tool": ["command", "args", "cwd", "outputs"],
  "agent-task": ["agent", "task", "outputs"],
  approval: [],
  http: httpKeys,
  stage: ["key", "input_from"],
};

const runType = z.enum(runTypes).meta({ description: "What the step does." });
/** Arguments are templates over the step's inputs. */
const args = z.array(template("Text with `{{input}}` and `{{env.NAME}}`.")).meta({
  description: "Arguments; templates over the step's inputs.",
});
const runs = new Map<string, z.ZodObject>(
  runTypes.map((type) => {
    const own = ownFields(type, runKeys[type]);
    if (own["args"] !== undefined) own["args"] = args.optional();
    return [type, z.strictObject({ type: runType, ...own })];
  }),
);
const run = chosen(
  (beside) => runs.get(beside("type") ?? "") ?? z.strictObject({ type: runType }),
  "What to do, given here.",
);
const http = z.strictObject(ownFields("http", httpKeys));
const source = z.strictObject({
  type: z.literal("http").meta({ description: "The only type that a step's `source` may have." }),
  ...ownFields("http", httpKeys),
});

/** `retry` of a step or a skill. */
export const retry = z.strictObject({
  max_attempts: unsigned("u32", "Attempts in all, at least 1.").default(1),
  backoff_ms: unsigned("u32", "Wait before retry n is n times this, in milliseconds.").optional(),
});

const condition = {
  field: reference("An output of an earlier step, as `<step>.<path>`."),
  equals: anyValue("The value that the field must have.").optional(),
  not_equals: anyValue("The value that the field must not have.").optional(),
};

/** Docs of keys that the readers know and refuse; they are not offered. */
export const reservedDoc = "Reserved; a local graph is refused with it.";

/** One item of `steps`. */
export const step = z.strictObject({
  id: text("The step's name in references and receipts."),
  label: text("A name for people.").optional(),
  skill: text("Folder of the skill to run, relative to this file, or a registry reference.").optional(),
  tool: text("A tool of the catalog, with its namespace, e.g. `fs.read`.").optional(),
  run: run.optional(),
  http: http.meta({ description: "A governed HTTP call." }).optional(),
  source: source.meta({ description: "An HTTP call, in the form of a skill's source." }).optional(),
  runner: text("Which runner of the skill's `X.yaml`; its default or only one when left out.").optional(),
  instructions: stepFields.instructions,
  artifacts: stepFields.artifacts,
  inputs: stepFields.inputs,
  context: stepFields.context,
  context_skills: stepFields.context_skills,
  scopes: stepFields.scopes,
  allowed_tools: stepFields.allowed_tools,
  retry: retry.meta({ description: "What to do when the step fails." }).optional(),
  policy: stepFields.policy,
  mode: z
    .enum(["sequential", "fanout"])
    .meta({ description: "`fanout` runs the step beside the others of its group." })
    .default("sequential"),
  fanout_group: text("The group of `fanout.groups` that the step is a branch of.").optional(),
  when: z
    .strictObject(condition)
    .meta({ description: "The step is skipped unless this holds. Exactly one of `equals` and `not_equals`." })
    .optional(),
  mutation: stepFields.mutation,
  idempotency_key: text("Makes an effect safe to repeat; needed to retry a mutation.").optional(),
  in_doubt: z
    .enum(["pause", "retry", "fail"])
    .meta({ description: "What to do when nobody knows whether an effect happened." })
    .default("pause"),
  sync: anyValue(reservedDoc).optional(),
  stage: anyValue(reservedDoc).optional(),
});

const gateAction = z.enum(["pause", "escalate"]).meta({ description: "What happens when the gate closes." });
const gateField = text("A path into the branches' outputs.");

const group = z.strictObject({
  strategy: z.enum(["all", "any", "quorum"]).meta({ description: "How many branches must succeed." }).default("all"),
  min_success: unsigned("u32", "How many, for `quorum`.").optional(),
  on_branch_failure: z
    .enum(["halt", "continue"])
    .meta({ description: "What a failed branch does; `halt` for `all`, else `continue`." })
    .optional(),
  threshold_gates: z
    .array(
      z.strictObject({
        step: text("The branch whose output is looked at."),
        field: gateField,
        above: z.number().meta({ description: "The gate closes above this." }),
        action: gateAction,
      }),
    )
    .meta({ description: "Stops where a number is too high." })
    .optional(),
  conflict_gates: z
    .array(
      z.strictObject({
        field: gateField,
        steps: z.array(z.string()).meta({ description: "The branches that are compared." }),
        action: gateAction,
      }),
    )
    .meta({ description: "Stops where branches disagree." })
    .optional(),
});

const guard = z.strictObject({ step: text("The step that must wait."), ...condition });

/** A whole graph: `graph.yaml`, or `graph` of a skill. */
export const skillGraph = z.strictObject({
  name: text("The graph's name."),
  owner: text("Who answers for it.").optional(),
  steps: z.array(step).meta({ description: "What is done, in this order." }),
  fanout: z
    .strictObject({
      groups: z.record(z.string(), group).meta({ description: "Rules of the fan-out groups, by name." }).optional(),
    })
    .meta({ description: "How steps that run side by side are joined." })
    .optional(),
  policy: z
    .strictObject({
      guards: z
        .array(guard)
        .meta({ description: "Conditions that must hold before a step runs, else the graph is blocked." })
        .optional(),
    })
    .meta({ description: "What must hold before steps run." })
    .optional(),
  sync: anyValue(reservedDoc).optional(),
  schedule: anyValue(reservedDoc).optional(),
  schedules: anyValue(reservedDoc).optional(),
});

/** Shared with skills. */
export const shared = { args, artifacts, outputs, flag, anyValue, ownFields, httpKeys };
