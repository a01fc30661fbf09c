/**
 * The credential that answers one open request (spec/pipeline.md §5, spec/runtime.md §7). Pure: random bits and the
 * time are given.
 */
import { capabilityProblem, familyOf } from "../credentials/capability.ts";
import type { CredentialPayload } from "../credentials/model.ts";
import { MAX_LIFE_MS } from "../credentials/payload.ts";
import { utcText } from "../credentials/rules.ts";
import { defaultApprovalRules, type EnvironmentName } from "../../graph/posture.ts";
import { signerProblem, type ApprovalPlace } from "./authority.ts";
import type { PendingApproval } from "./pending.ts";

/** How long a signed answer counts unless it is told otherwise, in milliseconds. */
export const DEFAULT_LIFE_MS = 24 * 60 * 60 * 1000;

/** What the approver adds to the request. */
export interface Verdict {
  readonly decision: "approve" | "deny";
  readonly reason: string | null;
  /** A typed answer as plain JSON; undefined: yes. */
  readonly answer: unknown;
  readonly kid: string;
  readonly principal: string;
  readonly place: ApprovalPlace;
  /** 128 random bits or more, as text. */
  readonly approvalId: string;
  /** Milliseconds since 1970, and for how many it counts. */
  readonly now: number;
  readonly lifeMs: number;
}

/** What is to be signed, or why nothing can be. */
export function answerPayload(
  pending: PendingApproval,
  verdict: Verdict,
): { readonly payload: CredentialPayload } | { readonly problem: string } {
  const { terms, effectDigest } = pending;
  if (terms === null || effectDigest === null)
    return {
      problem: `\`${pending.id}\` was asked without terms that a signature could be bound to; answer it with resume`,
    };
  const end = Math.min(verdict.now + Math.min(verdict.lifeMs, MAX_LIFE_MS), terms.expiresAt ?? Infinity);
  if (end <= verdict.now)
    return { problem: `\`${pending.id}\` has expired (${utcText(end)}); nothing can answer it any more` };
  const { decision, reason, answer } = verdict;
  return {
    payload: {
      v: 1,
      kid: verdict.kid,
      org_id: verdict.place.orgId,
      project_id: verdict.place.projectId,
      environment_id: verdict.place.environmentId,
      environment_posture: terms.environment as EnvironmentName,
      spec_hash: terms.specHash,
      capabilities: [capability(terms.capability)],
      issued_at: utcText(verdict.now),
      expires_at: utcText(end),
      issued_by: verdict.principal,
      approval_id: verdict.approvalId,
      ext: {
        run_id: pending.runId,
        node_id: terms.nodeId,
        ...(terms.inputDigest === null ? {} : { input_digest: terms.inputDigest }),
        effect_digest: effectDigest,
        decision,
        ...(reason === null ? {} : { reason }),
        ...(answer === undefined || decision === "deny" ? {} : { answer }),
      },
    },
  };
}

/** Why nobody could count this principal's approval of the request; null when it may count. */
export function futility({ terms, requester, environment }: PendingApproval, principal: string): string | null {
  if (terms === null) return null;
  const { notRequester, approvers, needed } = terms;
  const rules = { ...defaultApprovalRules, notRequester, approvers, needed };
  const posture = environment as EnvironmentName;
  return signerProblem({ rules, requester, requesterProblem: null, posture }, principal)?.message ?? null;
}

/**
 * A target that holds a secret is journalled with the secret's name, which is not what the run would compare; the
 * family covers it, and the effect's digest still binds the very target.
 */
function capability(text: string): string {
  return text.includes("{secret:") || capabilityProblem(text) !== null ? familyOf(text) : text;
}
