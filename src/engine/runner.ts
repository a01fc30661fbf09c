/**
 * The runner: carries out what the planner wants, at the one seam to the world (spec/runtime.md §1, §2).
 *
 * Invariants:
 * 1. nothing is performed that has not been decided and journalled as started, durably, before its first byte leaves;
 * 2. the planner sees an effect's end only after it is durable;
 * 3. every change of state goes through the journal: append, then fold;
 * 4. a handler is only ever driven with what the journal holds, so driving it again gives the same requests.
 */
import type { Bundle } from "../dialects/bundle.ts";
import type { EffectScope, Seam } from "../effects/seam.ts";
import type { JournalEvent, Outcome, RunEvent } from "../effects/events.ts";
import type { Failure } from "../graph/failure.ts";
import { documents, type Documents } from "./documents.ts";
import { askPerson } from "./asking.ts";
import { decideEffect, performEffect } from "./effects.ts";
import { Handlers, type KindRuntime } from "./handlers.ts";
import { InFlight } from "./in-flight.ts";
import { outcomeOf } from "./outcome.ts";
import { plan, type Action } from "./plan.ts";
import { attachProvisions } from "./provision.ts";
import { watchBudgets } from "./budget.ts";
import { apply, initialState, type RunState, type RunStarted } from "./state.ts";

/** What a step is about to do, for whoever holds the control seam. */
export type ControlStep = Extract<Action, { type: "enter" | "perform" | "finish" }>;

/** The one place where a debugger or a canceller acts on a run (spec/runtime.md §6). */
export interface Control {
  /** Awaited before a node is entered, an effect performed, a frame finished; the runner's only pause point. */
  before?(step: ControlStep): void | Promise<void>;
  /** Aborting ends the run: `stop` leaves it to be resumed, `cancel` ends it for good. */
  readonly signal?: AbortSignal;
}

/** What a run needs besides its documents. */
export interface RunInput {
  readonly bundle: Bundle;
  readonly seam: Seam;
  readonly kinds: KindRuntime;
  readonly backends: readonly string[];
  readonly servers: readonly string[];
  readonly control?: Control;
}

/** Why a run was interrupted; the reason given to `AbortController.abort`. */
export interface Interruption {
  readonly how: "stop" | "cancel";
  readonly by: string;
  readonly reason: string | null;
}

/**
 * How a run came out. `journalFailure` is set when the journal could not be written any more, or belongs to another
 * process by now.
 */
export interface RunResult {
  readonly outcome: Outcome;
  readonly state: RunState;
  readonly journalFailure: Failure | null;
  /** The run was stopped and can be resumed. */
  readonly interrupted: boolean;
}

/** Starts a run from its first event. */
export function startRun(input: RunInput, started: Omit<RunStarted, "type">): Promise<RunResult> {
  const runner = new Runner(input, initialState());
  runner.append({ type: "run.started", ...started });
  runner.append(rootFrame(started));
  return runner.run();
}

function rootFrame({ root, start, input }: Omit<RunStarted, "type">): RunEvent {
  return {
    type: "frame.opened",
    frame: "",
    parent: null,
    index: 0,
    child: 0,
    document: root,
    start,
    input,
    depth: 0,
  };
}

/** Goes on with a run whose journal was folded into `state`, after appending `events` (run.resumed, answers). */
export function resumeRun(input: RunInput, state: RunState, events: readonly RunEvent[]): Promise<RunResult> {
  const runner = new Runner(input, state);
  for (const event of events) runner.append(event);
  const { started, frames, root } = state;
  // A crash can fall between the first two events.
  if (started !== null && root === null && !frames.has("")) runner.append(rootFrame(started));
  return runner.run();
}

/** Loop turns, and actions of one turn, between two chances for timers and signals. */
const TURNS_BETWEEN_BREATHS = 256;

/** One run under way. */
export class Runner {
  readonly documents: Documents;
  readonly handlers: Handlers;
  readonly work: InFlight;
  private failed: Failure | null = null;
  private journalFailed: Failure | null = null;
  private stopped = false;
  private outcome: Outcome | null = null;
  readonly input: RunInput;
  readonly state: RunState;

  constructor(input: RunInput, state: RunState) {
    this.input = input;
    this.state = state;
    this.documents = documents(input.bundle);
    this.handlers = new Handlers(this);
    this.work = new InFlight(input.seam.clock);
  }

  /** Appends an event and folds it. */
  append(event: RunEvent): JournalEvent {
    const made = this.input.seam.journal.append(event, this.input.seam.clock.now());
    apply(this.state, made);
    return made;
  }

  /** Makes everything appended durable; a failure ends the run (spec/runtime.md §3). */
  async durable(): Promise<boolean> {
    return this.kept(await this.input.seam.journal.sync());
  }

