/**
 * What `replay --execute` needs before it may begin (spec/pipeline.md §4 rows 5 and 6, §7): a replay policy that lets
 * replays change something, and a valid approval for `replay.execute`, for the same document and environment. The
 * effects themselves are then decided like those of any run.
 */
import { REPLAY_EXECUTE } from "../../governance/credentials/capability.ts";
import { checkCredential, noneUsed, type UsedCredentials } from "../../governance/credentials/check.ts";
import { readCredential } from "../../governance/credentials/credential.ts";
import type { Credential, KeySet } from "../../governance/credentials/model.ts";
import type { Posture } from "../../graph/posture.ts";
import { textsOf } from "../../connect/journal/masking.ts";
import { specHashOf } from "../describe.ts";
import { refuse, type OpsResult } from "./problem.ts";
import type { Recording } from "./replay.ts";

/** What an approval of a replay is held against. */
export interface ReplayApproval {
  /** The text of the credential; null: none was given. */
  readonly text: string | null;
  readonly keys: KeySet;
  readonly posture: Posture;
  readonly orgId: string;
  readonly projectId: string;
  readonly environmentId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly used?: UsedCredentials;
}

/** The credential that allows this recording to be executed again; or why nothing may be. */
export function approveReplay(recording: Recording, approval: ReplayApproval): OpsResult<Credential> {
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
  const problem = checkCredential(
    credential,
    approval.keys,
    {
      orgId: approval.orgId,
      projectId: approval.projectId,
      environmentId: approval.environmentId,
      posture: posture.environment,
      specHash: documentDigest(recording),
      now: approval.now,
      capability: REPLAY_EXECUTE,
      step: null,
    },
    approval.used ?? noneUsed,
  );
  if (problem !== null) return refuse("replay.approval", `${problem.message} (${problem.code})`);
  if (credential.payload.ext?.decision === "deny")
    return refuse("replay.approval", "the credential is a signed denial");
  return { ok: true, value: credential };
}

/** The digest by which credentials name the recording's document. */
function documentDigest({ bundle }: Recording): string {
  const graph = bundle.entries.get(bundle.root)?.graph ?? null;
  return (graph === null ? null : specHashOf(bundle, graph)) ?? bundle.digest;
}
