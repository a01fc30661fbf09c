/**
 * Rows 3 to 8 of the decision table (spec/pipeline.md §4), once rows 1 and 2 have nothing against an effect.
 */
import type { Posture } from "../../graph/posture.ts";
import type { Decision } from "../../effects/decision.ts";

/** What the rows look at. */
export interface TableFacts {
  /** The effect changes something outside, or starts a program. */
  readonly mutates: boolean;
  readonly dryRun: boolean;
  readonly replay: boolean;
  /** A model chose the effect in a document without `[policy]` (spec/runtime.md §2): needs approval in every posture. */
  readonly unbounded: boolean;
}

/** The decision of the first row that applies. `says` makes a sentence about the effect out of a reason. */
export function decideByTable(facts: TableFacts, posture: Posture, says: (reason: string) => string): Decision {
  const made = (decision: Decision["decision"], code: string, reason: string): Decision => ({
    decision,
    code,
    reason: says(reason),
  });
  if (!facts.mutates) {
    if (!facts.unbounded) return made("Allow", "not_side_effecting", "it changes nothing outside the run");
    if (facts.dryRun)
      return made("DryRunOnly", "dry_run", "a dry run does not do what a model chose without a `[policy]`");
    return made("RequireApproval", "approval_missing", unboundedReason);
  }
  if (posture.sideEffects === "deny_all") {
    return made("Deny", "deny_all", "the side-effect policy `deny_all` lets no effect happen that changes anything");
  }
  if (facts.replay && posture.replay === "disabled") {
    return made("Deny", "replay_disabled", "the replay policy `disabled` lets no replay change anything");
  }
  if (facts.dryRun) return made("DryRunOnly", "dry_run", "a dry run changes nothing");
  if (facts.replay && posture.replay === "dry_run_only") {
    return made("DryRunOnly", "replay_dry_run", "the replay policy `dry_run_only` lets no replay change anything");
  }
  if (facts.unbounded) return made("RequireApproval", "approval_missing", unboundedReason);
  if (posture.sideEffects === "require_approval") {
    const reason = `the side-effect policy \`require_approval\` (environment \`${posture.environment}\`) asks for an approval, and there is none`;
    return made("RequireApproval", "approval_missing", reason);
  }
  return made("Allow", "allow_all", "no rule is against it");
}

const unboundedReason = "a model chose it in a document without `[policy]`, so a person must approve it";