  /** True while this process is the run's only writer; otherwise the run ends here. */
  async owns(): Promise<boolean> {
    return this.kept(await this.input.seam.journal.stillOwner());
  }

  private kept(failure: Failure | null): boolean {
    if (failure === null) return true;
    this.journalFailed ??= failure;
    this.abort(failure);
    return false;
  }

  /** Ends the run because something outside it failed, e.g. the journal or a divergence. */
  abort(failure: Failure): void {
    this.failed ??= failure;
    this.work.abort("cancelled");
  }

  /** What ended the run from outside; null when nothing has. */
  get failure(): Failure | null {
    return this.failed;
  }

  /** The run has come to its end or its pause; what is still under way is only waited for. */
  get over(): boolean {
    return this.outcome !== null;
  }

  /** The run goes no further: nothing may be started any more. */
  get halted(): boolean {
    const { cancelled, overBudget, deadlinePassed } = this.state;
    return this.failed !== null || this.stopped || cancelled !== null || overBudget !== null || deadlinePassed;
  }

  async run(): Promise<RunResult> {
    const release = this.watch();
    const detach = attachProvisions(this);
    try {
      await this.durable();
      await this.turns();
    } catch (problem) {
      this.abort(internal("while planning", problem));
    } finally {
      await this.drain();
      detach();
      release();
    }
    if (this.failed === null) await this.durable();
    return this.result();
  }

  /** The loop: plan, carry out, wait. */
  private async turns(): Promise<void> {
    const { clock } = this.input.seam;
    for (let turn = 1; this.failed === null && !this.stopped && this.outcome === null; turn++) {
      this.checkDeadline();
      const actions = plan({
        documents: this.documents,
        state: this.state,
        open: this.handlers.open,
        inFlight: this.work.keys,
      });
      if (actions.length === 0) {
        if (this.work.keys.size === 0)
          return this.abort({ class: "internal", message: "the run can neither go on nor end; please report this" });
        await this.work.completion();
        continue;
      }
      for (const [at, action] of actions.entries()) {
        const hold = this.control(action);
        const breathes = at % TURNS_BETWEEN_BREATHS === TURNS_BETWEEN_BREATHS - 1;
        if (hold !== undefined) await hold;
        if (breathes) await clock.breathe();
        if (hold !== undefined || breathes) this.checkDeadline();
        if (this.failed !== null || this.stopped) return;
        // What was planned before the run was halted may not be wanted any more.
        if (this.halted && action.type !== "stop") break;
        this.execute(action);
      }
      if (turn % TURNS_BETWEEN_BREATHS === 0) await clock.breathe();
    }
  }

  private control(action: Action): void | Promise<void> {
    if (action.type !== "enter" && action.type !== "perform" && action.type !== "finish") return undefined;
    return this.input.control?.before?.(action);
  }

  /** Waits for what is in flight; its ends are still journalled, unless the run was stopped to be resumed. */
  private async drain(): Promise<void> {
    if (this.work.keys.size > 0) this.work.abort("cancelled");
    while (this.work.keys.size > 0) await this.work.completion();
  }

  private execute(action: Action): void {
    switch (action.type) {
      case "enter":
        this.append(entered(action));
        return;
      case "skip":
        this.append({
          type: "node.ended",
          frame: action.frame,
          node: action.node,
          visit: 1,
          attempt: 1,
          outcome: "skip",
          output: null,
          label: null,
          reason: action.reason,
          partial: false,
          assumed: action.assumed === true,
          reply: null,
        });
        return;
      case "drive":
        this.handlers.drive(action.activation);
        return;
      case "decide":
        this.start(action.key, () => decideEffect(this, action.activation, action.open));
        return;
      case "perform":
        this.start(action.key, () => performEffect(this, action.activation, action.open));
        return;
      case "settle":
        this.append(settled(action));
        return;
      case "open":
        this.handlers.openChild(action.activation, action.index, action.child);
        return;
      case "ask":
        askPerson(this, action);
        return;
      case "timer":
        this.handlers.setTimer(action.activation, action.open);
        return;
      case "sleep":
        this.sleep(action);
        return;
      case "finish":
        this.append({
          type: "frame.ended",
          frame: action.frame,
          status: action.status,
          value: action.value,
          partial: action.partial,
          reason: action.reason,
          failure: action.failure,
          lastNode: action.lastNode,
        });
        return;
      case "stop":
        this.finish(action.why);
        return;
    }
  }

  /** Runs asynchronous work under a key that the planner will not start twice. */
  private start(key: string, work: () => Promise<void>): void {
    this.work.start(key, work, (problem) => this.abort(internal(`while working on ${key}`, problem)));
  }

