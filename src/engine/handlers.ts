/**
 * Live handlers: one generator per activation, driven with journalled answers (spec/runtime.md §1).
 *
 * A handler lives only in memory. After a restart it is made anew and driven through the answers that the journal
 * holds; a request that differs from the journalled one is `journal.divergence`, and nothing is performed.
 */
import { activationKey, type Activation } from "../effects/effect.ts";
import type { Handler, Lookup, NodeContext, NodeResult, Pinned, Request, Response } from "../effects/handler.ts";
import { NodeFailure, type Failure } from "../graph/failure.ts";
import type { Node } from "../graph/model.ts";
import { object } from "../graph/value.ts";
import { UnknownInput } from "../kinds/inputs.ts";
import { lookup } from "./documents.ts";
import { requestDigest } from "./digests.ts";
import type { OpenRequest } from "./plan.ts";
import { afterFailure } from "./retry.ts";
import type { Runner } from "./runner.ts";
import { requestAt, type ActivationState, type FrameState, type RequestState } from "./state.ts";

/** The kinds as the engine needs them. */
export interface KindRuntime {
  handler(kind: string): Handler | undefined;
  /** False for kinds to which retry does not apply. */
  retryable(kind: string): boolean;
  readonly stageDefaults: NodeContext["stageDefaults"];
  /** The operator's working directory, as child programs are told it. */
  readonly workspace: string | undefined;
  /** True when the performer enforces a declared sandbox. */
  readonly enforcesSandbox: boolean;
}

interface Cell {
  readonly generator: Generator<Request, NodeResult, Response>;
  open: OpenRequest | null;
}

/** All live handlers of a run. */
export class Handlers {
  /** The request that each driven handler waits for. */
  readonly open = new Map<string, OpenRequest>();
  private readonly cells = new Map<string, Cell>();
  private readonly runner: Runner;

  constructor(runner: Runner) {
    this.runner = runner;
  }

  /** Starts a handler or gives it the answer it waits for; its next request becomes open, or its node ends. */
  drive(activation: ActivationState): void {
    const frame = this.runner.state.frames.get(activation.act.frame);
    const node = frame === undefined ? undefined : this.runner.documents.node(frame.document, activation.act.node);
    if (frame === undefined || node === undefined) {
      this.runner.abort({
        class: "workflow",
        message: `node \`${activation.act.node}\` is not declared in its document any more`,
      });
      return;
    }
    const known = this.cells.get(activation.key);
    const cell = known ?? this.create(activation, frame, node);
    if (cell === null) return;
    try {
      const step =
        known === undefined || cell.open === null
          ? cell.generator.next(undefined as never)
          : cell.generator.next(this.answer(activation, cell.open));
      if (step.done !== true) this.wait(activation, cell, step.value);
      else if (this.mayEnd(activation, cell)) this.end(activation, frame, node, step.value);
    } catch (problem) {
      if (this.mayEnd(activation, cell)) this.fail(activation, node, problem);
    }
  }

  private create(activation: ActivationState, frame: FrameState, node: Node): Cell | null {
    const handler = this.runner.input.kinds.handler(node.kind);
    if (handler === undefined) {
      const message = `capability unavailable: node kind \`${node.kind}\` (node \`${node.id}\`) has no handler in this program`;
      this.fail(activation, node, new NodeFailure({ class: "capability", message }));
      return null;
    }
    const cell: Cell = { generator: handler(new Context(this.runner, activation, frame, node)), open: null };
    this.cells.set(activation.key, cell);
    return cell;
  }

  /** False, and the run ends, when the journal holds requests that the handler did not come to this time. */
  private mayEnd(activation: ActivationState, cell: Cell): boolean {
    const next = cell.open === null ? 0 : cell.open.index + 1;
    const known = activation.requests[next];
    if (known === undefined || !isRecorded(known)) return true;
    this.runner.abort(divergence(activation, next));
    return false;
  }

  private wait(activation: ActivationState, cell: Cell, request: Request): void {
    if (!requestTypes.has((request as Request | undefined)?.type))
      throw new TypeError("its handler asked for something that is no request");
    const index = cell.open === null ? 0 : cell.open.index + 1;
    cell.open = { index, request, prepared: null };
    this.open.set(activation.key, cell.open);
    const known = activation.requests[index];
    if (known !== undefined && diverges(this.runner, request, known)) this.runner.abort(divergence(activation, index));
  }

