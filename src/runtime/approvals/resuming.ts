/**
 * The answers with which a run goes on (spec/runtime.md §7): what has expired, what credentials say, and what whoever
 * resumes says without a signature, where that counts.
 *
 * Invariants: a request is answered once; an unsigned yes counts only where its terms ask for no signature; what a
 * signed answer uses up is durable before the answer is journalled.
 */
import { keepCredential, listCredentialTexts } from "../../connect/approvals/store.ts";
import type { JournalFiles } from "../../connect/journal/file.ts";
import { nodeFiles } from "../../connect/journal/file.ts";
import { runFolder } from "../../connect/journal/layout.ts";
import { journalProblemSentence } from "../../connect/journal/problem.ts";
import type { ApprovalRequest, RunEvent } from "../../effects/events.ts";
import type { RunState } from "../../engine/state.ts";
import { signedAnswers, type GivenCredential, type SignedAnswer } from "../../governance/approvals/answers.ts";
import type { ApprovalAuthority } from "../../governance/approvals/authority.ts";
import type { PendingApproval } from "../../governance/approvals/pending.ts";
import { sha256, utcText } from "../../governance/credentials/rules.ts";
import type { Value } from "../../graph/value.ts";
import { checkSchema } from "../../kinds/json-schema.ts";
import { systemClock } from "../clock.ts";
import type { ResumeSettings, StartProblem } from "../execute.ts";
import { CredentialAudit } from "./audited.ts";

/** An answer to an open request, without a signature. */
export interface Answer {
  readonly id: string;
  readonly approved: boolean;
  readonly reason: string | null;
  readonly answer: Value;
}

/** Everything that the open requests are answered with. */
export interface ResumeAnswers {
  readonly events: readonly Extract<RunEvent, { type: "approval.answered" }>[];
  readonly signed: readonly SignedAnswer[];
}

/** Who answers a request that nobody answered in time. */
export const EXPIRY = "expiry";

/** Finds the answers. A problem leaves the run as it is. */
export async function answersOf(
  state: RunState,
  authority: ApprovalAuthority,
  settings: Pick<
    ResumeSettings,
    | "stateDir"
    | "runId"
    | "credentials"
    | "answers"
    | "principal"
    | "changed"
    | "journalFiles"
    | "dryRun"
    | "onUnaudited"
  >,
): Promise<ResumeAnswers | StartProblem> {
  // Other documents void what was asked: there is nothing to answer before it is asked again.
  if (settings.changed !== null) return { events: [], signed: [] };
  const { stateDir, runId, journalFiles = nodeFiles } = settings;
  const now = systemClock.now();
  const requests = [...state.asked.values()].map((one) => one.request);
  const expired = requests.filter((one) => hasExpired(one, now));
  const open = requests.filter((one) => !hasExpired(one, now));
  const given = await credentialsFor(stateDir, runId, settings.credentials ?? [], journalFiles);
  if ("exit" in given) return given;
  const found = await signedAnswers(authority, open, given, now, fitsSchema);
  await recordRefused(credentialAudit(settings), open, given, found);
  const named = found.refused.find((one) => settings.credentials?.some(({ source }) => source === one.source));
  if (named !== undefined) return refusal(named.code, `${named.source}: ${named.message}; the run stays as it is`);
  const left = new Set(open.map(({ id }) => id));
  for (const { id } of found.answers) left.delete(id);
  const rest: RunState = { ...state, asked: new Map([...state.asked].filter(([id]) => left.has(id))) };
  const unsigned = await settings.answers(rest);
  if ("exit" in unsigned) return waitingProblem(unsigned, found);
  const wrong = wrongAnswer(runId, state, left, unsigned);
  if (wrong !== null) return wrong;
  return {
    signed: found.answers,
    events: [
      ...expired.map((one) => expiredAnswer(one)),
      ...found.answers.map(({ id, approved, by, reason, answer, credentials }) => {
        return { type: "approval.answered", id, approved, by, reason, credentials, answer } as const;
      }),
      ...unsigned.map(({ id, approved, reason, answer }) => {
        return { type: "approval.answered", id, approved, by: settings.principal, reason, answer } as const;
      }),
    ],
  };
}

/** Keeps the credentials of the answers, and uses up what they use up. A problem: nothing may be answered with them. */
export async function keepAnswers(
  answers: ResumeAnswers,
  authority: ApprovalAuthority,
  folder: string,
  files: JournalFiles,
  audit: CredentialAudit | null,
): Promise<StartProblem | null> {
  for (const { id, texts, uses, about } of answers.signed) {
    for (const text of texts) {
      const kept = await keepCredential(folder, text, files);
      if (!kept.ok) return { exit: 5, code: kept.problem.code, message: journalProblemSentence(kept.problem) };
      await audit?.accepted(text, about);
    }
    for (const [index, { approvalId, use }] of uses.entries()) {
      const taken = await authority.uses.take(approvalId, use, 1);
      if (taken === "taken") {
        await audit?.used(texts[index] ?? "", about);
        continue;
      }
      if (taken === "used_up")
        return refusal("cred.replayed", `the approval for \`${id}\` has been used; ask for a new one`);
      return { exit: 5, code: "approval.ledger", message: taken.message };
    }
  }
  return null;
}

/** Who records what becomes of a run's credentials; null for a rehearsal, which leaves no trace there. */
export function credentialAudit({
  stateDir,
  runId,
  dryRun,
  onUnaudited,
}: Pick<ResumeSettings, "stateDir" | "runId" | "dryRun" | "onUnaudited">): CredentialAudit | null {
  return dryRun ? null : new CredentialAudit(stateDir, runId, onUnaudited);
}