  private sleep(action: Extract<Action, { type: "sleep" }>): void {
    this.start(action.key, () => {
      const controller = this.work.abortable();
      return new Promise<void>((resolve) => {
        const cancel = this.input.seam.clock.timer(action.until, () => {
          this.append({ type: "timer.fired", act: action.activation.act, index: action.index });
          done();
        });
        const done = (): void => {
          cancel();
          this.work.released(controller);
          resolve();
        };
        controller.signal.addEventListener("abort", done, { once: true });
      });
    });
  }

  private checkDeadline(): void {
    if (this.state.deadlinePassed || this.input.seam.clock.now() < this.state.deadline) return;
    this.append({ type: "deadline.passed" });
    this.work.abort("timeout");
  }

  /** Deadline, cancellation and budgets: whatever may end a run from outside. */
  private watch(): () => void {
    const { clock } = this.input.seam;
    const stopTimer = Number.isFinite(this.state.deadline)
      ? clock.timer(this.state.deadline, () => {
          if (this.outcome === null && this.state.root === null) this.checkDeadline();
          this.work.notify();
        })
      : () => undefined;
    const stopBudgets = watchBudgets(this);
    const signal = this.input.control?.signal;
    const onAbort = (): void => this.interrupt(signal?.reason as Interruption);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    return () => {
      stopTimer();
      stopBudgets();
      this.work.end();
      signal?.removeEventListener("abort", onAbort);
    };
  }

  private interrupt(why: Interruption): void {
    if (why.how === "stop") this.stopped = true;
    else if (this.state.cancelled === null) this.append({ type: "run.cancelled", by: why.by, reason: why.reason });
    this.work.abort("cancelled");
  }

  /** True when ends of aborted effects must not be journalled: a resume is to find them in doubt. */
  get leavingOpen(): boolean {
    return this.stopped;
  }

  /** A budget of the whole process was exceeded. */
  overBudget(event: Extract<RunEvent, { type: "budget.exceeded" }>): void {
    if (this.state.overBudget !== null) return;
    this.append(event);
    this.work.abort("cancelled");
  }

  private finish(why: Extract<Action, { type: "stop" }>["why"]): void {
    this.outcome = outcomeOf(this.state, why);
    if (why === "paused") this.append({ type: "run.paused", requests: [...this.state.asked.keys()] });
    else
      this.append({
        type: "run.ended",
        outcome: this.outcome.status,
        reason: this.outcome.status === "failed" ? this.outcome.reason : null,
      });
  }

  private result(): RunResult {
    const { failed, state } = this;
    const lastNode = state.rootLastEntered;
    if (failed !== null) {
      return {
        outcome: { status: "failed", reason: failed.message, error: failed, lastNode },
        state,
        journalFailure: this.journalFailed,
        interrupted: false,
      };
    }
    if (this.outcome !== null) return { outcome: this.outcome, state, journalFailure: null, interrupted: false };
    const error: Failure = { class: "cancelled", message: "the run was stopped before it ended" };
    return {
      outcome: { status: "failed", reason: error.message, error, lastNode },
      state,
      journalFailure: null,
      interrupted: true,
    };
  }
}

/** A bug of ours, as the end of a run. */
function internal(when: string, problem: unknown): Failure {
  const what = problem instanceof Error ? problem.message : String(problem);
  return { class: "internal", message: `the engine failed ${when}: ${what}` };
}

/** Without an object spread, which would cost more than the rest of a plain node. */
function entered(action: Extract<Action, { type: "enter" }>): Extract<RunEvent, { type: "node.entered" }> {
  const { frame, node, visit, attempt, edge } = action;
  return action.assumed === true
    ? { type: "node.entered", frame, node, visit, attempt, edge, assumed: true }
    : { type: "node.entered", frame, node, visit, attempt, edge };
}

/** The end of an effect that was not performed: it failed before, or a person vouches for it. */
function settled(action: Extract<Action, { type: "settle" }>): Extract<RunEvent, { type: "effect.ended" }> {
  const { activation, index, ended } = action;
  const failure = "failure" in ended ? ended.failure : null;
  return {
    type: "effect.ended",
    act: activation.act,
    index,
    ok: failure === null,
    value: "value" in ended ? ended.value : null,
    failure,
    by: failure === null ? "person" : "engine",
    usage: null,
    doubt: false,
  };
}

/** The scope that performers are told for an activation. */
export function effectScope(
  runner: Runner,
  act: EffectScope["activation"],
  idempotencyKey: string | null,
): EffectScope {
  const frame = runner.state.frames.get(act.frame);
  const document = frame?.document ?? runner.input.bundle.root;
  const nodeKind = runner.documents.node(document, act.node)?.kind ?? "";
  return { activation: act, nodeKind, document, idempotencyKey };
}
