/**
 * The state of a run: a fold over its journal (DESIGN.md idea 2).
 *
 * `apply` is the only writer. It needs no document, so a reader of a journal alone can fold it too. Invariants:
 * 1. folding the same events gives the same state, wherever and whenever;
 * 2. events of different frames commute: only the order within a frame matters;
 * 3. what has ended is dropped as soon as nothing can read it any more, so memory follows what is open.
 */
import type { EndedNode, WalkState } from "../dialects/document.ts";
import { activationKey, type Activation, type EffectResult } from "../effects/effect.ts";
import type { ApprovalAnswer, ApprovalRequest, CredentialRef, JournalEvent, RunEvent } from "../effects/events.ts";
import type { FrameResult } from "../effects/handler.ts";
import type { Failure } from "../graph/failure.ts";
import { object, type Value } from "../graph/value.ts";

export type RunStarted = Extract<RunEvent, { type: "run.started" }>;

/** One walk. */
export interface FrameState extends WalkState {
  readonly document: string;
  readonly depth: number;
  readonly parent: { readonly act: Activation; readonly index: number; readonly child: number } | null;
  steps: number;
  readonly active: string[];
  lastEntered: string | null;
  pending: string | null;
  readonly ended: Map<string, EndedNode>;
  readonly visits: Map<string, number>;
  readonly loops: Map<string, number>;
  readonly resolvedGates: Set<string>;
  readonly deniedGates: Set<string>;
  /** Used by this walk and all below it. */
  tokens: number;
  bytesWritten: number;
  /** What `respond` declared in this walk. */
  reply: Extract<RunEvent, { type: "node.ended" }>["reply"];
}

/** What is known of one request of a handler, by its index. */
export interface RequestState {
  decided: Extract<RunEvent, { type: "effect.decided" }> | null;
  started: boolean;
  /** How often it was started. */
  starts: number;
  result: (EffectResult & { readonly by: string }) | null;
  /** Results of child frames by child number; open ones are absent. */
  readonly children: Map<number, FrameResult>;
  readonly opened: Map<number, Extract<RunEvent, { type: "frame.opened" }>>;
  approval: ApprovalRequest | null;
  answer: ApprovalAnswer | null;
  /** Whether an effect that nobody knows the end of may be repeated; holds until it is started again. */
  doubtAnswer: ApprovalAnswer | null;
  /** The digest that the answered doubt was about. */
  doubtDigest: string | null;
  wakeAt: number | null;
  fired: boolean;
}

/** A node under way. */
export interface ActivationState {
  readonly act: Activation;
  readonly key: string;
  readonly requests: RequestState[];
  /** Set while a retry waits for its timer. */
  retryAt: number | null;
  retryDue: boolean;
}

/** A request without an answer. `at`: when it was asked, in milliseconds since 1970. */
export interface AskedRequest {
  readonly act: Activation;
  readonly index: number;
  readonly at: number;
  readonly request: ApprovalRequest;
}

/** The whole state. */
export interface RunState {
  seq: number;
  at: number;
  started: RunStarted | null;
  /** The latest resume; its documents stand for the run's from then on. */
  resumed: Extract<RunEvent, { type: "run.resumed" }> | null;
  startedAt: number;
  deadline: number;
  deadlinePassed: boolean;
  cancelled: { readonly by: string; readonly reason: string | null } | null;
  overBudget: Extract<RunEvent, { type: "budget.exceeded" }> | null;
  /** Open frames, oldest first. */
  readonly frames: Map<string, FrameState>;
  /** Activations that have been entered and have not ended. */
  readonly activations: Map<string, ActivationState>;
  /** Approval requests without an answer, by id. */
  readonly asked: Map<string, AskedRequest>;
  /** Credentials that said yes, by the digest that they were asked about. Kept to the end: a retry may share them. */
  readonly granted: Map<string, readonly CredentialRef[]>;
  /** Conditions whose branch was assumed, as node ids; and pauses that a dry run passed. */
  readonly assumed: string[];
  readonly wouldPause: string[];
  /** How the root frame ended; null while it is open. */
  root: Extract<RunEvent, { type: "frame.ended" }> | null;
  rootReply: FrameState["reply"];
  rootLastEntered: string | null;
  ended: Extract<RunEvent, { type: "run.ended" }> | null;
}

