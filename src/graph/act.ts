/**
 * The act that a skill declares: what its receipt says was done, in the words of its author (spec/skill-graph.md §3.4,
 * §6.6, Decision R11). Data only; what the names lead to in a run is for whoever seals it.
 */
import type { DocumentPath } from "./diagnostic.ts";

/** Every key that a declared act may have. Each holds a text: a literal, or the name of an input, a step or a field. */
export const actKeys = [
  "form",
  "form_from",
  "purpose",
  "purpose_from",
  "legitimacy",
  "legitimacy_from",
  "reason_from",
  "target",
  "target_from",
  "decision",
  "decision_from",
  "effect_from",
  "effect_field_from",
  "effect_from_input",
  "effect_type",
  "effect_prefix",
  "effect_prefix_from",
  "actor",
  "actor_from",
  "authority",
  "authority_from",
  "previous_from",
  "reason_step",
  "effect_step",
] as const;
export type ActKey = (typeof actKeys)[number];

/** Those that hold the name of an input of the skill. */
export const actInputKeys = [
  "form_from",
  "purpose_from",
  "legitimacy_from",
  "target_from",
  "decision_from",
  "effect_field_from",
  "effect_from_input",
  "effect_prefix_from",
  "actor_from",
  "authority_from",
  "previous_from",
] as const satisfies readonly ActKey[];

/** Forms of an act as they stand in receipts; every other word is `observation` (spec/skill-graph.md §6.6). */
export const actForms = ["revision", "reply", "review", "observation", "verification"] as const;

/** Words for decisions by how they stand in receipts; every other word is `close` (§6.6). */
export const decisionWords = {
  close: ["close", "accept", "accepted", "approve", "approved", "paid", "settle", "settled"],
  decline: ["decline", "reject", "rejected", "deny", "denied"],
  continue: ["continue", "claim", "claimed", "deliver", "delivered"],
  defer: ["defer", "deferred"],
  escalate: ["escalate", "escalated"],
  monitor: ["monitor", "monitored"],
} as const;

/** What an effect may be; every other word is `artifact` (§6.6). */
export const effectTypeWords = [
  "artifact",
  "act",
  "tracking_item",
  "receipt",
  "provider",
  "provider_event",
  "provider_thread",
  "provider_comment",
  "github_issue",
  "external_url",
] as const;

/** Keys whose literals are of a few words, with these and the word that every other one counts as. */
export const actWords = {
  form: { words: actForms, other: "observation" },
  decision: { words: Object.values(decisionWords).flat(), other: "close" },
  effect_type: { words: effectTypeWords, other: "artifact" },
} as const satisfies Partial<Record<ActKey, { readonly words: readonly string[]; readonly other: string }>>;

/** A declared act. */
export interface DeclaredAct {
  readonly fields: Readonly<Partial<Record<ActKey, string>>>;
  readonly at: DocumentPath;
}
