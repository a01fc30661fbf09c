/**
 * What a step leaves for the steps after it (spec/skill-graph.md §2.10): the base keys, what its JSON output claims,
 * the outputs it declares and its artifacts. Pure.
 */
import { NodeFailure } from "../../graph/failure.ts";
import { parseJson } from "../../graph/json.ts";
import { isObject, member, object, type MutableObject, type ObjectValue, type Value } from "../../graph/value.ts";
import { reservedOutputs, type Artifacts } from "./fields.ts";

/** What a finished step returned, and what it declares. */
export interface StepReturn {
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs?: ObjectValue | undefined;
  readonly artifacts?: Artifacts | undefined;
}

/** The outputs of a step that succeeded. A declared output that it did not return fails it. */
export function stepOutputs(step: StepReturn): ObjectValue {
  const made = object({ stdout: step.stdout, stderr: step.stderr, status: "success" });
  const parsed = parseJson(step.stdout);
  const claim = parsed.ok ? parsed.value : undefined;
  if (claim !== undefined) {
    made["raw"] = claim;
    made["skill_claim"] = claim;
    if (isObject(claim)) expose(claim, made);
  }
  for (const name of Object.keys(step.outputs ?? {})) made[name] = declared(name, claim);
  if (claim !== undefined) addArtifacts(made, step.artifacts ?? {}, claim);
  return made;
}

/** Every other top-level key of the claim; the base keys keep their own meaning. */
function expose(claim: ObjectValue, made: MutableObject): void {
  for (const key of Object.keys(claim)) if (!reservedOutputs.includes(key)) made[key] = claim[key] as Value;
}

function declared(name: string, claim: Value | undefined): Value {
  if (isObject(claim)) {
    const own = member(claim, name);
    if (own !== undefined) return own;
    for (const holder of ["output", "outputs", "payload"]) {
      const inner = member(claim, holder);
      const found = isObject(inner) ? member(inner, name) : undefined;
      if (found !== undefined) return found;
    }
  }
  throw new NodeFailure({ class: "tool", message: `declared run output "${name}" was not returned by the step` });
}

/** Adds `wrap_as` and `named_emits` of a claim. */
function addArtifacts(made: MutableObject, artifacts: Artifacts, claim: Value): void {
  const fields = isObject(claim) ? claim : object();
  for (const [field, name] of Object.entries(artifacts.named_emits ?? {})) {
    const value = member(fields, field);
    if (value === undefined) continue;
    made[name] = isObject(value) && member(value, "data") !== undefined ? value : object({ data: value });
  }
  const whole = artifacts.wrap_as;
  if (whole !== undefined) made[whole] = member(fields, whole) ?? object({ data: claim });
}