  /** Keeps what preparation found, for the planner and the performer. */
  prepared(key: string, open: OpenRequest): void {
    const cell = this.cells.get(key);
    if (cell === undefined) return;
    cell.open = open;
    this.open.set(key, open);
  }

  private answer(activation: ActivationState, open: OpenRequest): Response {
    const state = requestAt(activation, open.index);
    switch (open.request.type) {
      case "effect":
        return { type: "effect", reply: effectReply(state) };
      case "frames":
        return {
          type: "frames",
          results: open.request.frames.map((_, i) => state.children.get(i) ?? { status: "timed_out" }),
        };
      case "ask":
        return { type: "ask", answer: state.answer ?? { approved: false, by: "", reason: null, answer: null } };
      case "wait":
        return { type: "wait" };
    }
  }

  private forget(activation: ActivationState): void {
    this.cells.delete(activation.key);
    this.open.delete(activation.key);
  }

  private end(activation: ActivationState, frame: FrameState, node: Node, result: NodeResult): void {
    this.forget(activation);
    const { visit, attempt } = activation.act;
    const goesOn = result.outcome === "continue";
    this.runner.append({
      type: "node.ended",
      frame: frame.frame,
      node: node.id,
      visit,
      attempt,
      outcome: result.outcome,
      output: goesOn ? result.output : null,
      label: goesOn ? (result.label ?? null) : null,
      reason: result.outcome === "fail" ? result.reason : null,
      partial: goesOn && result.partial === true,
      assumed: goesOn && result.assumed === true,
      reply: goesOn ? (result.reply ?? null) : null,
    });
  }

  private fail(activation: ActivationState, node: Node, problem: unknown): void {
    this.forget(activation);
    const frame = this.runner.state.frames.get(activation.act.frame) as FrameState;
    if (problem instanceof UnknownInput) {
      this.end(activation, frame, node, { outcome: "continue", output: object(), partial: true });
      return;
    }
    const { seam } = this.runner.input;
    const failure = failureOf(node, problem);
    const time = { now: seam.clock.now(), deadline: this.runner.state.deadline };
    const next = afterFailure(
      node,
      this.runner.input.kinds.retryable(node.kind),
      failure,
      activation.act.attempt,
      time,
      () => seam.random(),
    );
    const { visit, attempt } = activation.act;
    const failed = { type: "node.failed", frame: frame.frame, node: node.id, visit, attempt } as const;
    if (next.then !== "retry") {
      this.runner.append({ ...failed, failure: next.failure, then: next.then });
      return;
    }
    this.runner.append({ ...failed, failure, then: "retry" });
    this.runner.append({
      type: "timer.set",
      act: activation.act,
      index: activation.requests.length,
      wakeAt: next.wakeAt,
      why: "retry",
    });
  }

  /** Opens child `child` of the frames request under way. */
  openChild(activation: ActivationState, index: number, child: number): void {
    const open = this.open.get(activation.key);
    if (open === undefined || open.request.type !== "frames") return;
    const wanted = open.request.frames[child];
    const parent = this.runner.state.frames.get(activation.act.frame);
    if (wanted === undefined || parent === undefined) return;
    this.runner.append({
      type: "frame.opened",
      frame: childPath(activation.act, index, child),
      parent: activation.act,
      index,
      child,
      document: wanted.document,
      start: wanted.start,
      input: wanted.input,
      depth: parent.depth + 1,
    });
  }

  /** Journals when a handler's own wait is over. */
  setTimer(activation: ActivationState, open: OpenRequest): void {
    if (open.request.type !== "wait") return;
    const { seam } = this.runner.input;
    const { ms, jitter } = open.request;
    const wait = Math.round(ms * (1 - jitter * seam.random()));
    this.runner.append({
      type: "timer.set",
      act: activation.act,
      index: open.index,
      wakeAt: seam.clock.now() + wait,
      why: "backoff",
    });
  }
}

