/**
 * Fields that every kind of skill-graph step has (spec/skill-graph.md §2.2), beside the common `id`, `label`,
 * `retry`, `idempotency_key`, `in_doubt`, `mode`, `fanout_group` and `when`, which are the graph's own.
 */
import { z } from "zod";
import type { Shape } from "../../graph/shape.ts";
import { isObject, type ObjectValue } from "../../graph/value.ts";
import { reference, shape, text } from "../define.ts";

/** A JSON object that is kept exactly as it is written. */
export const jsonObject = (description: string) =>
  z.custom<ObjectValue>((value) => isObject(value as ObjectValue), "must be an object").meta({ description });

/** How a step's claim becomes named outputs (§2.10). */
export const artifacts = z
  .strictObject({
    wrap_as: text("Name of the output that holds the whole claim as `{data}`.").optional(),
    named_emits: z.record(z.string(), z.string()).optional().meta({ description: "Claim field to output name." }),
    packet: text("Packet type that the output carries.").optional(),
  })
  .meta({ description: "Outputs that are made of what the step returns." });

/** Output names with their types (§3.3). */
export const outputs = jsonObject("Outputs that the step must return: name to type name, or to `{type, …}`.");

/** Names that neither a declared output nor an artifact may take (§2.10). */
export const reservedOutputs: readonly string[] = ["raw", "skill_claim", "stdout", "stderr", "status"];

/** The shared fields. */
export const stepFields = {
  inputs: jsonObject("Literal inputs; `$input.a.b` reads the input of the graph when it runs as a skill.").optional(),
  context: z
    .record(z.string(), reference("An output of an earlier step, as `<step>.<path>`."))
    .optional()
    .meta({ description: "Inputs that are read from earlier steps; they win over `inputs`." }),
  artifacts: artifacts.optional(),
  instructions: text("What an agent is told.").optional(),
  context_skills: z.array(z.string()).optional().meta({ description: "Skills that an agent reads as context." }),
  allowed_tools: z.array(z.string()).optional().meta({ description: "Tools that an agent may call." }),
  scopes: z.array(z.string()).optional().meta({ description: "Scopes the step asks for." }),
  policy: jsonObject("Permissions that the step needs.").optional(),
  mutation: z.boolean().optional().meta({ description: "The step changes the outside world." }),
} as const;

/** What the fields above hold, for code that serves several kinds. */
export interface StepFields {
  readonly inputs?: ObjectValue | undefined;
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly artifacts?: Artifacts | undefined;
  readonly mutation?: boolean | undefined;
  readonly policy?: ObjectValue | undefined;
}

/** `artifacts` of a step or a skill. */
export interface Artifacts {
  readonly wrap_as?: string | undefined;
  readonly named_emits?: Readonly<Record<string, string>> | undefined;
  readonly packet?: string | undefined;
}

/** What is known ahead of time of a step's outputs: the base keys and the declared names (§2.10). */
export function stepShape(fields: { artifacts?: Artifacts | undefined; outputs?: ObjectValue | undefined }): Shape {
  const members: Record<string, Shape> = {
    stdout: shape.string,
    stderr: shape.string,
    status: { type: "string", doc: "`success` or `failure`" },
    raw: shape.any,
    skill_claim: shape.any,
    dry_run: shape.dryRun,
  };
  for (const name of Object.keys(fields.outputs ?? {})) members[name] = shape.any;
  for (const name of Object.values(fields.artifacts?.named_emits ?? {})) members[name] = shape.any;
  const whole = fields.artifacts?.wrap_as;
  if (whole !== undefined) members[whole] = shape.any;
  return shape.object(members, true);
}
