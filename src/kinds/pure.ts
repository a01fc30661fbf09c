/** Kinds that only compute: a handler that asks for nothing. */
import type { Handler, NodeContext, NodeResult } from "../effects/handler.ts";

const nothing: readonly never[] = [];

/** A handler from a function of the node's context. */
export function pure(compute: (context: NodeContext) => NodeResult): Handler {
  return function* (context) {
    yield* nothing;
    return compute(context);
  };
}
