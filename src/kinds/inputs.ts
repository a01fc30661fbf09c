/**
 * How handlers read their inputs: what a miss and a wrong type mean (spec/workflow.md §4.3), and what an unknown
 * input does in a dry run (spec/runtime.md §5).
 */
import type { Lookup, NodeContext } from "../effects/handler.ts";
import { failure, NodeFailure, toolFailure, type Failure } from "../graph/failure.ts";
import { templateParts } from "../graph/template.ts";
import { displayText, isObject, typeName, type Value } from "../graph/value.ts";

/** Thrown when an input is unknown in a dry run; the runner gives the node an unknown output. */
export class UnknownInput extends Error {
  readonly reference: string;
  constructor(reference: string) {
    super(`\`${reference}\` is unknown in this dry run`);
    this.name = "UnknownInput";
    this.reference = reference;
  }
}

/** "tool `<this node's kind>` failed: <detail>", as a value. */
export function problemOf(context: NodeContext, detail: string): Failure {
  return toolFailure(context.node.kind, detail);
}

/** Ends the node with "tool `<kind>` failed: <detail>". */
export function fails(context: NodeContext, detail: string): never {
  throw new NodeFailure(problemOf(context, detail));
}

/** The value of a reference that must resolve; `name` is the field, where the miss names it (spec/workflow.md §4.3). */
export function required(context: NodeContext, reference: string, name = "path"): Value {
  const found = context.lookup(reference);
  if (found.state === "found") return found.value;
  if (found.state === "unknown") throw new UnknownInput(reference);
  return fails(context, missText(reference, name));
}

/** "path `<P>` is not set in the execution context". */
export function missText(reference: string, name = "path"): string {
  return `${name} \`${reference}\` is not set in the execution context`;
}

/** As {@link required}, and it must be a string. */
export function requiredString(context: NodeContext, reference: string): string {
  const value = required(context, reference);
  if (typeof value === "string") return value;
  return fails(context, `path \`${reference}\` must resolve to a string; got ${typeName(value)}`);
}

/** As {@link required}, and every member of it must be known. */
export function requiredWhole(context: NodeContext, reference: string): Value {
  const value = required(context, reference);
  if (lacksMembers(context, reference, value)) throw new UnknownInput(reference);
  return value;
}

/** The value of a reference whose miss counts as null. */
export function optional(context: NodeContext, reference: string | undefined): Value {
  if (reference === undefined) return null;
  const found = context.lookup(reference);
  if (found.state === "unknown") throw new UnknownInput(reference);
  return found.state === "found" ? found.value : null;
}

/**
 * As {@link optional} for an input of an effect: unknown is undefined instead of an exception, since a dry run still
 * asks policy about the effect's target.
 */
export function optionalOrUnknown(context: NodeContext, reference: string | undefined): Value | undefined {
  if (reference === undefined) return null;
  const found = context.lookup(reference);
  if (found.state === "unknown") return undefined;
  return found.state === "found" ? found.value : null;
}

/** Where `path`, whose empty segments are skipped, leads below `reference` (spec/workflow.md §4.4, §4.7). */
export function below(context: NodeContext, reference: string, path: string): Lookup {
  const segments = path.split(".").filter((segment) => segment !== "");
  const whole = [reference, ...segments].join(".");
  const found = context.lookup(whole);
  if (found.state !== "found" || !lacksMembers(context, whole, found.value)) return found;
  return { state: "unknown" };
}

/**
 * True for an object of which a dry run knows only some members: asked for a member that no output has, the context
 * says "unknown" instead of "missing".
 */
function lacksMembers(context: NodeContext, reference: string, value: Value): boolean {
  return context.dryRun && isObject(value) && context.lookup(`${reference}.\u0000`).state === "unknown";
}

/**
 * Renders a template over the value of `reference` as `renderTemplate` does, marker by marker, so that a marker whose
 * value is unknown raises {@link UnknownInput}.
 */
export function renderBelow(context: NodeContext, template: string, reference: string): string {
  let out = "";
  for (const part of templateParts(template)) {
    if (part.type === "text") {
      out += part.text;
      continue;
    }
    const found = below(context, reference, part.key);
    if (found.state === "unknown") throw new UnknownInput(`${reference}.${part.key}`);
    out += found.state === "found" ? displayText(found.value) : `{{${part.key}}}`;
  }
  return out;
}

/**
 * Refuses a kind for which nothing is configured, dry runs included (spec/workflow.md §5.10). `remedy` says how to
 * configure it.
 */
export function unavailable(context: NodeContext, remedy: string): never {
  const { kind, id } = context.node;
  throw new NodeFailure(
    failure("capability", `no handler registered for node kind \`${kind}\` (node \`${id}\`); ${remedy}`),
  );
}

/** Failures that nothing but the run itself may answer: no map element, no agent loop, no retry of a stage. */
export function endsTheRun(value: Failure): boolean {
  return value.class === "approval" || value.class === "cancelled" || value.class === "internal";
}