/** What a handler sees of its run; made once per activation, so its fields are only declared: defining them would cost twice. */
class Context implements NodeContext {
  declare readonly node: Node;
  declare readonly graph: NodeContext["graph"];
  declare readonly document: string;
  declare readonly activation: Activation;
  declare readonly depth: number;
  declare readonly dryRun: boolean;
  declare readonly canPause: boolean;
  declare readonly input: NodeContext["input"];
  declare readonly assume: string | undefined;
  declare readonly backends: readonly string[];
  declare readonly servers: readonly string[];
  declare readonly digest: NonNullable<NodeContext["digest"]>;
  declare readonly workspace?: string;
  declare readonly enforcesSandbox: boolean;
  declare readonly stageDefaults?: NonNullable<NodeContext["stageDefaults"]>;
  readonly #runner: Runner;
  readonly #frame: FrameState;

  constructor(runner: Runner, activation: ActivationState, frame: FrameState, node: Node) {
    const { input, documents, state } = runner;
    const options = state.started?.options;
    this.#runner = runner;
    this.#frame = frame;
    this.node = node;
    this.graph = documents.graph(frame.document);
    this.document = frame.document;
    this.activation = activation.act;
    this.depth = frame.depth;
    this.dryRun = options !== undefined && options.dryRun !== "no";
    this.canPause = options?.canPause === true;
    this.input = frame.input;
    this.assume = options?.assume[node.id];
    this.backends = input.backends;
    this.servers = input.servers;
    this.digest = input.seam.digest;
    this.enforcesSandbox = input.kinds.enforcesSandbox;
    if (input.kinds.workspace !== undefined) this.workspace = input.kinds.workspace;
    if (input.kinds.stageDefaults !== undefined) this.stageDefaults = input.kinds.stageDefaults;
  }

  lookup(reference: string): Lookup {
    return lookup(this.#runner.documents.rules(this.#frame.document), this.#frame, reference);
  }

  child(reference: string): Pinned {
    return this.#runner.documents.child(this.#frame.document, reference);
  }

  file(reference: string): string | null {
    return this.#runner.documents.file(this.#frame.document, reference);
  }
}

/** `split[0]`, `split@2[0]` on a second visit, `split@1.2[0]` on a second attempt, `[1:0]` for a second request. */
function childPath(act: Activation, index: number, child: number): string {
  const again = act.attempt > 1 ? `@${act.visit}.${act.attempt}` : act.visit > 1 ? `@${act.visit}` : "";
  const name = `${act.node}${again}[${index > 0 ? `${index}:` : ""}${child}]`;
  return act.frame === "" ? name : `${act.frame}/${name}`;
}

function effectReply(state: RequestState): Extract<Response, { type: "effect" }>["reply"] {
  // A repeat that is denied now: the result is that of the time before.
  if (state.result !== null && state.decided?.decision !== "Deny") {
    if (!state.result.ok) return { type: "failed", failure: state.result.failure };
    if (state.result.by === "dry") return { type: "dry", description: state.decided?.description ?? {} };
    return { type: "done", value: state.result.value };
  }
  const reason = state.decided?.reason ?? "the effect was not decided";
  return { type: "failed", failure: { class: "policy", message: `policy violation: ${reason}` } };
}

function failureOf(node: Node, problem: unknown): Failure {
  if (problem instanceof NodeFailure) return problem.failure;
  const what = problem instanceof Error ? problem.message : String(problem);
  return { class: "internal", message: `node \`${node.id}\` (${node.kind}) failed inside the engine: ${what}` };
}

const requestTypes: ReadonlySet<unknown> = new Set<Request["type"]>(["effect", "frames", "ask", "wait"]);

/** Something in the journal speaks of this request. */
function isRecorded({ decided, result, opened, approval, answer, wakeAt }: RequestState): boolean {
  return (
    decided !== null || result !== null || opened.size > 0 || approval !== null || answer !== null || wakeAt !== null
  );
}

function diverges(runner: Runner, request: Request, known: RequestState): boolean {
  if (known.decided !== null)
    return (
      request.type !== "effect" || requestDigest(runner.input.seam.digest, request.effect) !== known.decided.request
    );
  for (const [child, opened] of known.opened) {
    if (request.type !== "frames" || request.frames[child]?.document !== opened.document) return true;
  }
  if (known.wakeAt !== null) return request.type !== "wait";
  return known.approval !== null && request.type !== "effect" && request.type !== "ask";
}

function divergence(activation: ActivationState, index: number): Failure {
  return {
    class: "internal",
    message: `journal.divergence: node \`${activation.act.node}\` asks for something else at its effect ${index} than the journal records; nothing was performed (${activationKey(activation.act)})`,
  };
}
