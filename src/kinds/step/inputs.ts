/**
 * What a step gets (spec/skill-graph.md §2.3, §2.4, Decision R2): the graph's input when it runs as a skill, under
 * the step's `inputs`, under its `context`. Pure.
 */
import type { NodeContext } from "../../effects/handler.ts";
import { NodeFailure } from "../../graph/failure.ts";
import type { Graph } from "../../graph/model.ts";
import { isObject, object, type ObjectValue, type Value } from "../../graph/value.ts";
import { UnknownInput } from "../inputs.ts";
import { bind } from "./bindings.ts";
import type { StepFields } from "./fields.ts";
import { notAvailable, policyKey } from "./unavailable.ts";

/** Inputs of a step. `unknown` names those that a dry run does not know; they are not in `inputs`. */
export interface StepInputs {
  readonly inputs: ObjectValue;
  readonly unknown: readonly string[];
}

/** The inputs that the step `context.node` gets. A context path that its step did not produce is an error (R2). */
export function stepInputs(context: NodeContext): StepInputs {
  const fields = context.node.fields as StepFields;
  refusePolicy(context, fields);
  const payload = graphInput(context.graph, context.input);
  const made = object(payload ?? undefined);
  for (const [key, value] of Object.entries(fields.inputs ?? {})) {
    const bound = payload === null ? value : bind(value, payload);
    // A binding that does not resolve takes the key away, also one that the graph's input had.
    if (bound === undefined) delete made[key];
    else made[key] = bound;
  }
  const unknown: string[] = [];
  for (const [key, reference] of Object.entries(fields.context ?? {})) {
    const found = context.lookup(reference);
    if (found.state === "found") made[key] = found.value;
    else if (found.state === "unknown" && context.dryRun) {
      delete made[key];
      unknown.push(key);
    } else if (found.state === "unknown") throw new UnknownInput(reference);
    else throw new NodeFailure({ class: "tool", message: missingContext(context.node.id, key, reference) });
  }
  return { inputs: made, unknown };
}

/** A permission that nobody checks yet must not look granted (spec/skill-graph.md §11, R16). */
function refusePolicy(context: NodeContext, fields: StepFields): void {
  const [key] = Object.keys(fields.policy ?? {});
  if (key !== undefined) notAvailable(context, policyKey(key), "remove it to run the step without that check");
}

/** Names the step, the input and the path that is not there (R2). */
function missingContext(step: string, key: string, reference: string): string {
  const dot = reference.indexOf(".");
  const [source, path] = [reference.slice(0, dot), reference.slice(dot + 1)];
  return `graph step '${step}' reads context '${key}', but output path '${path}' was not produced by the source step '${source}'`;
}

/** The payload that steps of a skill see, its declared defaults applied; null for a bare graph (§2.4). */
export function graphInput(graph: Graph, input: Value): ObjectValue | null {
  if (graph.inputs === undefined) return null;
  const made = object();
  for (const declared of graph.inputs) if (declared.default !== undefined) made[declared.name] = declared.default;
  return isObject(input) ? Object.assign(made, input) : made;
}
