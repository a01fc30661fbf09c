/**
 * Retries that would repeat what a nested skill does to the world (Decision R6). A document alone does not show them:
 * the step declares the retry, the skill that it mutates. Pure.
 */
import type { Diagnostic } from "../../graph/diagnostic.ts";
import type { Bundle } from "../bundle.ts";

/** Steps anywhere in a bundle that retry a mutating skill without an idempotency key; such a bundle does not run. */
export function mutatingRetries(bundle: Bundle): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { key, graph } of bundle.entries.values()) {
    for (const node of graph?.nodes ?? []) {
      if (node.kind !== "skill" || node.idempotencyKey !== null || (node.retry?.maxAttempts ?? 1) < 2) continue;
      const link = bundle.links.get(key)?.get(node.files[0]?.text ?? "");
      const fields = typeof link === "string" ? bundle.entries.get(link)?.graph?.nodes[0]?.fields : undefined;
      if (fields?.["mutating"] !== true || fields["idempotent"] === true) continue;
      found.push({
        code: "skill_retry_mutation",
        severity: "error",
        message: `step '${node.id}' declares mutating retry without an idempotency key`,
        file: graph?.file ?? key,
        at: { path: [...node.at, "retry"], part: "construct" },
      });
    }
  }
  return found;
}
