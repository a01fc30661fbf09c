/**
 * What approvals of a run are held against, put together: the operator's rules, the keys that count, credentials for
 * the whole document, the run's folder and the state directory's ledger of uses (spec/runtime.md §7).
 */
import { readCredentialText } from "../../connect/approvals/store.ts";
import { memoryUseBook, useBook } from "../../connect/approvals/uses.ts";
import { nodeFiles, type JournalFiles } from "../../connect/journal/file.ts";
import { runFolder } from "../../connect/journal/layout.ts";
import type { Bundle } from "../../dialects/bundle.ts";
import type { RunEvent } from "../../effects/events.ts";
import type { ApprovalAuthority, ApprovalPlace } from "../../governance/approvals/authority.ts";
import { requesterProblem, type RequesterSignature } from "../../governance/approvals/requester.ts";
import { noKeys } from "../../governance/credentials/key-set.ts";
import type { KeySet } from "../../governance/credentials/model.ts";
import { defaultApprovalRules, type ApprovalRules, type EnvironmentName } from "../../graph/posture.ts";
import { CredentialAudit, type Unaudited } from "./audited.ts";

/** What an operator has laid down about approvals, read once. */
export interface RunApprovals {
  readonly rules: ApprovalRules;
  readonly keys: KeySet;
  /** Texts of credentials for the whole document. */
  readonly documents: readonly string[];
}

/** Without configuration: one approval of anybody, and no key that could give it. */
export const noApprovals: RunApprovals = { rules: defaultApprovalRules, keys: noKeys, documents: [] };

/** The names of this place in credentials: nothing sets others yet (spec/pipeline.md §5, "local use"). */
export const localPlace: ApprovalPlace = { orgId: "local", projectId: "local", environmentId: "local" };

/** Who started a run, as far as that is known. */
export interface Requester {
  readonly principal: string;
  readonly signature: RequesterSignature | null;
  /** Digest of the documents that the run was started with. */
  readonly graphDigest: string;
  readonly environment: string;
  /** When the run was started, in milliseconds since 1970; null: nobody knows. */
  readonly at: number | null;
}

/** The requester that a journal names. */
export function requesterOf(started: Extract<RunEvent, { type: "run.started" }>): Requester {
  const { principal, graphDigest, environment, requester = null } = started;
  const at = "at" in started && typeof started.at === "number" ? started.at : null;
  return { principal, signature: requester, graphDigest, environment, at };
}

/** The digest by which credentials name a run's document: a pipeline's own bytes, else all documents of the run. */
export function specHashOf(bundle: Bundle): string {
  const root = bundle.entries.get(bundle.root);
  return root?.graph?.dialect === "pipeline" ? root.digest : bundle.digest;
}

/** The authority over one run. */
export function approvalAuthority(given: {
  readonly bundle: Bundle;
  readonly runId: string;
  readonly stateDir: string | null;
  readonly requester: Requester;
  readonly posture: EnvironmentName;
  readonly approvals: RunApprovals;
  readonly files?: JournalFiles;
  /** Hears of uses that could not be recorded in the audit. */
  readonly onUnaudited?: Unaudited;
}): ApprovalAuthority {
  const { bundle, runId, stateDir, requester, posture, approvals, files = nodeFiles } = given;
  const folder = stateDir === null ? null : runFolder(stateDir, runId);
  const { principal, signature, graphDigest, environment, at } = requester;
  return {
    runId,
    specHash: specHashOf(bundle),
    requester: principal,
    requesterProblem: requesterProblem({ runId, principal, graphDigest, environment }, signature, approvals.keys, at),
    place: localPlace,
    posture,
    rules: approvals.rules,
    keys: approvals.keys,
    documents: approvals.documents,
    credential: (digest) =>
      folder?.ok === true ? readCredentialText(folder.value, digest, files) : Promise.resolve(null),
    ...(stateDir === null
      ? { uses: memoryUseBook() }
      : { uses: useBook(stateDir, files), used: new CredentialAudit(stateDir, runId, given.onUnaudited).onUsed }),
  };
}
