/**
 * Requests of the runs in one state directory (spec/runtime.md §7). What is answered here lies in the run's folder, or is
 * handed to whoever resumes the run.
 *
 * Invariant: every answer is held against the journal as it is at that moment, never against what was read before.
 */
import { listRuns, type RunSummary } from "../../connect/journal/runs.ts";
import { journalProblemSentence } from "../../connect/journal/problem.ts";
import { sha256 } from "../../governance/credentials/rules.ts";
import { toPlain } from "../../graph/value.ts";
import {
  approvalsOf,
  changeOf,
  credentialTexts,
  DEFAULT_LIFE_MS,
  depositCredential,
  futility,
  openApproval,
  openApprovals,
  payloadFor,
  signPayload,
  type FileChange,
  type GivenAnswer,
  type OpenApproval,
  type PendingApproval,
} from "./pending.ts";
import { boundTo } from "./bound.ts";
import { readAsking } from "./recorded.ts";
import type {
  ApprovalSource,
  EndedRequest,
  Given,
  ListedRequest,
  RequestRef,
  ShownRequest,
  Sourced,
  Verdict,
} from "./source.ts";
import { askedFor } from "./words.ts";

/** Most runs whose journals are read for the history, the latest first. */
const MAX_RUNS = 100;

/** See the header. */
export class LocalApprovals implements ApprovalSource {
  readonly id: string;
  /** What ended requests a run has had, as long as nothing is written to it. */
  private readonly ended = new Map<string, { readonly at: string; readonly requests: readonly EndedRequest[] }>();

  constructor(stateDir: string) {
    this.id = stateDir;
  }

  async pending(): Promise<Sourced<readonly ListedRequest[]>> {
    const opened = await openApprovals(this.id);
    if (!opened.ok) return problem(opened.code, opened.message);
    return { ok: true, value: opened.approvals.map(listed) };
  }

  async history(most: number): Promise<Sourced<readonly EndedRequest[]>> {
    const runs = await listRuns(this.id);
    if (!runs.ok) return problem(runs.problem.code, journalProblemSentence(runs.problem));
    const known = new Set(runs.value.map(({ id }) => id));
    for (const id of this.ended.keys()) if (!known.has(id)) this.ended.delete(id);
    const found: EndedRequest[] = [];
    for (const run of runs.value.slice(0, MAX_RUNS)) {
      if (run.status === "unreadable" || run.dryRun) continue;
      found.push(...(await this.endedOf(run)));
    }
    const latest = found.sort((a, b) => b.answer.at - a.answer.at || b.ref.askedAt - a.ref.askedAt);
    return { ok: true, value: latest.slice(0, most) };
  }

  private async endedOf(run: RunSummary): Promise<readonly EndedRequest[]> {
    const at = `${run.status} ${run.epoch} ${run.updatedAt ?? ""}`;
    const before = this.ended.get(run.id);
    if (before?.at === at) return before.requests;
    const read = await readAsking(this.id, run.id);
    const record = read.ok ? read.record : null;
    const requests = (record?.requests ?? []).flatMap(({ asked, answer }) =>
      record === null || answer === null ? [] : [{ ...listed(openApproval(record, asked, [])), answer }],
    );
    this.ended.set(run.id, { at, requests });
    return requests;
  }

  async show(ref: RequestRef): Promise<Sourced<ShownRequest>> {
    const found = await this.find(ref);
    if (!found.ok) return found;
    const { open, answer, change, record, bound } = found.value;
    // The engine, and with it the kinds of nodes, is loaded for the first request that somebody looks at.
    const { pictureOfRun } = await import("./run-picture.ts");
    const picture = await pictureOfRun(this.id, record, open.pending, answer);
    const digest = shownDigest(open.pending, change);
    return { ok: true, value: { ref, open, change, input: record.started.input, picture, bound, answer, digest } };
  }

  private async find(ref: RequestRef) {
    const read = await readAsking(this.id, ref.runId);
    if (!read.ok) return problem(read.problem.code, journalProblemSentence(read.problem));
    const { record } = read;
    const one = record?.requests.findLast(({ asked }) => asked.request.id === ref.id && asked.at === ref.askedAt);
    const gone = "the run does not ask this any more";
    if (record === null || one === undefined) return problem("approval.gone", gone);
    const texts = await credentialTexts(this.id, ref.runId);
    if (!texts.ok) return problem(texts.problem.code, journalProblemSentence(texts.problem));
    const open = openApproval(record, one.asked, texts.value);
    const { answer } = one;
    if (answer === null && !one.open) return problem("approval.gone", gone);
    const change = answer === null ? await changeOf(open.pending) : null;
    const bound = boundTo(record, one.asked);
    return { ok: true as const, value: { record, open, answer, change, bound } };
  }

