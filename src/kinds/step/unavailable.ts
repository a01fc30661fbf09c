/** Steps that are understood and cannot run yet: they say so, also in a dry run, and are never skipped (R16). */
import type { NodeContext } from "../../effects/handler.ts";
import { NodeFailure } from "../../graph/failure.ts";
import type { Node } from "../../graph/model.ts";

/** "graph step 'x'", or "skill 's'" for the one node of a skill. */
export function subjectOf(context: NodeContext): string {
  const { node, graph } = context;
  return node.at.at(-2) === "steps" ? `graph step '${node.id}'` : `skill '${graph.name}'`;
}

/** What keeps a step or skill of this document from running in this version, for `describe`; null for nothing. */
export function unavailableStep({ kind, fields }: Node): string | null {
  switch (kind) {
    case "tool":
      return toolCall(fields);
    case "http":
      return HTTP_CALL;
    case "agent-task":
      return AGENT_TASK;
    case "unsupported":
      return unsupportedType(fields);
    case "skill":
      if (fields["reference"] === undefined) return registrySkill(fields);
  }
  const [key] = Object.keys((fields["policy"] as object | undefined) ?? {});
  return kind in stepKinds && key !== undefined ? policyKey(key) : null;
}

/** Kinds whose `policy` is that of a step. */
const stepKinds = { skill: true, "cli-tool": true, approval: true };

/** The phrases that errors and `describe` share. */
export const HTTP_CALL = "is a governed HTTP call";
export const AGENT_TASK = "is an agent task";
type Fields = Node["fields"];
export const toolCall = (fields: Fields): string => `calls the catalog tool '${String(fields["tool"])}'`;
export const unsupportedType = (fields: Fields): string => `uses unsupported run type '${String(fields["type"])}'`;
export const policyKey = (key: string): string => `declares policy.${key}`;
const registrySkill = (fields: Fields): string => `runs '${String(fields["skill"])}' of a registry`;

/** Ends the step with class `capability`: "graph step 'x' <what>, which is not available yet; <remedy>". */
export function notAvailable(context: NodeContext, what: string, remedy: string): never {
  const message = `${subjectOf(context)} ${what}, which is not available yet; ${remedy}`;
  throw new NodeFailure({ class: "capability", message });
}
