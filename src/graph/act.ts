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

/** A declared act. */
export interface DeclaredAct {
  readonly fields: Readonly<Partial<Record<ActKey, string>>>;
  readonly at: DocumentPath;
}
