/** Open requests as an approver reads them: everything that the signature will bind, and nothing else. Pure. */
import { toPrettyText } from "../../graph/value.ts";
import type { FileChange, OpenApproval } from "../../runtime/approvals/pending.ts";
import { askedFor, subjects } from "../../runtime/approvals/words.ts";
import type { Style } from "../terminal.ts";
import { clean, cleanLines, table } from "./text.ts";
import { localTime, relativeTime } from "../../runtime/kept-runs/time.ts";

/** How requests are shown. */
export interface ApprovalsLook {
  readonly style: Style;
  readonly width: number;
  readonly now: number;
}

/** One line for each request. */
export function approvalTable(approvals: readonly OpenApproval[], look: ApprovalsLook): string[] {
  const { style, now } = look;
  const head = ["RUN", "REQUEST", "ASKS FOR", "ASKED", "APPROVALS", "EXPIRES"].map((text) => ({
    text,
    paint: style.dim,
  }));
  const rows = approvals.map(({ pending, given }) => [
    { text: pending.runId },
    { text: clean(pending.id) },
    { text: clean(askedFor(pending)) },
    { text: relativeTime(pending.askedAt, now) },
    { text: `${signers(given)}/${pending.terms?.needed ?? 1}` },
    { text: expiry(pending, now) },
  ]);
  return table([head, ...rows], look.width);
}

function signers(given: OpenApproval["given"]): number {
  return new Set(given.filter(({ decision }) => decision === "approve").map(({ principal }) => principal)).size;
}

function expiry({ terms }: OpenApproval["pending"], now: number): string {
  if (terms === null || terms.expiresAt === null) return "never";
  return now >= terms.expiresAt ? "expired" : relativeTime(terms.expiresAt, now);
}

/** Everything about one request, line by line. */
export function approvalText(open: OpenApproval, change: FileChange | null, look: ApprovalsLook): string[] {
  const { style, now } = look;
  const { pending, given } = open;
  const { terms } = pending;
  const lines = [
    `${style.bold(clean(pending.id))}  asks ${subjects[pending.subject].startsWith("to ") ? "" : "for "}${subjects[pending.subject]}`,
    ...(pending.reason === null ? [] : [`  why            ${cleanLines(pending.reason)}`]),
    ...(terms === null ? [] : [`  rule           ${clean(terms.rule)}`]),
    "",
    style.bold("What would happen"),
    ...happening(open, change, style),
    "",
    style.bold("The run"),
    `  run            ${pending.runId}`,
    `  document       ${clean(pending.document)} (${pending.dialect}, ${clean(pending.workflow)})`,
    `  environment    ${clean(pending.environment)}`,
    `  requester      ${clean(pending.requester)}${pending.requesterSigned ? " (signed)" : " (not signed)"}`,
    `  step           ${clean(terms?.nodeId ?? pending.place)}`,
    `  so far         ${clean(pending.soFar.map(({ node, outcome }) => (outcome === "continue" ? node : `${node} (${outcome})`)).join(", ")) || "nothing yet"}`,
    `  asked          ${localTime(pending.askedAt)}, ${relativeTime(pending.askedAt, now)}`,
    "",
    style.bold("The answer"),
    ...answering(open, look),
  ];
  if (given.length > 0) {
    lines.push("", style.bold("Signed so far (checked when the run goes on)"));
    for (const one of given)
      lines.push(
        `  ${one.decision === "approve" ? "approved" : "denied  "} by ${clean(one.principal)}, until ${one.expiresAt}`,
      );
  }
  return lines;
}

