/**
 * Signed answers to what a run asks (spec/runtime.md §7): which credentials belong to which open request, and whether
 * they are enough.
 *
 * Invariants: an answer is made of verified credentials only; one denial is enough to deny; approvals of one principal
 * count once, whatever keys it has; nothing is used up here.
 */
import type { ApprovalRequest, ApprovalTerms, CredentialRef } from "../../effects/events.ts";
import { equal, fromPlain, type Value } from "../../graph/value.ts";
import { readCredential } from "../credentials/credential.ts";
import type { Credential, CredentialContext } from "../credentials/model.ts";
import { credentialRef, genuineProblem, signerProblem, type ApprovalAuthority } from "./authority.ts";

/** A credential as somebody brought it. */
export interface GivenCredential {
  /** A file's name, for messages. */
  readonly source: string;
  readonly text: string;
  /** Brought for this very resume, so that it must mean something; others were only found in the run's folder. */
  readonly named: boolean;
}

/** An answer that credentials give. */
export interface SignedAnswer {
  readonly id: string;
  readonly approved: boolean;
  /** Principals. */
  readonly by: string;
  readonly reason: string | null;
  readonly answer: Value;
  readonly credentials: readonly CredentialRef[];
  /** What the answer uses up; empty where an effect waits, whose approvals are used up when it starts. */
  readonly uses: readonly { readonly approvalId: string; readonly use: string }[];
  readonly texts: readonly string[];
  /** What is answered, for the audit. */
  readonly about: { readonly node: string; readonly capability: string };
}

/** A credential that does not count, and why. */
export interface RefusedCredential {
  readonly source: string;
  readonly code: string;
  readonly message: string;
  readonly id: string | null;
}

/** What the credentials come to. */
export interface SignedAnswers {
  readonly answers: readonly SignedAnswer[];
  /** Requests that have approvals, and not enough of them. */
  readonly short: readonly { readonly id: string; readonly have: number; readonly needed: number }[];
  readonly refused: readonly RefusedCredential[];
}

/** Why a typed answer does not fit its JSON Schema (text); null when it does. */
export type FitsSchema = (schema: string, answer: Value) => string | null;

interface Read {
  readonly given: GivenCredential;
  readonly credential: Credential;
}

type Question = ApprovalRequest & { readonly terms: ApprovalTerms };

/** Finds the answers to the open requests. `now` in milliseconds since 1970. */
export async function signedAnswers(
  authority: ApprovalAuthority,
  requests: readonly ApprovalRequest[],
  given: readonly GivenCredential[],
  now: number,
  fits: FitsSchema,
): Promise<SignedAnswers> {
  const refused: RefusedCredential[] = [];
  const read: Read[] = [];
  for (const one of given) {
    const result = readCredential(one.text);
    if (result.ok) read.push({ given: one, credential: result.credential });
    else refused.push({ source: one.source, ...result.problem, id: null });
  }
  const questions = requests.filter((one): one is Question => one.terms !== undefined);
  const answers: SignedAnswer[] = [];
  const short: { id: string; have: number; needed: number }[] = [];
  for (const question of questions) {
    const collected = new Collected(authority, question, now, fits);
    for (const one of read) {
      if (!belongs(one.credential, question, authority.runId)) continue;
      const problem = await collected.add(one.credential);
      if (problem !== null) refused.push({ source: one.given.source, ...problem, id: question.id });
    }
    const answer = collected.answer();
    if (answer !== null) answers.push(answer);
    else if (collected.have > 0) short.push({ id: question.id, have: collected.have, needed: collected.needed });
  }
  for (const { given: one, credential } of read) {
    if (!one.named || questions.some((question) => belongs(credential, question, authority.runId))) continue;
    refused.push({ source: one.source, id: null, ...(await whyNothing(authority, credential, questions[0], now)) });
  }
  return { answers, short, refused };
}

/** A step's credential belongs to the one request that it names; a document's to every effect. */
function belongs({ payload }: Credential, question: Question, runId: string): boolean {
  const ext = payload.ext ?? {};
  if (ext.node_id === undefined) return question.subject === "effect" && ext.effect_digest === undefined;
  return ext.run_id === runId && ext.node_id === question.terms.nodeId && ext.effect_digest === question.effectDigest;
}

/** What is wrong with a credential that answers nothing here. */
async function whyNothing(
  authority: ApprovalAuthority,
  credential: Credential,
  question: Question | undefined,
  now: number,
): Promise<{ code: string; message: string }> {
  const problem =
    question === undefined
      ? null
      : await genuineProblem(authority, credential, contextFor(authority, question, now), useOf(authority, question));
  return problem ?? { code: "cred.spec_mismatch", message: "the credential answers nothing that this run asks" };
}

