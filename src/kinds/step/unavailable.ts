/** Steps that are understood and cannot run yet: they say so, also in a dry run, and are never skipped (R16). */
import type { NodeContext } from "../../effects/handler.ts";
import { NodeFailure } from "../../graph/failure.ts";

/** "graph step 'x'", or "skill 's'" for the one node of a skill. */
export function subjectOf(context: NodeContext): string {
  const { node, graph } = context;
  return node.at.at(-2) === "steps" ? `graph step '${node.id}'` : `skill '${graph.name}'`;
}

/** Ends the step with class `capability`: "graph step 'x' <what>, which is not available yet; <remedy>". */
export function notAvailable(context: NodeContext, what: string, remedy: string): never {
  const message = `${subjectOf(context)} ${what}, which is not available yet; ${remedy}`;
  throw new NodeFailure({ class: "capability", message });
}
