/**
 * A request as its page shows it: everything that an answer is about, with long texts shortened and large values marked,
 * so that a message stays small. Knows nothing of VS Code.
 */
import { isArray, isObject, sortedKeys, toPrettyText, typeName, type Value } from "../../graph/value.ts";
import type { ApprovalView, NamedValue } from "../../protocol/approval.ts";
import type { EditorKey } from "../../runtime/approvals/editor-keys.ts";
import type { Standing } from "../../runtime/approvals/editor-standing.ts";
import { needsSignature } from "../../runtime/approvals/resuming.ts";
import type { ShownRequest } from "../../runtime/approvals/source.ts";
import { subjects } from "../../runtime/approvals/words.ts";

/** Longest text of one value and of a body, in characters; lines of a difference; members of a value. */
const MAX_VALUE = 20_000;
const MAX_CONTENT = 60_000;
const MAX_LINES = 2_000;
const MAX_MEMBERS = 200;
/** Larger values are folded. */
const LARGE = { characters: 240, lines: 6 };

/** What the window knows beside the request. */
export interface ViewContext {
  readonly standing: Standing;
  readonly keys: readonly EditorKey[];
  /** The document's name as people call it. */
  readonly documentName: string;
  /** Why this window does not go on with the run; null when it does. */
  readonly elsewhere: string | null;
  readonly stateDir: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** See the header. */
export function viewOf(shown: ShownRequest, context: ViewContext): ApprovalView {
  const { open, answer, input, picture, digest, bound } = shown;
  const { pending, given } = open;
  const { terms, what } = pending;
  const expiresAt = terms?.expiresAt ?? null;
  const expired = expiresAt !== null && context.now >= expiresAt;
  const status = answer === null ? (expired ? "expired" : "open") : answer.approved ? "approved" : "denied";
  return {
    ...{ digest, status, picture, expiresAt, bound },
    id: pending.id,
    subject: pending.subject,
    asks: subjects[pending.subject],
    reason: pending.reason,
    rule: terms?.rule ?? null,
    place: pending.place,
    step: terms?.nodeId ?? pending.place,
    runId: pending.runId,
    workflow: pending.workflow,
    dialect: pending.dialect,
    document: pending.document,
    documentName: context.documentName,
    documentDigest: terms?.specHash ?? pending.graphDigest,
    environment: pending.environment,
    requester: { principal: pending.requester, signed: pending.requesterSigned },
    askedAt: pending.askedAt,
    effect: effectOf(shown),
    about: what.kind === null ? namedValues(what.summary) : [],
    input: namedValues(input),
    soFar: pending.soFar.slice(-MAX_MEMBERS),
    terms:
      terms === null
        ? null
        : {
            needed: terms.needed,
            notRequester: terms.notRequester,
            approvers: terms.approvers === null ? null : [...terms.approvers],
            signed: terms.signed,
            answerSchema: terms.answerSchema,
            capability: terms.capability,
            inputDigest: terms.inputDigest,
          },
    effectDigest: pending.effectDigest,
    given: given.map(({ principal, decision, expiresAt: until }) => ({
      ...{ principal, approved: decision === "approve", expiresAt: until },
    })),
    answer: answer === null ? null : { by: answer.by, reason: answer.reason, at: answer.at, signed: answer.signed },
    signing: {
      approve: needsSignature(pending, true),
      deny: needsSignature(pending, false),
      principal: context.standing.principal,
      keys: context.keys.map(({ kid, fingerprint, principal }) => ({
        ...{ kid, fingerprint, principal, trusted: context.standing.keys.get(kid) ?? null },
      })),
    },
    toType: targetToType(pending.environment, pending.place),
    resume: { why: context.elsewhere, command: resumeCommand(pending.runId, context.stateDir) },
  };
}

/** The name that has to be typed in prod, as the command line asks for it; null elsewhere. */
export function targetToType(environment: string, place: string): string | null {
  return environment === "prod" ? place : null;
}

/** What goes on with a run from a terminal. */
export function resumeCommand(runId: string, stateDir: string): string {
  return `countersign resume ${runId} --state-dir ${JSON.stringify(stateDir)}`;
}

function effectOf({ open, change }: ShownRequest): ApprovalView["effect"] {
  const { kind, facts, payload } = open.pending.what;
  if (kind === null) return null;
  return {
    kind,
    facts: facts.map(([name, text]) => [name, shortened(text, MAX_VALUE).text]),
    content: payload === null ? null : withMore(shortened(payload.text, MAX_CONTENT), payload.truncated),
    change:
      change?.type === "diff"
        ? { ...change, lines: change.lines.slice(0, MAX_LINES), cut: change.lines.length > MAX_LINES }
        : change,
  };
}

function withMore(one: { readonly text: string; readonly cut: boolean }, more: boolean) {
  return { text: one.text, cut: one.cut || more };
}

function shortened(text: string, most: number): { readonly text: string; readonly cut: boolean } {
  return text.length <= most ? { text, cut: false } : { text: text.slice(0, most), cut: true };
}

/** The members of an object one by one; anything else as one value; nothing for null. */
export function namedValues(value: Value): NamedValue[] {
  if (value === null) return [];
  if (!isObject(value)) return [named("", value)];
  const keys = sortedKeys(value);
  const shown = keys.slice(0, MAX_MEMBERS).map((key) => named(key, value[key] as Value));
  const more = keys.length - MAX_MEMBERS;
  if (more > 0) shown.push({ name: `${more} more`, type: "", text: "", large: false, cut: true });
  return shown;
}

function named(name: string, value: Value): NamedValue {
  const { text, cut } = shortened(typeof value === "string" ? value : toPrettyText(value), MAX_VALUE);
  const large = text.length > LARGE.characters || text.split("\n").length > LARGE.lines;
  return { name, type: sizeOf(value), text, large, cut };
}

function sizeOf(value: Value): string {
  const type = typeName(value);
  const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
  if (typeof value === "string") return `text, ${many(value.length, "character")}`;
  if (isArray(value)) return `list, ${many(value.length, "item")}`;
  if (isObject(value)) return `object, ${many(Object.keys(value).length, "member")}`;
  return type;
}
