/**
 * Whether an effect is approved (spec/pipeline.md §4 row 7, §5; spec/runtime.md §7).
 *
 * Invariants: nothing that was verified before is believed: every credential is read, verified and counted anew at
 * every decision; an approval only satisfies the rule that asked for one; what cannot be found out does not approve.
 */
import type { ApprovalQuestion, Decision } from "../../effects/decision.ts";
import type { CredentialRef } from "../../effects/events.ts";
import { failure, type Failure } from "../../graph/failure.ts";
import type { ApprovalRules, EnvironmentName } from "../../graph/posture.ts";
import { allowedUses, bindsStep, checkCredential } from "../credentials/check.ts";
import { readCredential } from "../credentials/credential.ts";
import type { Credential, CredentialContext, CredentialProblem, KeySet } from "../credentials/model.ts";

/** The names under which credentials know this place; `local` where nobody has set them. */
export interface ApprovalPlace {
  readonly orgId: string;
  readonly projectId: string;
  readonly environmentId: string;
}

/** What has been used up, per state directory (spec/runtime.md §7). */
export interface UseLedger {
  /** How many uses of the approval there have been beside `use`; a Failure when that cannot be found out. */
  others(approvalId: string, use: string): Promise<number | Failure>;
  /**
   * Takes one of `allowed` uses, durably before it returns. Taking the same use again is no other use. `used_up`:
   * others have taken all.
   */
  take(approvalId: string, use: string, allowed: number): Promise<"taken" | "used_up" | Failure>;
}

/** Everything that approvals of one run are held against. */
export interface ApprovalAuthority {
  readonly runId: string;
  /** The digest by which credentials name the document. */
  readonly specHash: string;
  /** The principal that started the run. */
  readonly requester: string;
  /** Why nobody can be sure of that; approvals count in dev only then (spec/runtime.md §7). null: it is signed. */
  readonly requesterProblem: string | null;
  readonly place: ApprovalPlace;
  readonly posture: EnvironmentName;
  readonly rules: ApprovalRules;
  readonly keys: KeySet;
  /** Texts of credentials for the whole document. */
  readonly documents: readonly string[];
  /** The text of a credential that answered a request of this run; null when it is not there any more. */
  credential(digest: string): Promise<string | null>;
  readonly uses: UseLedger;
  /** Hears of a use that was taken for an effect, for the audit; it cannot take it back. Must not throw. */
  readonly used?: (credential: Credential, one: ApprovalCase) => Promise<void>;
}

/** An effect that needs approval. */
export interface ApprovalCase {
  readonly capability: string;
  readonly approval: ApprovalQuestion;
}

/** Whether there are enough valid credentials of different principals, and which. */
export type ApprovalVerdict =
  | { readonly approved: true; readonly credentials: readonly Credential[] }
  | { readonly approved: false; readonly code: string; readonly reason: string };

/** How a credential is named in a journal. */
export function credentialRef({ digest, payload }: Credential): CredentialRef {
  return { digest, approvalId: payload.approval_id, kid: payload.kid, principal: payload.issued_by };
}

/** Decides about approvals of one effect. */
export async function judge(authority: ApprovalAuthority, one: ApprovalCase): Promise<ApprovalVerdict> {
  const counted = new Map<string, Credential>();
  const problems: CredentialProblem[] = [];
  for (const candidate of await candidates(authority, one.approval)) {
    if ("code" in candidate) {
      problems.push(candidate);
      continue;
    }
    const { credential, digest } = candidate;
    const problem = await problemOf(authority, credential, contextOf(authority, one, digest), one.approval.use);
    if (problem !== null) problems.push(problem);
    else if (!counted.has(credential.payload.issued_by)) counted.set(credential.payload.issued_by, credential);
  }
  const { needed } = authority.rules;
  if (counted.size >= needed) return { approved: true, credentials: [...counted.values()].slice(0, needed) };
  const [first] = problems;
  if (first !== undefined) return { approved: false, code: first.code, reason: first.message };
  const reason =
    counted.size === 0
      ? "there is no approval"
      : `${counted.size} of the ${needed} approvals that are needed are there`;
  return { approved: false, code: "approval_missing", reason };
}

/** An `Allow` for what {@link judge} has approved. */
export function approvedDecision(credentials: readonly Credential[], capability: string, says: string): Decision {
  return { decision: "Allow", code: "approved", reason: says, capability, approvals: credentials.map(credentialRef) };
}