/** The state before any event. */
export function initialState(): RunState {
  return {
    seq: 0,
    at: 0,
    started: null,
    resumed: null,
    startedAt: 0,
    deadline: Number.POSITIVE_INFINITY,
    deadlinePassed: false,
    cancelled: null,
    overBudget: null,
    frames: new Map(),
    activations: new Map(),
    asked: new Map(),
    granted: new Map(),
    assumed: [],
    wouldPause: [],
    root: null,
    rootReply: null,
    rootLastEntered: null,
    ended: null,
  };
}

/** Request `index` of an activation, made on first use. */
export function requestAt(activation: ActivationState, index: number): RequestState {
  while (activation.requests.length <= index) {
    activation.requests.push({
      decided: null,
      started: false,
      starts: 0,
      result: null,
      children: new Map(),
      opened: new Map(),
      approval: null,
      answer: null,
      doubtAnswer: null,
      doubtDigest: null,
      wakeAt: null,
      fired: false,
    });
  }
  return activation.requests[index] as RequestState;
}

/** Folds one event into the state, which it changes in place. Unknown frames and activations are ignored. */
export function apply(state: RunState, event: JournalEvent): void {
  state.seq = event.seq;
  state.at = event.at;
  switch (event.type) {
    case "run.started":
      state.started = event;
      state.startedAt = event.at;
      state.deadline = event.deadline;
      return;
    case "run.resumed":
      state.resumed = event;
      state.startedAt = event.at;
      state.deadline = event.deadline;
      state.deadlinePassed = false;
      state.cancelled = null;
      if (event.changed) voidApprovals(state);
      return;
    case "frame.opened":
      openFrame(state, event);
      return;
    case "frame.ended":
      endFrame(state, event);
      return;
    case "node.entered":
      enterNode(state, event);
      return;
    case "node.ended":
      endNode(state, event);
      return;
    case "node.failed":
      failNode(state, event);
      return;
    case "deadline.passed":
      state.deadlinePassed = true;
      return;
    case "run.cancelled":
      state.cancelled = event;
      return;
    case "budget.exceeded":
      state.overBudget = event;
      return;
    case "run.ended":
      state.ended = event;
      return;
    case "value.edited":
      editValue(state, event);
      return;
    case "approval.answered":
      answer(state, event);
      return;
    case "effect.decided":
    case "effect.started":
    case "effect.ended":
    case "approval.requested":
    case "timer.set":
    case "timer.fired":
      applyRequest(state, event);
      return;
    case "run.paused":
    case "provision.decided":
    case "record.ended":
    case "cursor.moved":
    case "run.forked":
    case "segment.opened":
      return;
  }
}

/** Other documents than those that people were asked about: every open request is asked again (runtime.md §4). */
function voidApprovals(state: RunState): void {
  state.asked.clear();
  state.granted.clear();
  for (const { requests } of state.activations.values()) {
    for (const request of requests) {
      request.approval = null;
      request.answer = null;
      request.doubtAnswer = null;
    }
  }
}

type RequestEvent = Extract<
  JournalEvent,
  { type: "effect.decided" | "effect.started" | "effect.ended" | "approval.requested" | "timer.set" | "timer.fired" }
>;

function applyRequest(state: RunState, event: RequestEvent): void {
  if (event.type === "approval.requested") {
    state.asked.set(event.id, { act: event.act, index: event.index, at: event.at, request: requestOf(event) });
    if (state.started !== null && state.started.options.dryRun !== "no") state.wouldPause.push(event.act.node);
  }
  const activation = state.activations.get(activationKey(event.act));
  if (activation === undefined) return;
  if (event.type === "timer.set" && event.why === "retry") {
    activation.retryAt = event.wakeAt;
    return;
  }
  if (event.type === "timer.fired" && activation.retryAt !== null) {
    activation.retryDue = true;
    return;
  }
  const request = requestAt(activation, event.index);
  switch (event.type) {
    case "effect.decided":
      request.decided = event;
      closeApproval(state, request);
      return;
    case "effect.started":
      request.started = true;
      request.starts++;
      request.result = null;
      request.doubtAnswer = null;
      request.doubtDigest = null;
      closeApproval(state, request);
      return;
    case "effect.ended":
      endEffect(state, request, event);
      return;
    case "approval.requested":
      request.approval = requestOf(event);
      request.answer = null;
      // A doubt that was answered stays so while the repeat waits for an approval of its own.
      if (event.subject === "doubt") request.doubtAnswer = null;
      return;
    case "timer.set":
      request.wakeAt = event.wakeAt;
      return;
    case "timer.fired":
      request.fired = true;
      return;
  }
}

