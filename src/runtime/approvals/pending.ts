/**
 * The open requests of a state directory, as approvers see them, and their signed answers (spec/runtime.md §7).
 *
 * Reads journals without resolving secrets, so nothing here can show one. Writes nothing but credentials.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { keepCredential, listCredentialTexts } from "../../connect/approvals/store.ts";
import { runFolder } from "../../connect/journal/layout.ts";
import { journalProblemSentence, type Checked, type JournalProblem } from "../../connect/journal/problem.ts";
import { findRun, listRuns } from "../../connect/journal/runs.ts";
import type { Signer } from "../../effects/signing.ts";
import type { AskedRequest } from "../../engine/state.ts";
import { answerPayload } from "../../governance/approvals/payload.ts";
import { pendingApproval, type PendingApproval } from "../../governance/approvals/pending.ts";
import { readCredential, signCredential } from "../../governance/credentials/credential.ts";
import type { Credential, CredentialPayload } from "../../governance/credentials/model.ts";
import { sha256 } from "../../governance/credentials/rules.ts";
import { localPlace } from "./authority.ts";
import { readAsking, type AskingRecord } from "./recorded.ts";
import { unifiedDiff } from "./unified-diff.ts";

export { DEFAULT_LIFE_MS, futility } from "../../governance/approvals/payload.ts";
export type { PendingApproval } from "../../governance/approvals/pending.ts";

/** A credential that was put into a run's folder for a request; whether it counts is the resume's to say. */
export interface GivenAnswer {
  readonly principal: string;
  readonly decision: "approve" | "deny";
  readonly digest: string;
  readonly expiresAt: string;
}

/** An open request with what has been signed for it so far. */
export interface OpenApproval {
  readonly pending: PendingApproval;
  readonly given: readonly GivenAnswer[];
}

/** Requests, or why they cannot be read. */
export type Opened =
  | { readonly ok: true; readonly approvals: readonly OpenApproval[] }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** All open requests of paused runs, the newest run first. Runs that cannot be read are left out; `runs` shows them. */
export async function openApprovals(stateDir: string): Promise<Opened> {
  const listed = await listRuns(stateDir);
  if (!listed.ok) return refusal(listed.problem);
  const approvals: OpenApproval[] = [];
  for (const run of listed.value.filter(({ status }) => status === "paused")) {
    const read = await approvalsOf(stateDir, run.id);
    if (read.ok) approvals.push(...read.approvals);
  }
  return { ok: true, approvals };
}

/** The open requests of one run; none when it does not wait. */
export async function approvalsOf(stateDir: string, runId: string): Promise<Opened> {
  const found = await findRun(stateDir, runId);
  if (!found.ok) return refusal(found.problem);
  const read = await readAsking(stateDir, runId);
  if (!read.ok) return refusal(read.problem);
  const { record } = read;
  if (record === null || found.value.status !== "paused") return { ok: true, approvals: [] };
  const texts = await credentialTexts(stateDir, runId);
  if (!texts.ok) return refusal(texts.problem);
  const open = record.requests.filter((one) => one.open);
  return { ok: true, approvals: open.map(({ asked }) => openApproval(record, asked, texts.value)) };
}

/** What has been signed for a run so far, checked or not. */
export async function credentialTexts(stateDir: string, runId: string): Promise<Checked<readonly string[]>> {
  const folder = runFolder(stateDir, runId);
  return folder.ok ? listCredentialTexts(folder.value) : folder;
}

/** A request as an approver sees it, with what of these credentials has been signed for it. */
export function openApproval(record: AskingRecord, asked: AskedRequest, texts: readonly string[]): OpenApproval {
  const pending = pendingApproval(record, asked);
  return { pending, given: texts.flatMap((text) => givenFor(pending, text)) };
}