function happening({ pending }: OpenApproval, change: FileChange | null, style: Style): string[] {
  const { kind, facts, payload, summary } = pending.what;
  if (kind === null) {
    const asked =
      summary === null
        ? []
        : toPrettyText(summary)
            .split("\n")
            .map((line) => `  ${clean(line)}`);
    return ["  nothing outside the run; it goes on", ...asked];
  }
  const wide = Math.max(13, ...facts.map(([name]) => name.length));
  const lines = [
    `  ${"effect".padEnd(wide)}  ${clean(kind)}`,
    ...facts.map(([name, text]) => `  ${clean(name).padEnd(wide)}  ${clean(text)}`),
  ];
  if (change !== null) lines.push(...changeLines(change, style, wide));
  // Where there is no difference to show, the content itself is what an approver can look at.
  if (payload === null || change?.type === "diff") return lines;
  const cut = payload.truncated ? " (its beginning; the digest above is of all of it)" : "";
  return [
    ...lines,
    `  ${style.dim(`content${cut}:`)}`,
    ...payload.text.split("\n").map((line) => `  | ${clean(line)}`),
  ];
}

function changeLines(change: FileChange, style: Style, wide: number): string[] {
  if (change.type === "unknown") return [`  ${style.dim("change".padEnd(wide))}  not shown: ${clean(change.why)}`];
  const title = change.isNew ? "a new file:" : change.lines.length === 0 ? "the file as it is" : "change:";
  const paint = (line: string): string =>
    line.startsWith("+") ? style.green(clean(line)) : line.startsWith("-") ? style.red(clean(line)) : clean(line);
  return [`  ${style.dim(title)}`, ...change.lines.map((line) => `  ${paint(line)}`)];
}

function answering({ pending }: OpenApproval, { now }: ApprovalsLook): string[] {
  const { terms } = pending;
  if (terms === null) return ["  the run was asked without terms; answer it with countersign resume"];
  const who =
    terms.approvers === null ? "anybody whose key is trusted for approvals" : terms.approvers.map(clean).join(", ");
  return [
    `  who            ${who}${terms.notRequester ? `, but not ${clean(pending.requester)}` : ""}`,
    `  needed         ${terms.needed === 1 ? "1 approval" : `${terms.needed} approvals of different principals`}`,
    `  expires        ${terms.expiresAt === null ? "never" : `${localTime(terms.expiresAt)}, ${expiry(pending, now)}`}`,
    `  signature      ${terms.signed ? "required" : "not required (dev)"}`,
    ...(terms.answerSchema === null ? [] : [`  answer         ${clean(terms.answerSchema)}`]),
    `  capability     ${clean(terms.capability)}`,
    `  document       ${terms.specHash}`,
    ...(terms.inputDigest === null ? [] : [`  input          ${terms.inputDigest}`]),
    ...(pending.effectDigest === null ? [] : [`  bound to       ${pending.effectDigest}`]),
  ];
}

/** A request as JSON, for tools. */
export function approvalJson(open: OpenApproval, change: FileChange | null | undefined): object {
  const { pending, given } = open;
  const { terms, what } = pending;
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    run: pending.runId,
    id: pending.id,
    subject: pending.subject,
    node: pending.place,
    step: terms?.nodeId ?? null,
    reason: pending.reason,
    rule: terms?.rule ?? null,
    workflow: pending.workflow,
    document: pending.document,
    environment: pending.environment,
    requester: { principal: pending.requester, signed: pending.requesterSigned },
    asked_at: time(pending.askedAt),
    effect:
      what.kind === null ? null : { kind: what.kind, facts: what.facts.map(([name, value]) => ({ name, value })) },
    content: what.payload,
    change:
      change === undefined || change === null
        ? null
        : change.type === "diff"
          ? { new: change.isNew, lines: change.lines }
          : { unknown: change.why },
    summary: what.kind === null ? (JSON.parse(toPrettyText(what.summary)) as unknown) : null,
    so_far: pending.soFar,
    terms:
      terms === null
        ? null
        : {
            capability: terms.capability,
            needed: terms.needed,
            not_requester: terms.notRequester,
            approvers: terms.approvers,
            expires_at: time(terms.expiresAt),
            answer_schema: terms.answerSchema,
            signed: terms.signed,
            spec_hash: terms.specHash,
            input_digest: terms.inputDigest,
            effect_digest: pending.effectDigest,
          },
    given: given.map(({ principal, decision, digest, expiresAt }) => ({
      principal,
      decision,
      digest,
      expires_at: expiresAt,
    })),
  };
}
