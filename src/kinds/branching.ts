/** What `condition` and `switch` share: the value of `expr`, and what to do when a dry run does not know it. */
import type { NodeContext, NodeResult } from "../effects/handler.ts";
import { object, type Value } from "../graph/value.ts";

/**
 * Branches on the value of `expr`; a miss is null. An unknown value takes the label chosen with `--assume`, else the
 * label that a missing value has, marked as assumed (spec/runtime.md §5).
 */
export function branch(context: NodeContext, expr: string, label: (value: Value) => string): NodeResult {
  const found = context.lookup(expr);
  if (found.state !== "unknown") {
    const value = found.state === "found" ? found.value : null;
    return { outcome: "continue", output: object({ value }), label: label(value) };
  }
  if (context.assume !== undefined) {
    return { outcome: "continue", output: object(), label: context.assume, assumed: true, partial: true };
  }
  return { outcome: "continue", output: object({ value: null }), label: label(null), assumed: true };
}
