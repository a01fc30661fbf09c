/**
 * The planner: what can happen now (DESIGN.md idea 3, spec/runtime.md §1).
 *
 * Invariants:
 * 1. `plan` is a pure function of the documents, the state, the open requests and what is in flight;
 * 2. it returns a set: no action depends on another of the same answer;
 * 3. time enters only through journalled events.
 */
import type { ApprovalQuestion } from "../effects/decision.ts";
import type { PreparedEffect } from "../effects/effect.ts";
import type { ApprovalRequest } from "../effects/events.ts";
import type { Request } from "../effects/handler.ts";
import type { Failure } from "../graph/failure.ts";
import type { Node } from "../graph/model.ts";
import { object, type Value } from "../graph/value.ts";
import { parentFrame, type Documents } from "./documents.ts";
import { happenedValue, isSafeToRepeat } from "./doubt.ts";
import { effectPreview } from "./preview.ts";
import { gateId, requestAt, type ActivationState, type FrameState, type RequestState, type RunState } from "./state.ts";

/**
 * The request that a driven handler waits for; `prepared` once its effect has been decided in this process, and
 * `approval` what approvals of it must be bound to.
 */
export interface OpenRequest {
  readonly index: number;
  readonly request: Request;
  readonly prepared: PreparedEffect | null;
  readonly approval?: ApprovalQuestion;
}

/** One thing to do now. `key` names what must not be started twice. */
export type Action =
  | {
      readonly type: "enter";
      readonly key: string;
      readonly frame: string;
      readonly node: string;
      readonly visit: number;
      readonly attempt: number;
      readonly edge: string | null;
      readonly assumed?: true;
    }
  | {
      readonly type: "skip";
      readonly key: string;
      readonly frame: string;
      readonly node: string;
      readonly reason: string;
      readonly assumed?: true;
    }
  | { readonly type: "drive"; readonly key: string; readonly activation: ActivationState }
  | { readonly type: "decide"; readonly key: string; readonly activation: ActivationState; readonly open: OpenRequest }
  | { readonly type: "perform"; readonly key: string; readonly activation: ActivationState; readonly open: OpenRequest }
  | {
      readonly type: "settle";
      readonly key: string;
      readonly activation: ActivationState;
      readonly index: number;
      /** How the effect ended although it was not performed: it failed, or somebody vouches that it had happened. */
      readonly ended: { readonly failure: Failure } | { readonly value: Value };
    }
  | {
      readonly type: "open";
      readonly key: string;
      readonly activation: ActivationState;
      readonly index: number;
      readonly child: number;
    }
  | {
      readonly type: "ask";
      readonly key: string;
      readonly act: ActivationState["act"];
      readonly index: number;
      readonly request: ApprovalRequest;
      readonly about: AskedAbout;
    }
  | { readonly type: "timer"; readonly key: string; readonly activation: ActivationState; readonly open: OpenRequest }
  | {
      readonly type: "sleep";
      readonly key: string;
      readonly activation: ActivationState;
      readonly index: number;
      readonly until: number;
    }
  | {
      readonly type: "finish";
      readonly key: string;
      readonly frame: string;
      readonly status: "completed" | "failed";
      readonly value: Value;
      readonly partial: boolean;
      readonly reason: string | null;
      readonly failure: Failure | null;
      readonly lastNode: string | null;
    }
  | {
      readonly type: "stop";
      readonly key: string;
      readonly why: "done" | "timed_out" | "cancelled" | "budget" | "paused" | "unapproved";
    };

/** What the terms of a request depend on. Nulls: nothing would be done, or nothing is known of it. */
export interface AskedAbout {
  /** Where it is another step's than the one that asks: attempts under one idempotency key share their approval. */
  readonly nodeId: string | null;
  readonly rule: string;
  readonly capability: string | null;
  readonly inputDigest: string | null;
  readonly answerSchema: string | null;
}

/** Everything the planner reads. */
export interface PlanInput {
  readonly documents: Documents;
  readonly state: RunState;
  readonly open: ReadonlyMap<string, OpenRequest>;
  readonly inFlight: ReadonlySet<string>;
}

