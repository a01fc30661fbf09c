/**
 * How handlers read their inputs: what a miss and a wrong type mean (spec/workflow.md §4.3), and what an unknown
 * input does in a dry run (spec/runtime.md §5).
 */
import type { NodeContext } from "../effects/handler.ts";
import { NodeFailure, toolFailure } from "../graph/failure.ts";
import { typeName, type Value } from "../graph/value.ts";

/** Thrown when an input is unknown in a dry run; the runner gives the node an unknown output. */
export class UnknownInput extends Error {
  readonly reference: string;
  constructor(reference: string) {
    super(`\`${reference}\` is unknown in this dry run`);
    this.name = "UnknownInput";
    this.reference = reference;
  }
}

/** The value of a reference that must resolve; a miss is the node's hard error. */
export function required(context: NodeContext, reference: string): Value {
  const found = context.lookup(reference);
  if (found.state === "found") return found.value;
  if (found.state === "unknown") throw new UnknownInput(reference);
  throw new NodeFailure(toolFailure(context.node.kind, `path \`${reference}\` is not set in the execution context`));
}

/** As {@link required}, and it must be a string. */
export function requiredString(context: NodeContext, reference: string): string {
  const value = required(context, reference);
  if (typeof value === "string") return value;
  throw new NodeFailure(
    toolFailure(context.node.kind, `path \`${reference}\` must resolve to a string; got ${typeName(value)}`),
  );
}

/** The value of a reference whose miss counts as null. */
export function optional(context: NodeContext, reference: string | undefined): Value {
  if (reference === undefined) return null;
  const found = context.lookup(reference);
  if (found.state === "unknown") throw new UnknownInput(reference);
  return found.state === "found" ? found.value : null;
}