function requestOf(event: Extract<JournalEvent, { type: "approval.requested" }>): ApprovalRequest {
  const { id, subject, reason, effectDigest, summary, terms } = event;
  const request = { id, subject, reason, effectDigest, summary };
  return terms === undefined ? request : { ...request, terms };
}

/** An effect that was decided anew is not what an open request of it asks about. */
function closeApproval(state: RunState, request: RequestState): void {
  if (request.approval !== null) state.asked.delete(request.approval.id);
  request.approval = null;
  request.answer = null;
}

function endEffect(
  state: RunState,
  request: RequestState,
  event: Extract<JournalEvent, { type: "effect.ended" }>,
): void {
  request.result =
    event.failure === null
      ? { ok: true, value: event.value, by: event.by }
      : { ok: false, failure: event.failure, doubt: event.doubt, by: event.by };
  if (event.usage === null) return;
  for (
    let frame = state.frames.get(event.act.frame);
    frame !== undefined;
    frame = frame.parent === null ? undefined : state.frames.get(frame.parent.act.frame)
  ) {
    frame.tokens += event.usage.tokens ?? 0;
    frame.bytesWritten += event.usage.bytesWritten ?? 0;
  }
}

function openFrame(state: RunState, event: Extract<JournalEvent, { type: "frame.opened" }>): void {
  const root = event.parent === null;
  state.frames.set(event.frame, {
    frame: event.frame,
    document: event.document,
    depth: event.depth,
    parent: event.parent === null ? null : { act: event.parent, index: event.index, child: event.child },
    start: event.start,
    input: event.input,
    triggerKind: root ? (state.started?.triggerKind ?? "manual") : "manual",
    steps: 0,
    active: [],
    lastEntered: null,
    pending: null,
    ended: new Map(),
    visits: new Map(),
    loops: new Map(),
    resolvedGates: new Set(),
    deniedGates: new Set(),
    tokens: 0,
    bytesWritten: 0,
    reply: null,
  });
  if (event.parent === null) return;
  const parent = state.activations.get(activationKey(event.parent));
  if (parent !== undefined) requestAt(parent, event.index).opened.set(event.child, event);
}

function endFrame(state: RunState, event: Extract<JournalEvent, { type: "frame.ended" }>): void {
  const frame = state.frames.get(event.frame);
  if (frame === undefined) return;
  state.frames.delete(event.frame);
  if (frame.parent === null) {
    state.root = event;
    state.rootReply = frame.reply;
    return;
  }
  const parent = state.activations.get(activationKey(frame.parent.act));
  if (parent !== undefined) requestAt(parent, frame.parent.index).children.set(frame.parent.child, frameResult(event));
}

function frameResult(event: Extract<JournalEvent, { type: "frame.ended" }>): FrameResult {
  if (event.status === "timed_out") return { status: "timed_out" };
  if (event.failure !== null) return { status: "error", failure: event.failure };
  if (event.status === "failed") return { status: "failed", reason: event.reason ?? "workflow failed" };
  return { status: "completed", value: event.value, partial: event.partial };
}

function enterNode(state: RunState, event: Extract<JournalEvent, { type: "node.entered" }>): void {
  const frame = state.frames.get(event.frame);
  if (frame === undefined) return;
  const act = { frame: event.frame, node: event.node, visit: event.visit, attempt: event.attempt };
  const key = activationKey(act);
  state.activations.set(key, { act, key, requests: [], retryAt: null, retryDue: false });
  if (event.attempt > 1) {
    state.activations.delete(activationKey({ ...act, attempt: event.attempt - 1 }));
    return;
  }
  if (event.assumed === true) assume(state, event);
  frame.steps++;
  frame.active.push(event.node);
  frame.lastEntered = event.node;
  frame.pending = null;
  frame.visits.set(event.node, event.visit);
  if (event.edge !== null) frame.loops.set(event.edge, (frame.loops.get(event.edge) ?? 0) + 1);
  if (event.frame === "") state.rootLastEntered = event.node;
}