function contextFor(authority: ApprovalAuthority, { terms, effectDigest }: Question, now: number): CredentialContext {
  const { nodeId, inputDigest, capability } = terms;
  return {
    ...authority.place,
    posture: authority.posture,
    specHash: authority.specHash,
    now,
    capability,
    step: { runId: authority.runId, nodeId, inputDigest, effectDigest },
  };
}

/**
 * A question is answered once; an effect's approval is used by the effect, under a name of its own. So is the yes to an
 * effect in doubt: it is the approval of the repeat (each doubt is a question with a digest of its own).
 */
function useOf({ runId }: ApprovalAuthority, { subject, effectDigest }: Question): string {
  return usedByEffect(subject) ? "" : JSON.stringify([runId, effectDigest]);
}

function usedByEffect(subject: Question["subject"]): boolean {
  return subject === "effect" || subject === "doubt";
}

/** The credentials that count for one request. */
class Collected {
  private readonly approvals = new Map<string, Credential>();
  private denial: Credential | null = null;
  private readonly authority: ApprovalAuthority;
  private readonly question: Question;
  private readonly now: number;
  private readonly fits: FitsSchema;

  constructor(authority: ApprovalAuthority, question: Question, now: number, fits: FitsSchema) {
    this.authority = authority;
    this.question = question;
    this.now = now;
    this.fits = fits;
  }

  get have(): number {
    return this.approvals.size;
  }

  /** What was asked for when the run paused, or now, whichever is more. */
  get needed(): number {
    return Math.max(this.question.terms.needed, this.authority.rules.needed);
  }

  /** Takes a credential, or says why it does not count. */
  async add(credential: Credential): Promise<{ code: string; message: string } | null> {
    const { authority, question } = this;
    const { issued_by: principal, ext } = credential.payload;
    const context = contextFor(authority, question, this.now);
    const problem = await genuineProblem(authority, credential, context, useOf(authority, question));
    if (problem !== null) return problem;
    const denies = ext?.decision === "deny";
    // Whoever started a run may always call it off.
    const signer = denies && principal === authority.requester ? null : signerProblem(this.rules(), principal);
    if (signer !== null) return signer;
    if (denies) {
      if (ext.node_id !== undefined) this.denial ??= credential;
      return null;
    }
    const unfit = this.answerProblem(credential);
    if (unfit !== null) return { code: "approval.answer", message: unfit };
    if (!this.approvals.has(principal)) this.approvals.set(principal, credential);
    return null;
  }

  /** What the request said, narrowed by what holds now. */
  private rules(): ApprovalAuthority {
    const { authority, question } = this;
    const { approvers, notRequester } = question.terms;
    const { rules } = authority;
    const among =
      approvers === null ? rules.approvers : approvers.filter((one) => rules.approvers?.includes(one) ?? true);
    return {
      ...authority,
      rules: { ...rules, notRequester: rules.notRequester || notRequester, approvers: among },
    };
  }

  private answerProblem(credential: Credential): string | null {
    const answer = answerOf(credential);
    const { answerSchema } = this.question.terms;
    if (answerSchema !== null) {
      const problem = this.fits(answerSchema, answer);
      if (problem !== null) return `the signed answer does not fit what is asked: ${problem}`;
    }
    const [first] = this.approvals.values();
    if (first === undefined || equal(answerOf(first), answer)) return null;
    return `\`${credential.payload.issued_by}\` signed another answer than \`${first.payload.issued_by}\``;
  }

  answer(): SignedAnswer | null {
    const { denial, question, authority } = this;
    if (denial !== null) return this.made(false, [denial]);
    if (this.approvals.size < this.needed) return null;
    const chosen = [...this.approvals.values()].slice(0, this.needed);
    const use = useOf(authority, question);
    const uses = usedByEffect(question.subject)
      ? []
      : chosen.map((one) => ({ approvalId: one.payload.approval_id, use }));
    return { ...this.made(true, chosen), uses };
  }

  private made(approved: boolean, credentials: readonly Credential[]): SignedAnswer {
    const [first] = credentials;
    return {
      id: this.question.id,
      approved,
      by: credentials.map(({ payload }) => payload.issued_by).join(", "),
      reason: first?.payload.ext?.reason ?? null,
      answer: approved && first !== undefined ? answerOf(first) : false,
      credentials: credentials.map(credentialRef),
      uses: [],
      texts: credentials.map(({ text }) => text),
      about: { node: this.question.terms.nodeId, capability: this.question.terms.capability },
    };
  }
}

/** A yes is an answer too. */
function answerOf({ payload }: Credential): Value {
  const answer = payload.ext?.answer;
  return answer === undefined ? true : fromPlain(answer);
}