/** Uses up what an `approved` rests on; null when it was there to be used. */
export async function consumeApprovals(authority: ApprovalAuthority, one: ApprovalCase): Promise<Failure | null> {
  const verdict = await judge(authority, one);
  if (!verdict.approved) return failure("approval", `${verdict.reason} (${verdict.code})`);
  for (const credential of verdict.credentials) {
    const allowed = allowedUses(credential);
    if (allowed === Infinity) continue;
    const taken = await authority.uses.take(credential.payload.approval_id, one.approval.use, allowed);
    if (taken === "taken") {
      await authority.used?.(credential, one);
      continue;
    }
    if (taken === "used_up") return failure("approval", "somebody else has used the approval (cred.replayed)");
    return taken;
  }
  return null;
}

interface Candidate {
  readonly credential: Credential;
  /** The digest that its request was about. */
  readonly digest: string;
}

/** The newest answers first, since what they lack is what a person wants to know; then the document's. */
async function candidates(
  authority: ApprovalAuthority,
  approval: ApprovalQuestion,
): Promise<readonly (Candidate | CredentialProblem)[]> {
  const found: (Candidate | CredentialProblem)[] = [];
  for (const { credential: name, digest } of [...approval.granted].reverse()) {
    const text = await authority.credential(name);
    if (text === null) {
      const message = `the credential ${name} is not in the run's folder any more`;
      found.push({ code: "cred.decode", message });
    } else found.push(candidate(text, digest));
  }
  for (const text of authority.documents) found.push(candidate(text, approval.digest));
  return found;
}

function candidate(text: string, digest: string): Candidate | CredentialProblem {
  const read = readCredential(text);
  return read.ok ? { credential: read.credential, digest } : read.problem;
}

function contextOf(authority: ApprovalAuthority, one: ApprovalCase, digest: string): CredentialContext {
  const { nodeId, inputDigest, now } = one.approval;
  return {
    ...authority.place,
    posture: authority.posture,
    specHash: authority.specHash,
    now,
    capability: one.capability,
    step: { runId: authority.runId, nodeId, inputDigest, effectDigest: digest },
  };
}

/** Why a credential does not count for a step; null when it does. */
export async function problemOf(
  authority: ApprovalAuthority,
  credential: Credential,
  context: CredentialContext,
  use: string,
): Promise<CredentialProblem | null> {
  return (
    (await genuineProblem(authority, credential, context, use)) ??
    deniedProblem(credential) ??
    signerProblem(authority, credential.payload.issued_by)
  );
}

/** As {@link problemOf}, whatever it says and whoever says it: a denial is genuine too. */
export async function genuineProblem(
  authority: ApprovalAuthority,
  credential: Credential,
  context: CredentialContext,
  use: string,
): Promise<CredentialProblem | null> {
  const uses = await authority.uses.others(credential.payload.approval_id, use);
  if (typeof uses !== "number") {
    return { code: "cred.replayed", message: `whether it has been used cannot be found out: ${uses.message}` };
  }
  return checkCredential(credential, authority.keys, context, { uses: () => uses }) ?? bindingProblem(credential);
}

function bindingProblem({ payload }: Credential): CredentialProblem | null {
  const ext = payload.ext ?? {};
  if (!bindsStep(ext) || ext.effect_digest !== undefined) return null;
  const message = "the credential names a step but not what the step would do; approve the request itself";
  return { code: "cred.spec_mismatch", message };
}

function deniedProblem({ payload }: Credential): CredentialProblem | null {
  if (payload.ext?.decision !== "deny") return null;
  return { code: "cred.capability_missing", message: `\`${payload.issued_by}\` has signed a denial` };
}

/** Principals count, not keys: the requester's own second key is still the requester's. */
export function signerProblem(
  {
    rules,
    requester,
    requesterProblem,
    posture,
  }: Pick<ApprovalAuthority, "rules" | "requester" | "requesterProblem" | "posture">,
  principal: string,
): CredentialProblem | null {
  const refused = (message: string): CredentialProblem => ({ code: "cred.principal_mismatch", message });
  if (posture !== "dev" && requesterProblem !== null) {
    return refused(
      `nobody knows who started the run, so nothing of it can be approved in ${posture}: ${requesterProblem}`,
    );
  }
  if (rules.notRequester && principal === requester) {
    return refused(`\`${principal}\` started the run, and somebody else must approve it`);
  }
  if (rules.approvers === null || rules.approvers.includes(principal)) return null;
  return refused(`\`${principal}\` is not among those who may approve here`);
}
