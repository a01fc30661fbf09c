/**
 * The terms of a request: what a signed answer must name, who may give it, until when (spec/runtime.md §7). Pure.
 */
import type { TermsQuestion } from "../../effects/decision.ts";
import type { ApprovalTerms } from "../../effects/events.ts";
import { approvalCapability } from "../credentials/capability.ts";
import type { ApprovalAuthority } from "./authority.ts";

/** The terms for one request. */
export function termsOf(
  authority: Pick<ApprovalAuthority, "specHash" | "posture" | "rules">,
  question: TermsQuestion,
): ApprovalTerms {
  const { rules, posture, specHash } = authority;
  const { subject, activation, at } = question;
  const { frame, node } = activation;
  return {
    specHash,
    environment: posture,
    nodeId: question.nodeId,
    capability: question.capability ?? approvalCapability(frame === "" ? node : `${frame}/${node}`),
    inputDigest: question.inputDigest,
    rule: question.rule,
    needed: rules.needed,
    notRequester: rules.notRequester,
    approvers: rules.approvers,
    expiresAt: rules.expiresMs === null ? null : at + rules.expiresMs,
    answerSchema: question.answerSchema,
    // The reference's unsigned answers stay good where nothing is at stake but a developer's own machine.
    signed: posture !== "dev" || subject === "effect",
  };
}