async function recordRefused(
  audit: CredentialAudit | null,
  requests: readonly ApprovalRequest[],
  given: readonly GivenCredential[],
  { refused }: Awaited<ReturnType<typeof signedAnswers>>,
): Promise<void> {
  for (const { source, id, code, message } of refused) {
    const text = given.find((one) => one.source === source)?.text ?? "";
    const terms = requests.find((one) => one.id === id)?.terms;
    await audit?.refused(
      text,
      { node: terms?.nodeId ?? null, capability: terms?.capability ?? null },
      { code, message },
    );
  }
}

function hasExpired({ terms }: ApprovalRequest, now: number): boolean {
  return terms !== undefined && terms.expiresAt !== null && now >= terms.expiresAt;
}

function expiredAnswer({ id, terms }: ApprovalRequest): ResumeAnswers["events"][number] {
  const reason = `nobody approved it before it expired (${utcText(terms?.expiresAt ?? 0)})`;
  return { type: "approval.answered", id, approved: false, by: EXPIRY, reason, answer: false };
}

/** What was brought now, and what approvers have put into the run's folder. */
async function credentialsFor(
  stateDir: string,
  runId: string,
  brought: readonly { readonly source: string; readonly text: string }[],
  files: JournalFiles,
): Promise<readonly GivenCredential[] | StartProblem> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return refusal(folder.problem.code, folder.problem.message);
  const kept = await listCredentialTexts(folder.value, files);
  if (!kept.ok) return { exit: 5, code: kept.problem.code, message: journalProblemSentence(kept.problem) };
  const named = brought.map((one) => ({ ...one, named: true }));
  const known = new Set(named.map(({ text }) => text));
  const found = kept.value.filter((text) => !known.has(text));
  return [...named, ...found.map((text) => ({ source: `${sha256(text).slice(7, 19)}.cred`, text, named: false }))];
}

/** Why nothing could be answered, with what the credentials lack. */
function waitingProblem(problem: StartProblem, found: Awaited<ReturnType<typeof signedAnswers>>): StartProblem {
  const short = found.short.map(({ id, have, needed }) => `\`${id}\` has ${have} of ${needed} approvals`);
  const refused = found.refused.map(
    ({ id, code, message }) => `a credential for \`${id ?? "?"}\` does not count: ${message} [${code}]`,
  );
  const more = [...short, ...refused];
  return more.length === 0 ? problem : { ...problem, message: `${problem.message} (${more.join("; ")})` };
}

/** Typed answers are checked by the schema that the request was journalled with. */
export function fitsSchema(schema: string, answer: Value): string | null {
  const verdict = checkSchema(schema, answer);
  if (verdict.status === "valid") return null;
  return verdict.status === "invalid" ? verdict.errors.join("; ") : verdict.message;
}

function refusal(code: string, message: string): StartProblem {
  return { exit: 2, code, message };
}

/** An answer to what nobody asked, two to one request, or an unsigned yes where a signature is needed. */
function wrongAnswer(
  runId: string,
  state: RunState,
  left: ReadonlySet<string>,
  answers: readonly Answer[],
): StartProblem | null {
  const seen = new Set<string>();
  for (const one of answers) {
    const { id } = one;
    const request = state.asked.get(id)?.request;
    if (request === undefined || seen.has(id) || !left.has(id)) {
      const open = [...left].map((name) => `\`${name}\``).join(", ");
      const message = seen.has(id)
        ? `\`${id}\` was answered twice; give one answer to each request`
        : `run "${runId}" does not wait for an answer to \`${id}\`; it waits for ${open === "" ? "none" : open}`;
      return refusal("approval.unknown", message);
    }
    seen.add(id);
    const problem = unsignedProblem(request, one, runId);
    if (problem !== null) return problem;
  }
  return null;
}

/**
 * Why an answer without a signature does not count. A denial of an effect only ends it, so anybody who can resume the
 * run may give it; a denial that the graph would go on from is an answer like any other.
 */
export function unsignedProblem(
  request: Pick<ApprovalRequest, "id" | "subject" | "reason" | "terms">,
  answer: { readonly approved: boolean; readonly answer: Value },
  runId: string,
): StartProblem | null {
  const { terms, subject, id } = request;
  const ends = !answer.approved && (subject === "effect" || subject === "doubt");
  if (!ends && (subject === "effect" || terms?.signed === true)) {
    const why = request.reason === null ? "" : ` (${request.reason})`;
    const message = `\`${id}\` waits for a signed approval${why}; see   countersign approvals show ${runId}   and sign with   countersign approvals approve ${runId}   or bring one with   countersign resume ${runId} --approval FILE`;
    return refusal("approval.unsigned", message);
  }
  if (!answer.approved || terms === undefined || terms.answerSchema === null) return null;
  const unfit = fitsSchema(terms.answerSchema, answer.answer);
  return unfit === null
    ? null
    : refusal("approval.answer", `the answer to \`${id}\` does not fit what is asked: ${unfit}`);
}

/** Whether an answer to an open request counts only when it is signed. */
export function needsSignature(pending: PendingApproval, approved: boolean): boolean {
  const { terms, ...rest } = pending;
  const request = { ...rest, ...(terms === null ? {} : { terms }) };
  return unsignedProblem(request, { approved, answer: approved }, pending.runId)?.code === "approval.unsigned";
}
