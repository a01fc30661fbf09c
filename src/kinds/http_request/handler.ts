import type { z } from "zod";
import { perform, type Handler, type NodeContext } from "../../effects/handler.ts";
import { object, type Value } from "../../graph/value.ts";
import { missText, problemOf, requiredString } from "../inputs.ts";
import type { definition } from "./definition.ts";
import { exchange, exchangeOutput } from "./exchange.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Effect `http.request`; its result is `{status, headers, body, bytes, truncated}` (spec/workflow.md §8.6). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const url = requiredString(context, fields.url_from);
  const body = requestBody(context, fields.body_from);
  const { effect, problem } = exchange(fields.method, url, body.value, fields.headers);
  const wrong = body.problem ?? problem;
  const extra = wrong === null || context.dryRun ? {} : { problem: problemOf(context, wrong) };
  const reply = yield* perform(effect, extra);
  if (reply === undefined) {
    return { outcome: "continue", output: object({ method: effect.method, url, dry_run: true }), partial: true };
  }
  const { output, failed } = exchangeOutput(reply);
  return { outcome: "continue", output, ...(failed ? { label: "error" } : {}) };
};

/** The body as far as it is known: a dry run goes on without one, a live run has a problem. */
function requestBody(
  context: NodeContext,
  reference: string | undefined,
): { readonly value: Value | undefined; readonly problem: string | null } {
  if (reference === undefined) return { value: undefined, problem: null };
  const found = context.lookup(reference);
  if (found.state === "found") return { value: found.value, problem: null };
  return { value: undefined, problem: missText(reference) };
}
