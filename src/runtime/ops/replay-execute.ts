/**
 * What `replay --execute` needs before it may begin (spec/pipeline.md §4 rows 5 and 6, §7): a replay policy that lets
 * replays change something, and a valid approval for `replay.execute`, for the same document and environment, of
 * somebody who may approve here, and not used up. The effects themselves are then decided like those of any run.
 */
import { useBook } from "../../connect/approvals/uses.ts";
import { textsOf } from "../../connect/journal/masking.ts";
import { signerProblem } from "../../governance/approvals/authority.ts";
import { REPLAY_EXECUTE } from "../../governance/credentials/capability.ts";
import { allowedUses, checkCredential } from "../../governance/credentials/check.ts";
import { readCredential } from "../../governance/credentials/credential.ts";
import type { Credential, KeySet } from "../../governance/credentials/model.ts";
import type { ApprovalRules, Posture } from "../../graph/posture.ts";
import { localPlace, specHashOf } from "../approvals/authority.ts";
import { refuse, type OpsResult } from "./problem.ts";
import type { Recording } from "./replay.ts";

/** What an approval of a replay is held against. */
export interface ReplayApproval {
  /** The text of the credential; null: none was given. */
  readonly text: string | null;
  readonly keys: KeySet;
  readonly posture: Posture;
  /** Who may approve. */
  readonly rules: ApprovalRules;
  /** Who executes the replay. */
  readonly requester: string;
  /** The new run: one use of the approval. */
  readonly runId: string;
  /** Where uses are counted; null: nowhere, so that an approval whose uses are limited does not count. */
  readonly stateDir: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The credential that allows this recording to be executed again, with one use of it taken; or why nothing may be. */
export async function approveReplay(recording: Recording, approval: ReplayApproval): Promise<OpsResult<Credential>> {
  const { posture, text } = approval;
  if (posture.replay === "disabled")
    return refuse("replay.disabled", "the replay policy `disabled` lets no replay change anything");
  if (posture.replay !== "execute") {
    const message = `the replay policy \`${posture.replay}\` lets no replay change anything; an operator sets it with --replay-policy execute or COUNTERSIGN_REPLAY_POLICY`;
    return refuse("replay.posture", message);
  }
  const marker = textsOf(recording.started).some((one) => one.includes("{secret:"));
  if (marker)
    return refuse(
      "replay.masked",
      "the recorded input holds the mark of a secret; run the document with its input instead",
    );
  if (text === null)
    return refuse(
      "replay.approval",
      `no approval was given; --approval FILE names one that allows \`${REPLAY_EXECUTE}\``,
    );
  const read = readCredential(text);
  if (!read.ok) return refuse("replay.approval", `${read.problem.message} (${read.problem.code})`);
  const { credential } = read;
  const { rules, requester, stateDir } = approval;
  const refused = (message: string, code: string) => refuse("replay.approval", `${message} (${code})`);
  if (rules.needed > 1) {
    const message = `the operator asks for ${rules.needed} approvals, and a replay takes one`;
    return refuse("replay.approval", `${message}; run the document again instead`);
  }
  const { approval_id: approvalId, issued_by: principal, ext } = credential.payload;
  const allowed = allowedUses(credential);
  if (allowed !== Infinity && stateDir === null)
    return refuse("replay.approval", "without a state directory nobody counts the uses of this approval (--state-dir)");
  const book = stateDir === null ? null : useBook(stateDir);
  const use = JSON.stringify(["replay", approval.runId]);
  const uses = (await book?.others(approvalId, use)) ?? 0;
  if (typeof uses !== "number") return refused(uses.message, "cred.replayed");
  const context = {
    ...localPlace,
    posture: posture.environment,
    specHash: specHashOf(recording.bundle),
    now: approval.now,
    capability: REPLAY_EXECUTE,
    step: null,
  };
  const problem =
    checkCredential(credential, approval.keys, context, { uses: () => uses }) ??
    signerProblem({ rules, requester, requesterProblem: null, posture: posture.environment }, principal);
  if (problem !== null) return refused(problem.message, problem.code);
  if (ext?.decision === "deny") return refuse("replay.approval", "the credential is a signed denial");
  if (book === null || allowed === Infinity) return { ok: true, value: credential };
  const taken = await book.take(approvalId, use, allowed);
  if (taken === "taken") return { ok: true, value: credential };
  return refused(taken === "used_up" ? "somebody else has used the approval" : taken.message, "cred.replayed");
}
