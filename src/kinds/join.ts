/** The joint of `parallel` and `map`: walks children in waves and collects `{ok, results}` (spec/workflow.md §8.3). */
import { frames, type NodeResult, type Request, type Response } from "../effects/handler.ts";
import { isObject, member, object } from "../graph/value.ts";
import { element, type Child } from "./children.ts";

/** Walks the usable children, `wave` at once; one result for each child, in order. */
export function* join(children: readonly Child[], wave: number): Generator<Request, NodeResult, Response> {
  const requests = children.flatMap((child) => (child.ok ? [child.frame] : []));
  const answers = requests.length === 0 ? [] : yield* frames(requests, wave);
  const rest = [...answers];
  const results = children.map((child) => element(child, child.ok ? rest.shift() : undefined));
  const ok = results.every((one) => isObject(one) && member(one, "error") === undefined);
  const partial = answers.some((one) => one.status === "completed" && one.partial);
  return {
    outcome: "continue",
    output: object({ ok, results }),
    ...(ok ? {} : { label: "error" }),
    ...(partial ? { partial } : {}),
  };
}
