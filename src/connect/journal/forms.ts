/**
 * The form of every event, field by field. The union of `src/effects/events.ts` is closed: a type or a member that
 * is missing here does not compile, and one that is not listed here is refused when read.
 *
 * Names (frames, nodes, edges, digests, words) come from the document and are never masked; everything else that is
 * a string is text and is (spec/runtime.md §3, "Secrets").
 */
import {
  effectKinds,
  type Activation,
  type EffectKind,
  type EffectUsage,
  type PreparedEffect,
} from "../../effects/effect.ts";
import type { DecisionKind } from "../../effects/decision.ts";
import {
  valueFields,
  type ApprovalTerms,
  type CredentialRef,
  type EventType,
  type HttpReply,
  type PinnedDocument,
  type RunEvent,
  type RunOptions,
} from "../../effects/events.ts";
import { failureClasses, type Failure } from "../../graph/failure.ts";
import type { Value } from "../../graph/value.ts";
import {
  boolean,
  holdsText,
  list,
  membersOf,
  name,
  nullable,
  number,
  oneOf,
  optional,
  record,
  shape,
  text,
  type Form,
  type Member,
  type Members,
} from "./fields.ts";

/** An event's members without its type and without its node values, which the codec writes and reads itself. */
type Plain<E> = { readonly [K in keyof E as K extends "type" ? never : Value extends E[K] ? never : K]: E[K] };

/** Written at once, since nearly every event holds one. */
const activation: Form<Activation> = {
  ...shape<Activation>({ frame: name, node: name, visit: number, attempt: number }),
  write: ({ frame, node, visit, attempt }) =>
    `{"frame":${name.write(frame)},"node":${name.write(node)},"visit":${number.write(visit)},"attempt":${number.write(attempt)}}`,
};

const failureClass = oneOf(...failureClasses);

const failure = shape<Failure>({ class: failureClass, message: text });

const decision = oneOf<DecisionKind>("Allow", "DryRunOnly", "RequireApproval", "Deny");

const effectKind = oneOf<EffectKind>(...effectKinds);

const pinned = shape<PinnedDocument>({
  key: text,
  digest: name,
  role: oneOf("root", "child", "schema", "skill", "policy"),
});

const reply = shape<HttpReply>({ status: number, contentType: text, body: text });

const credential = shape<CredentialRef>({ digest: name, approvalId: name, kid: name, principal: text });

const terms = shape<ApprovalTerms>({
  specHash: name,
  environment: name,
  nodeId: name,
  capability: text,
  inputDigest: nullable(name),
  rule: name,
  needed: number,
  notRequester: boolean,
  approvers: nullable(list(text)),
  expiresAt: nullable(number),
  answerSchema: nullable(text),
  signed: boolean,
});

const usage = shape<EffectUsage>({ tokens: optional(number), bytesWritten: optional(number) });

const options = shape<RunOptions>({
  dryRun: oneOf("no", "stub", "reads"),
  replay: boolean,
  assume: record(text),
  canPause: boolean,
  timeoutMs: number,
  maxFanout: number,
  stream: optional(name),
});

type DescriptionItem = PreparedEffect["description"][string];

const isDescriptionItem = (data: unknown): boolean =>
  data === null ||
  typeof data === "string" ||
  typeof data === "boolean" ||
  number.is(data) ||
  (Array.isArray(data) && data.every((item) => typeof item === "string" || strings.is(item)));

const strings = list(text);

const description = record<DescriptionItem>({
  write: (item) => {
    if (typeof item === "string") return text.write(item);
    return typeof item === "number" ? number.write(item) : JSON.stringify(item);
  },
  is: isDescriptionItem,
  map: (item, change) => {
    if (typeof item === "string") return change(item);
    if (item === null || typeof item !== "object") return item;
    const made = item.map((part) => (typeof part === "string" ? change(part) : strings.map(part, change)));
    return made.every((part, i) => part === item[i]) ? item : (made as DescriptionItem);
  },
});

const at = { frame: name, node: name, visit: number, attempt: number };
const step = { act: activation, index: number };