function assume(state: RunState, event: { readonly frame: string; readonly node: string }): void {
  state.assumed.push(event.frame === "" ? event.node : `${event.frame}/${event.node}`);
}

function leave(frame: FrameState, node: string): void {
  const at = frame.active.indexOf(node);
  if (at >= 0) frame.active.splice(at, 1);
  frame.pending = node;
}

function endNode(state: RunState, event: Extract<JournalEvent, { type: "node.ended" }>): void {
  const frame = state.frames.get(event.frame);
  if (frame === undefined) return;
  const { output, partial, label, outcome, reason } = event;
  frame.ended.set(event.node, { output, partial, label, outcome, reason, failure: null });
  state.activations.delete(activationKey(event));
  leave(frame, event.node);
  if (event.reply !== null) frame.reply = event.reply;
  if (event.assumed) assume(state, event);
}

function failNode(state: RunState, event: Extract<JournalEvent, { type: "node.failed" }>): void {
  const frame = state.frames.get(event.frame);
  if (frame === undefined || event.then === "retry") return;
  const { failure } = event;
  const ended: EndedNode =
    event.then === "branch"
      ? {
          output: errorOutput(failure),
          partial: false,
          label: "error",
          outcome: "continue",
          reason: null,
          failure: null,
        }
      : { output: null, partial: false, label: null, outcome: "fail", reason: failure.message, failure };
  frame.ended.set(event.node, ended);
  state.activations.delete(activationKey(event));
  leave(frame, event.node);
}

/** The output of a node whose hard error takes the branch `error` (Decision D6). */
export function errorOutput(failure: Failure): Value {
  return object({ error: object({ class: failure.class, message: failure.message }) });
}

function answer(state: RunState, event: Extract<JournalEvent, { type: "approval.answered" }>): void {
  const asked = state.asked.get(event.id);
  if (asked === undefined) return;
  state.asked.delete(event.id);
  const { approved, by, reason, answer: value, credentials = [] } = event;
  const digest = asked.request.effectDigest;
  if (approved && digest !== null && credentials.length > 0)
    state.granted.set(digest, [...(state.granted.get(digest) ?? []), ...credentials]);
  if (asked.request.subject === "fanout") {
    const frame = state.frames.get(asked.act.frame);
    (approved ? frame?.resolvedGates : frame?.deniedGates)?.add(gateKey(asked.act, asked.request.id));
    return;
  }
  const activation = state.activations.get(activationKey(asked.act));
  if (activation === undefined) return;
  const request = requestAt(activation, asked.index);
  const given: ApprovalAnswer = { approved, by, reason, answer: value, credentials };
  if (asked.request.subject !== "doubt") request.answer = given;
  else {
    request.doubtAnswer = given;
    request.doubtDigest = digest;
    request.approval = null;
  }
}

/** The id of a gate's request: `fanout.<group>.<rule>`, below the frame's path for a nested graph. */
export function gateId(frame: string, group: string, rule: string): string {
  return `${frame === "" ? "" : `${frame}/`}fanout.${group}.${rule}`;
}

/** The gate as rules know it, `<group>:<rule>`; a request's activation names frame and group. */
function gateKey(act: Activation, id: string): string {
  return `${act.node}:${id.slice(gateId(act.frame, act.node, "").length)}`;
}

function editValue(state: RunState, event: Extract<JournalEvent, { type: "value.edited" }>): void {
  const frame = state.frames.get(event.frame);
  const ended = frame?.ended.get(event.node);
  if (frame !== undefined && ended !== undefined)
    // What a dry run does not know of it stays unknown: somebody has said what it holds, not that it holds nothing else.
    frame.ended.set(event.node, { ...ended, output: event.output });
}
