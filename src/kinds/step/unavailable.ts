/** Steps that are understood and cannot run yet: they say so, also in a dry run, and are never skipped (R16). */
import type { NodeContext } from "../../effects/handler.ts";
import { NodeFailure } from "../../graph/failure.ts";

/** Ends the step with class `capability`: "graph step 'x' <what>, which is not available yet; <remedy>". */
export function notAvailable(context: NodeContext, what: string, remedy: string): never {
  const message = `graph step '${context.node.id}' ${what}, which is not available yet; ${remedy}`;
  throw new NodeFailure({ class: "capability", message });
}
