/**
 * How an answer is given (spec/editor.md §7): read again, held against what was shown, asked once more, given, and the run
 * taken up with it. Knows nothing of VS Code; who asks and who resumes are given.
 *
 * Invariants: nothing is signed before a person has agreed in {@link AnsweringHost.confirm}; what is signed is what was
 * shown, checked before and after that question; an unsigned answer is given only where this window goes on with the run.
 */
import { parseJson } from "../../graph/json.ts";
import type { Signer } from "../../effects/signing.ts";
import type { FromApproval, ToApproval } from "../../protocol/approval.ts";
import type { ApprovalSource, RequestRef, ShownRequest } from "../../runtime/approvals/source.ts";
import { askedFor } from "../../runtime/approvals/words.ts";
import type { EditorAnswer } from "../../runtime/editor-run/index.ts";
import { resumeCommand, targetToType } from "./view.ts";
import { label, words } from "./words.ts";

/** What a page asks for. */
export type Wish = Extract<FromApproval, { type: "answer" }>;
/** What it is told. */
export type Said = Extract<ToApproval, { type: "said" }>;

/** The question that is asked before anything is signed. */
export interface Confirmation {
  readonly question: string;
  readonly detail: string;
  /** Not the default of the question. */
  readonly agree: string;
}

/** What answering needs of the window. */
export interface AnsweringHost {
  /** Asks a person; true when they agree. */
  confirm(question: Confirmation): Promise<boolean>;
  /** A key of the editor, ready to sign; null when it is not there. */
  signer(kid: string): Promise<Signer | null>;
  /** Why this window does not go on with the run; null when it does. */
  elsewhere(shown: ShownRequest): Promise<string | null>;
  /** Goes on with the run; null when it did, else why not. */
  goOn(shown: ShownRequest, answer: EditorAnswer): Promise<{ readonly code: string; readonly message: string } | null>;
  /** Fingerprint of a key, for whoever is to trust it. */
  fingerprint(kid: string): string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Answers a request. */
export async function giveAnswer(
  source: ApprovalSource,
  ref: RequestRef,
  wish: Wish,
  host: AnsweringHost,
): Promise<Said> {
  const read = await source.show(ref);
  if (!read.ok) return bad(words.gone(read.problem.message));
  const shown = read.value;
  const { pending } = shown.open;
  const { approved } = wish;
  if (shown.answer !== null)
    return bad(words.gone(`it was ${shown.answer.approved ? "approved" : "denied"} by ${label(shown.answer.by)}`));
  if (shown.digest !== wish.digest) return bad(words.changed);
  const target = targetToType(pending.environment, pending.place);
  if (approved && target !== null && wish.target.trim() !== target) return bad(words.notTyped(target));
  const typed = wish.typed === null || !approved ? null : parseJson(wish.typed);
  if (typed?.ok === false) return bad(words.notJson);
  const signer = wish.kid === null ? null : await host.signer(wish.kid);
  if (wish.kid !== null && signer === null) return bad(words.noKey);
  const elsewhere = await host.elsewhere(shown);
  const command = resumeCommand(ref.runId, source.id);
  if (signer === null && elsewhere !== null) return bad(words.refused(`${elsewhere}. Answer with: ${command}`));
  if (!(await host.confirm(confirmation(shown, wish, signer)))) return plain(words.goneBack);
  const given = await source.answer(ref, {
    ...{ seen: wish.digest, approved, signer, now: host.now() },
    reason: wish.reason.trim() === "" ? null : wish.reason.trim(),
    typed: typed === null ? null : { value: typed.value },
  });
  if (!given.given) return bad(given.code === "approval.changed" ? words.changed : words.refused(label(given.message)));
  if (given.futile !== null) return bad(words.doesNotCount(given.futile));
  if (elsewhere !== null) return plain(words.kept(elsewhere, command));
  const refusal = await host.goOn(shown, { id: ref.id, unsigned: given.unsigned });
  if (refusal === null) return { type: "said", tone: "good", message: words.goesOn(approved), next: null };
  return told(refusal, given, signer === null ? null : host.fingerprint(signer.kid));
}

/** Goes on with a run that was not gone on with when it was answered, or whose request has expired. */
export async function goOn(source: ApprovalSource, ref: RequestRef, host: AnsweringHost): Promise<Said> {
  const read = await source.show(ref);
  if (!read.ok) return bad(words.cannotResume(read.problem.message));
  const elsewhere = await host.elsewhere(read.value);
  if (elsewhere !== null)
    return bad(words.cannotResume(`${elsewhere}. Go on with: ${resumeCommand(ref.runId, source.id)}`));
  const refusal = await host.goOn(read.value, { id: ref.id, unsigned: null });
  if (refusal === null) return { type: "said", tone: "good", message: words.ends, next: null };
  return bad(words.cannotResume(refusal.message));
}

/** Why a run does not go on although it was answered: not enough, not trusted, or something of the run itself. */
function told(
  { code, message }: { readonly code: string; readonly message: string },
  { have, needed }: { readonly have: number; readonly needed: number },
  fingerprint: string | null,
): Said {
  if (code !== "approval.waiting") return bad(words.notGoingOn(message));
  if (!/\[(?:cred|approval)\./.test(message)) return plain(words.more(have, needed));
  const untrusted = message.includes("[cred.key_unknown]") && fingerprint !== null;
  return { ...bad(words.doesNotCount(message)), next: untrusted ? words.trustFirst(fingerprint) : null };
}

function confirmation(shown: ShownRequest, { approved, reason }: Wish, signer: Signer | null): Confirmation {
  const { pending } = shown.open;
  const asks = askedFor(pending);
  const { modal } = words;
  const how = signer === null ? "without a signature" : `${signer.principal} with the key ${signer.kid}`;
  const detail: (readonly [string, string])[] = [
    ["Run", `${label(pending.workflow)} (${pending.runId})`],
    ["Step", label(pending.place)],
    ["Environment", label(pending.environment)],
    ...pending.what.facts.slice(0, 6).map(([name, text]) => [label(name), label(text)] as const),
    ["Request shown", shown.digest],
    ...(pending.effectDigest === null ? [] : [["Bound to", pending.effectDigest] as const]),
    ["Answer", how],
    ...(reason.trim() === "" ? [] : [["Reason", label(reason.trim())] as const]),
  ];
  const agree = approved
    ? signer === null
      ? modal.approveUnsigned
      : modal.approveSigned
    : signer === null
      ? modal.denyUnsigned
      : modal.denySigned;
  return { question: approved ? modal.approve(asks) : modal.deny(asks), detail: modal.detail(detail), agree };
}

function bad(message: string): Said {
  return { type: "said", tone: "bad", message, next: null };
}

function plain(message: string): Said {
  return { type: "said", tone: "plain", message, next: null };
}