const tables: { readonly [T in EventType]: Members<Plain<Extract<RunEvent, { type: T }>>> } = {
  "run.started": {
    version: number,
    runId: name,
    dialect: name,
    workflow: name,
    root: text,
    documents: list(pinned),
    graphDigest: name,
    policyDigest: name,
    environment: name,
    sideEffects: optional(name),
    cwd: optional(text),
    workspace: optional(text),
    start: nullable(name),
    triggerKind: oneOf("manual", "http", "event"),
    options,
    principal: text,
    requester: optional(shape<{ readonly kid: string; readonly signature: string }>({ kid: name, signature: name })),
    deadline: number,
  },
  "run.resumed": {
    principal: text,
    deadline: number,
    changed: boolean,
    documents: list(pinned),
    graphDigest: name,
  },
  "frame.opened": {
    frame: name,
    parent: nullable(activation),
    index: number,
    child: number,
    document: text,
    start: nullable(name),
    depth: number,
  },
  "node.entered": { ...at, edge: nullable(name), assumed: optional(boolean) },
  "effect.decided": {
    ...step,
    kind: effectKind,
    request: name,
    description,
    digest: name,
    decision,
    code: name,
    reason: text,
    live: optional(shape<{ readonly decision: DecisionKind; readonly code: string }>({ decision, code: name })),
    capability: optional(text),
    approvals: optional(list(credential)),
  },
  "effect.started": { ...step, digest: name },
  "effect.ended": {
    ...step,
    ok: boolean,
    failure: nullable(failure),
    by: oneOf("performer", "dry", "mock", "record", "engine", "person"),
    usage: nullable(usage),
    doubt: boolean,
  },
  "provision.decided": {
    what: oneOf("mcp_server", "secret"),
    name,
    document: text,
    act: nullable(activation),
    kind: oneOf("shell.run", "http.request"),
    description,
    digest: name,
    decision,
    code: name,
    reason: text,
    capability: optional(text),
  },
  "approval.requested": {
    ...step,
    id: text,
    subject: oneOf("pause", "approval", "effect", "fanout", "doubt"),
    reason: nullable(text),
    effectDigest: nullable(name),
    terms: optional(terms),
  },
  "approval.answered": {
    id: text,
    approved: boolean,
    by: text,
    reason: nullable(text),
    credentials: optional(list(credential)),
  },
  "timer.set": { ...step, wakeAt: number, why: oneOf("retry", "backoff") },
  "timer.fired": step,
  "node.ended": {
    ...at,
    outcome: oneOf("continue", "terminate", "fail", "skip"),
    label: nullable(text),
    reason: nullable(text),
    partial: boolean,
    assumed: boolean,
    reply: nullable(reply),
  },
  "node.failed": { ...at, failure, then: oneOf("retry", "branch", "stop") },
  "frame.ended": {
    frame: name,
    status: oneOf("completed", "failed", "timed_out"),
    partial: boolean,
    reason: nullable(text),
    failure: nullable(failure),
    lastNode: nullable(name),
  },
  "deadline.passed": {},
  "budget.exceeded": { budget: oneOf("max_memory_mb", "max_cpu_secs"), limit: number, used: number },
  "run.cancelled": { by: text, reason: nullable(text) },
  "run.paused": { requests: list(text) },
  "run.ended": { outcome: oneOf("completed", "failed", "timed_out", "paused"), reason: nullable(text) },
  "value.edited": { frame: name, node: name, by: text },
  "record.ended": {
    record: number,
    status: oneOf("completed", "failed", "timed_out"),
    bytes: number,
    input: name,
    output: nullable(name),
    lastNode: nullable(name),
    failure: nullable(failure),
  },
  "cursor.moved": { to: number },
  "run.forked": { parent: name, fromSeq: number, head: name },
  "segment.opened": { epoch: number, oldHead: name, oldLength: number, lateLines: number },
};

/** How the events of one type stand in a line: their plain members in order, then their node values. */
export interface EventForm {
  readonly members: readonly Member[];
  readonly values: readonly string[];
  /** The plain members in which a text may stand. */
  readonly texts: readonly Member[];
  /** A plain member may hold keys that look like a value's, so the line must be parsed as a whole. */
  readonly ambiguous: boolean;
}

const forms = new Map<string, EventForm>(
  Object.entries<Members<object>>(tables).map(([type, table]) => {
    const members = membersOf(table);
    const values = valueFields[type as EventType] ?? [];
    const ambiguous = values.length > 1 || members.some(({ form }) => form.open === true);
    return [type, { members, values, texts: members.filter(holdsText), ambiguous }];
  }),
);

/** The form of an event type; undefined for a type that this version does not know. */
export function eventForm(type: string): EventForm | undefined {
  return forms.get(type);
}