function givenFor({ runId, terms, effectDigest }: PendingApproval, text: string): GivenAnswer[] {
  const read = readCredential(text);
  if (!read.ok) return [];
  const { payload, digest } = read.credential;
  const ext = payload.ext ?? {};
  const same = ext.run_id === runId && ext.node_id === terms?.nodeId && ext.effect_digest === effectDigest;
  if (!same) return [];
  return [{ principal: payload.issued_by, decision: ext.decision ?? "approve", digest, expiresAt: payload.expires_at }];
}

function refusal(problem: JournalProblem): Extract<Opened, { ok: false }> {
  return { ok: false, code: problem.code, message: journalProblemSentence(problem) };
}

/** What a write would change, for people. */
export type FileChange =
  | { readonly type: "diff"; readonly lines: readonly string[]; readonly isNew: boolean }
  /** Why there is no difference to show. */
  | { readonly type: "unknown"; readonly why: string };

/** Most bytes of the present file that are compared. */
const MAX_PRESENT = 1024 * 1024;

/** The change that a pending write would make to the file as it is now; null for anything but a write. */
export async function changeOf({ what }: PendingApproval): Promise<FileChange | null> {
  const { file, payload } = what;
  if (file === null) return null;
  const unknown = (why: string): FileChange => ({ type: "unknown", why });
  if (payload === null) return unknown("the new content is no text");
  if (payload.truncated) return unknown("the new content is too long to be compared; its digest is bound");
  if (sha256(payload.text) !== file.digest)
    return unknown("the new content holds secrets, which stand here by name; its digest is bound");
  const present = await presentText(file.path);
  if ("why" in present) return unknown(present.why);
  return { type: "diff", lines: unifiedDiff(present.text ?? "", payload.text), isNew: present.text === null };
}

async function presentText(file: string): Promise<{ readonly text: string | null } | { readonly why: string }> {
  try {
    // Without O_NONBLOCK the opening of a pipe would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return { why: "there is no plain file at that path" };
      if (stat.size > MAX_PRESENT) return { why: "the present file is too large to be compared" };
      const bytes = await handle.readFile();
      return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
    } finally {
      await handle.close();
    }
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return { text: null };
    if (problem instanceof TypeError) return { why: "the present file is no text" };
    return { why: `the present file cannot be read (${code ?? String(problem)})` };
  }
}

/** What an approver decided. */
export interface ApproverVerdict {
  readonly decision: "approve" | "deny";
  readonly reason: string | null;
  /** A typed answer, plain JSON; undefined: yes. */
  readonly answer: unknown;
  /** Milliseconds since 1970, and for how long it counts. */
  readonly now: number;
  readonly lifeMs: number;
}

/** What is to be signed with `key`; shown before it is. */
export function payloadFor(
  pending: PendingApproval,
  key: Pick<Signer, "kid" | "principal">,
  verdict: ApproverVerdict,
): { readonly payload: CredentialPayload } | { readonly problem: string } {
  const approvalId = randomBytes(18).toString("base64url");
  const { kid, principal } = key;
  return answerPayload(pending, { ...verdict, kid, principal, place: localPlace, approvalId });
}

/** Signs, and gives the credential's text. */
export async function signPayload(
  payload: CredentialPayload,
  signer: Signer,
): Promise<{ readonly credential: Credential } | { readonly problem: string }> {
  try {
    const read = readCredential(await signCredential(payload, signer));
    return read.ok ? { credential: read.credential } : { problem: read.problem.message };
  } catch (problem) {
    return { problem: problem instanceof Error ? problem.message : String(problem) };
  }
}

/** Puts a credential into the run's folder, where the resume finds it; gives its file, or a problem. */
export async function depositCredential(
  stateDir: string,
  runId: string,
  credential: Credential,
): Promise<{ readonly file: string } | { readonly problem: string }> {
  const folder = runFolder(stateDir, runId);
  const kept = folder.ok ? await keepCredential(folder.value, credential.text) : folder;
  return kept.ok ? { file: kept.value } : { problem: journalProblemSentence(kept.problem) };
}
