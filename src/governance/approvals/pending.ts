/**
 * What a run waits for, as an approver must see it before signing (spec/runtime.md §7): a projection of its journal.
 *
 * Pure. Everything here comes from journalled text, so secrets stand in it by name only.
 */
import type { Activation } from "../../effects/effect.ts";
import type { ApprovalRequest, ApprovalTerms, RunEvent } from "../../effects/events.ts";
import { isArray, isObject, member, toText, type Value } from "../../graph/value.ts";

/** The run that asks. */
export interface AskingRun {
  readonly started: Extract<RunEvent, { type: "run.started" }>;
  /** The digest of the documents that it goes on with. */
  readonly graphDigest: string;
  /** Nodes of the root walk that have ended, in their order, with how they ended. */
  readonly soFar: readonly { readonly node: string; readonly outcome: string }[];
}

/** An open request, with everything that binds its answer. */
export interface PendingApproval {
  readonly runId: string;
  readonly workflow: string;
  readonly dialect: string;
  /** The document as the run names it. */
  readonly document: string;
  readonly graphDigest: string;
  readonly environment: string;
  readonly requester: string;
  readonly requesterSigned: boolean;
  readonly startedAt: number | null;
  readonly id: string;
  readonly subject: ApprovalRequest["subject"];
  /** Frame and node. */
  readonly place: string;
  readonly activation: Activation;
  readonly reason: string | null;
  /** Exactly what would happen, where something would. */
  readonly what: WouldHappen;
  readonly effectDigest: string | null;
  /** null: asked by a host without terms; such a request cannot be answered by a signature. */
  readonly terms: ApprovalTerms | null;
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  readonly soFar: AskingRun["soFar"];
}

/** What an answer lets happen. */
export interface WouldHappen {
  /** `http.request`, `shell.run`, …; null where nothing is done but to go on. */
  readonly kind: string | null;
  /** Method, URL, program, path and so on, as they were checked. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** What would be sent or written. */
  readonly payload: { readonly text: string; readonly truncated: boolean } | null;
  /** The file that would be written (real path) and the digest of its new content. */
  readonly file: { readonly path: string; readonly digest: string | null } | null;
  /** What is asked about, where nothing would be done. */
  readonly summary: Value;
}

/** The open request as an approver sees it. */
export function pendingApproval(
  run: AskingRun,
  asked: { readonly act: Activation; readonly at: number; readonly request: ApprovalRequest },
): PendingApproval {
  const { started } = run;
  const { act, request } = asked;
  return {
    runId: started.runId,
    workflow: started.workflow,
    dialect: started.dialect,
    document: started.root,
    graphDigest: run.graphDigest,
    environment: started.environment,
    requester: started.principal,
    requesterSigned: started.requester !== undefined,
    startedAt: "at" in started && typeof started.at === "number" ? started.at : null,
    id: request.id,
    subject: request.subject,
    place: act.frame === "" ? act.node : `${act.frame}/${act.node}`,
    activation: act,
    reason: request.reason,
    what: wouldHappen(request),
    effectDigest: request.effectDigest,
    terms: request.terms ?? null,
    askedAt: asked.at,
    soFar: run.soFar,
  };
}

function wouldHappen({ subject, summary }: ApprovalRequest): WouldHappen {
  const effect = isObject(summary) ? member(summary, "effect") : undefined;
  const does = subject === "effect" || subject === "doubt";
  if (!does || !isObject(summary) || !isObject(effect))
    return { kind: null, facts: [], payload: null, file: null, summary };
  const kind = textOf(member(summary, "kind"));
  const path = textOf(member(effect, "real_path"));
  const file = kind === "fs.write" && path !== null ? { path, digest: textOf(member(effect, "content_digest")) } : null;
  return { kind, facts: factsOf(effect), payload: payloadOf(member(summary, "preview")), file, summary: null };
}

/** The order in which people ask; what else there is follows. */
const order = ["method", "url", "program", "real_path", "args", "path", "server", "tool", "uri", "backend"];

function factsOf(effect: { readonly [key: string]: Value }): (readonly [string, string])[] {
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.keys(effect)
    .filter((name) => name !== "kind" && effect[name] !== null)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .flatMap((name) => factLines(name, effect[name] as Value));
}

/** A list is told item by item, so that no separator can be taken for a part of one. */
function factLines(name: string, value: Value): (readonly [string, string])[] {
  if (!isArray(value)) return [[name, plainText(value)]];
  return value.map((item, index) => [
    `${name}[${index}]`,
    isArray(item) ? item.map(plainText).join(": ") : plainText(item),
  ]);
}

function plainText(value: Value): string {
  return typeof value === "string" ? value : toText(value);
}

function payloadOf(preview: Value | undefined): WouldHappen["payload"] {
  if (!isObject(preview)) return null;
  const text = textOf(member(preview, "text"));
  return text === null ? null : { text, truncated: member(preview, "truncated") === true };
}

function textOf(value: Value | undefined): string | null {
  return typeof value === "string" ? value : null;
}