/** The set of actions that can be taken now and are not in flight. Empty: wait for what is in flight. */
export function plan(input: PlanInput): Action[] {
  const { state, inFlight } = input;
  if (state.ended !== null) return [];
  if (state.root !== null) return inFlight.size > 0 ? [] : [stop("done")];
  const halted =
    state.cancelled !== null
      ? "cancelled"
      : state.overBudget !== null
        ? "budget"
        : state.deadlinePassed
          ? "timed_out"
          : null;
  if (halted !== null) return inFlight.size > 0 ? [] : [stop(halted)];
  const actions: Action[] = [];
  const opens: Action[] = [];
  for (const activation of state.activations.values()) {
    const action = planActivation(input, activation);
    if (action !== null && !inFlight.has(action.key)) actions.push(action);
    else if (action === null) planChildren(input, activation, opens);
  }
  for (const frame of state.frames.values()) planFrame(input, frame, actions);
  const idle = actions.length === 0 && inFlight.size === 0;
  for (const open of withinBounds(opens, MAX_OPEN_FRAMES - state.frames.size, idle)) actions.push(open);
  if (actions.length > 0 || inFlight.size > 0) return actions;
  if (state.asked.size === 0) return [];
  return [stop(state.started?.options.canPause === true ? "paused" : "unapproved")];
}

/**
 * Most frames that are open at once. A document whose children call it again could otherwise fill the memory long
 * before its deadline.
 */
export const MAX_OPEN_FRAMES = 10_000;

/**
 * The children that may be opened now; of the newest parents where not all may, so that a full run goes into depth
 * and gets frames back. When nothing else can move, one is opened above the bound.
 */
function withinBounds(opens: readonly Action[], room: number, idle: boolean): readonly Action[] {
  const most = Math.max(room, idle ? 1 : 0);
  return opens.length <= most ? opens : opens.slice(opens.length - most);
}

function stop(why: Extract<Action, { type: "stop" }>["why"]): Action {
  return { type: "stop", key: "stop", why };
}

function planFrame(input: PlanInput, frame: FrameState, actions: Action[]): void {
  const graph = input.documents.graph(frame.document);
  const { maxFanout = 1, assume = {} } = input.state.started?.options ?? {};
  const limits = { maxActive: maxFanout, assume };
  for (const wanted of input.documents.rules(frame.document).next(graph, frame, limits)) {
    switch (wanted.type) {
      case "enter": {
        const visit = (frame.visits.get(wanted.node) ?? 0) + 1;
        const { node, edge } = wanted;
        const enter = { type: "enter", key: node, frame: frame.frame, node, visit, attempt: 1, edge } as const;
        actions.push(wanted.assumed === true ? { ...enter, assumed: true } : enter);
        break;
      }
      case "skip":
        actions.push({ ...wanted, key: `skip ${frame.frame} ${wanted.node}`, frame: frame.frame });
        break;
      case "gate": {
        const id = gateId(frame.frame, wanted.group, wanted.rule);
        if (input.state.asked.has(id)) break;
        const act = { frame: frame.frame, node: wanted.group, visit: 1, attempt: 1 };
        const request: ApprovalRequest = {
          id,
          subject: "fanout",
          reason: wanted.reason,
          summary: wanted.gate,
          effectDigest: null,
        };
        actions.push({ type: "ask", key: `ask ${id}`, act, index: 0, request, about: question("fanout") });
        break;
      }
      case "finish":
        actions.push({ ...wanted, key: `finish ${frame.frame}`, frame: frame.frame });
        break;
    }
  }
}