  async answer(ref: RequestRef, verdict: Verdict): Promise<Given> {
    const refuse = (code: string, message: string): Given => ({ given: false, code, message });
    const found = await this.find(ref);
    if (!found.ok) return { given: false, ...found.problem };
    const { open, change, answer, bound } = found.value;
    const { pending } = open;
    const { terms } = pending;
    if (answer !== null)
      return refuse("approval.gone", `it was ${answer.approved ? "approved" : "denied"} by ${answer.by}`);
    if (shownDigest(pending, change) !== verdict.seen)
      return refuse("approval.changed", "it is not what was shown any more");
    if (bound === "forged") return refuse("approval.forged", "what it shows is not what its digest binds");
    // A run that somebody goes on with at this moment may be past it before the answer is there.
    const still = await approvalsOf(this.id, ref.runId);
    if (!still.ok) return refuse(still.code, still.message);
    if (!still.approvals.some((one) => one.pending.id === ref.id))
      return refuse("approval.gone", "its run is under way in another process");
    if (terms !== null && terms.expiresAt !== null && verdict.now >= terms.expiresAt)
      return refuse("approval.expired", "it has expired, and nothing can answer it any more");
    const { approved, reason, signer, typed } = verdict;
    const { fitsSchema, needsSignature } = await import("./resuming.ts");
    const schema = terms?.answerSchema ?? null;
    if (approved && schema !== null) {
      const unfit = typed === null ? "there is none" : fitsSchema(schema, typed.value);
      if (unfit !== null) return refuse("approval.answer", `the answer does not fit what is asked: ${unfit}`);
    }
    const needed = terms?.needed ?? 1;
    if (signer === null) {
      const value = approved ? (typed?.value ?? true) : false;
      if (needsSignature(pending, approved))
        return refuse("approval.unsigned", "only a signed answer counts here, and there is no key to sign it with");
      const unsigned = { id: pending.id, approved, reason, answer: value };
      return { given: true, unsigned, futile: null, have: 1, needed: 1 };
    }
    const made = payloadFor(pending, signer, {
      decision: approved ? "approve" : "deny",
      ...{ reason, now: verdict.now, lifeMs: DEFAULT_LIFE_MS },
      answer: approved && typed !== null ? toPlain(typed.value) : undefined,
    });
    if ("problem" in made) return refuse("approval.request", made.problem);
    const signed = await signPayload(made.payload, signer);
    if ("problem" in signed) return refuse("approval.unsigned", signed.problem);
    const kept = await depositCredential(this.id, ref.runId, signed.credential);
    if ("problem" in kept) return refuse("approval.file", kept.problem);
    const futile = approved ? futility(pending, signer.principal) : null;
    const have = signers([...open.given, { principal: signer.principal, decision: approved ? "approve" : "deny" }]);
    return { given: true, unsigned: null, futile, have, needed };
  }
}

function listed({ pending, given }: OpenApproval): ListedRequest {
  const { runId, id, askedAt, terms, reason, workflow, document, environment, requester, place } = pending;
  return {
    ref: { runId, id, askedAt },
    asks: askedFor(pending),
    ...{ reason, workflow, document, environment, requester, place },
    expiresAt: terms?.expiresAt ?? null,
    needed: terms?.needed ?? 1,
    have: signers(given),
  };
}

/** How many principals have signed that they approve. */
export function signers(given: readonly Pick<GivenAnswer, "principal" | "decision">[]): number {
  return new Set(given.filter(({ decision }) => decision === "approve").map(({ principal }) => principal)).size;
}

/** Everything of a request that an answer is about: what would happen, the terms, and the file as it is now. */
function shownDigest(pending: PendingApproval, change: FileChange | null): string {
  const { soFar: _before, ...asked } = pending;
  // Integers and floats are different values, and JSON would not tell them apart.
  const text = JSON.stringify([asked, change], (_key, value: unknown) =>
    typeof value === "bigint" ? { integer: value.toString() } : value,
  );
  return sha256(text);
}

function problem(
  code: string,
  message: string,
): { readonly ok: false; readonly problem: { code: string; message: string } } {
  return { ok: false, problem: { code, message } };
}