/** The one next thing of an activation; null when it waits for children, a person, or something in flight. */
function planActivation(input: PlanInput, activation: ActivationState): Action | null {
  const { key } = activation;
  if (activation.retryAt !== null) {
    if (!activation.retryDue) return { type: "sleep", key, activation, index: 0, until: activation.retryAt };
    const { frame, node, visit, attempt } = activation.act;
    return { type: "enter", key, frame, node, visit, attempt: attempt + 1, edge: null };
  }
  const open = input.open.get(key);
  if (open === undefined) return { type: "drive", key, activation };
  const request = requestAt(activation, open.index);
  switch (open.request.type) {
    case "effect":
      return planEffect(input, activation, open, open.request.effect, request);
    case "frames":
      return request.children.size === open.request.frames.length ? { type: "drive", key, activation } : null;
    case "ask": {
      if (request.answer !== null) return { type: "drive", key, activation };
      if (request.approval !== null) return null;
      const { subject, id, reason, summary, answerSchema = null } = open.request;
      const asked = { subject, reason, summary, effectDigest: null };
      const free = freeId(input.state, id ?? activation.key);
      return ask(activation, open.index, { id: free, ...asked }, { ...question(subject), answerSchema });
    }
    case "wait":
      if (request.fired) return { type: "drive", key, activation };
      if (request.wakeAt === null) return { type: "timer", key, activation, open };
      return { type: "sleep", key, activation, index: open.index, until: request.wakeAt };
  }
}

function planEffect(
  input: PlanInput,
  activation: ActivationState,
  open: OpenRequest,
  effect: Extract<Request, { type: "effect" }>["effect"],
  request: RequestState,
): Action | null {
  const { key } = activation;
  const drive: Action = { type: "drive", key, activation };
  const { decided, result } = request;
  if (result !== null && (result.ok || result.doubt !== true)) return drive;
  const node = nodeOf(input, activation);
  if (result !== null || (request.started && !input.inFlight.has(key))) {
    // Nobody knows whether it happened. Where it may be repeated, a lost reply is a failure like any other.
    const repeatable = node?.inDoubt === "retry" || isSafeToRepeat(effect, node);
    if (repeatable && result !== null) return drive;
    const happened = happenedValue(effect, request.doubtAnswer);
    if (happened !== null) return { type: "settle", key, activation, index: open.index, ended: happened };
    if (!repeatable && request.doubtAnswer?.approved !== true) return planDoubt(input, activation, open, node, request);
  }
  if (decided?.decision === "Deny") return drive;
  if (decided?.decision === "RequireApproval" && request.approval !== null)
    return planAnswer(input, activation, open, request);
  if (decided === null || open.prepared === null) return { type: "decide", key, activation, open };
  if (decided.decision === "RequireApproval") return planApproval(input, activation, open, decided);
  return { type: "perform", key, activation, open };
}

/** An approval was asked for: wait, decide again in full, or end the effect (runtime.md §2, §7). */
function planAnswer(
  input: PlanInput,
  activation: ActivationState,
  open: OpenRequest,
  request: RequestState,
): Action | null {
  const { key } = activation;
  const { answer } = request;
  if (answer === null) return null;
  if (answer.approved) {
    const dry = input.state.started?.options.dryRun !== "no";
    return dry && open.prepared !== null
      ? { type: "perform", key, activation, open }
      : { type: "decide", key, activation, open };
  }
  const why = answer.reason === null ? "" : `: ${answer.reason}`;
  return settle(activation, open.index, {
    class: "approval",
    message: `approval denied by ${answer.by}${why}`,
  });
}

function planApproval(
  input: PlanInput,
  activation: ActivationState,
  open: OpenRequest,
  decided: NonNullable<RequestState["decided"]>,
): Action {
  const { digest, reason, kind, code, capability = null } = decided;
  const preview = open.prepared === null ? null : effectPreview(open.prepared.effect);
  const summary = object({
    kind,
    effect: descriptionValue(decided.description),
    ...(preview === null ? {} : { preview }),
  });
  const request: ApprovalRequest = {
    id: freeId(input.state, `${activation.key}.${open.index}`),
    subject: "effect",
    reason,
    summary,
    effectDigest: open.approval?.digest ?? digest,
  };
  return ask(activation, open.index, request, {
    ...question(code),
    capability,
    inputDigest: decided.request,
    nodeId: open.approval?.nodeId ?? null,
  });
}

/** Nobody knows whether the effect happened, and it must not be repeated unasked: ask or fail (runtime.md §4). */
function planDoubt(
  input: PlanInput,
  activation: ActivationState,
  open: OpenRequest,
  node: Node | undefined,
  request: RequestState,
): Action | null {
  const cause = request.result?.ok === false ? ` (${request.result.failure.message})` : "";
  const what = `nobody knows whether the effect of node \`${activation.act.node}\` happened${cause}`;
  const fail = (why: string): Action =>
    settle(activation, open.index, { class: "in_doubt", message: `${what}; ${why}` });
  if (node?.inDoubt === "fail") return fail('the node says in_doubt = "fail"');
  if (request.doubtAnswer !== null) return fail(`${request.doubtAnswer.by} decided not to repeat it`);
  if (request.approval !== null) return null;
  if (input.state.started?.options.canPause !== true) return fail("without a state directory nobody can be asked");
  const summary = object({
    kind: request.decided?.kind ?? null,
    effect: descriptionValue(request.decided?.description ?? {}),
  });
  const asked: ApprovalRequest = {
    id: freeId(input.state, `${activation.key}.${open.index}.doubt`),
    subject: "doubt",
    reason: `${what}: approve to repeat it, answer {"happened": true} if it did happen, deny to fail the node`,
    summary,
    effectDigest: request.decided?.digest ?? null,
  };
  const capability = request.decided?.capability ?? null;
  return ask(activation, open.index, asked, {
    ...question("in_doubt"),
    capability,
    inputDigest: request.decided?.request ?? null,
  });
}

function settle(activation: ActivationState, index: number, failure: Failure): Action {
  return { type: "settle", key: activation.key, activation, index, ended: { failure } };
}

function ask(activation: ActivationState, index: number, request: ApprovalRequest, about: AskedAbout): Action {
  return { type: "ask", key: activation.key, act: activation.act, index, request, about };
}

/** A question after which nothing is done at once. */
function question(rule: string): AskedAbout {
  return { rule, nodeId: null, capability: null, inputDigest: null, answerSchema: null };
}

/** An id nobody is waiting under. */
function freeId(state: RunState, wanted: string): string {
  if (!state.asked.has(wanted)) return wanted;
  for (let n = 2; ; n++) if (!state.asked.has(`${wanted}.${n}`)) return `${wanted}.${n}`;
}

/** A description as a node value, for people and journals. */
export function descriptionValue(description: PreparedEffect["description"]): Value {
  const made = object();
  for (const [name, value] of Object.entries(description)) {
    made[name] = typeof value === "number" ? BigInt(Math.trunc(value)) : value;
  }
  return made;
}

/** Children to open: all of the first wave that has not ended (spec/workflow.md §8.3). */
function planChildren(input: PlanInput, activation: ActivationState, actions: Action[]): void {
  const open = input.open.get(activation.key);
  if (open === undefined || open.request.type !== "frames" || activation.retryAt !== null) return;
  const { frames, wave } = open.request;
  const request = requestAt(activation, open.index);
  const size = Math.max(1, wave);
  // A wave opens only when all before it have ended, so the number of results tells the wave.
  const first = Math.floor(request.children.size / size) * size;
  for (let child = first; child < Math.min(first + size, frames.length); child++) {
    if (request.opened.has(child)) continue;
    actions.push({
      type: "open",
      key: `${activation.key} ${open.index} ${child}`,
      activation,
      index: open.index,
      child,
    });
  }
}

function nodeOf(input: PlanInput, activation: ActivationState): Node | undefined {
  const frame = input.state.frames.get(activation.act.frame);
  return frame === undefined ? undefined : input.documents.node(frame.document, activation.act.node);
}

/** The chain of frames from `frame` to the root, innermost first. */
export function frameChain(state: RunState, frame: FrameState): FrameState[] {
  const chain: FrameState[] = [];
  for (let at: FrameState | undefined = frame; at !== undefined; at = parentFrame(state, at)) chain.push(at);
  return chain;
}
