/**
 * A debugging session: one run that is held, stepped, looked back at and gone on with (spec/editor.md §5,
 * spec/runtime.md §6). It drives the runner through the control seam only.
 *
 * Invariants:
 * 1. while the session is stopped nothing new starts, what runs already finishes, and the run's clock stands still;
 * 2. a live run is never performed twice: looking back moves the cursor, and going forward replays up to the tip;
 * 3. a dry run that goes on from the past is a fork: what was recorded up to the cursor stays, the rest happens anew;
 * 4. every command is answered by at most one `stopped` or by `ended`;
 * 5. a run that is over is never reopened: one looks back at it, and only a fork of a dry run goes on from there.
 */
import type { Activation } from "../effects/effect.ts";
import type { JournalEvent, RunEvent } from "../effects/events.ts";
import type { ControlStep } from "../engine/runner.ts";
import type { Value } from "../graph/value.ts";
import { Breakpoints, type Breakpoint, type Hit } from "./breakpoints.ts";
import { HeldClock } from "./clock.ts";
import { History, type Visit } from "./history.ts";
import { isWithin, lookupAt } from "./look.ts";
import type {
  Filters,
  Mode,
  Prefix,
  RunBegin,
  SessionEnd,
  SessionSettings,
  Stop,
  StopReason,
} from "./session-types.ts";

export type {
  Filters,
  Prefix,
  RunBegin,
  SessionEnd,
  SessionEvent,
  SessionSettings,
  Stop,
  StopReason,
} from "./session-types.ts";

interface Hold {
  readonly stop: Stop;
  readonly release: () => void;
}

/** See the header. */
export class DebugSession {
  readonly breakpoints = new Breakpoints();
  private readonly settings: SessionSettings;
  private past = new History();
  private mode: Mode;
  private filters: Filters = { failures: false, decisions: false };
  private held: Hold | null = null;
  /** Where one looks, when that is not the tip. */
  private cursor: number | null = null;
  private pending: { readonly reason: "failure" | "decision"; readonly text: string } | null = null;
  private abort = new AbortController();
  private clock: HeldClock | null = null;
  private running: Promise<void> | null = null;
  private generation = 0;
  private finished: SessionEnd | null = null;
  /** The run is over and the session is not. */
  private atEnd = false;
  private over = false;
  /** A fork goes on from before this node, where one stood already: it is not stopped at again. */
  private leaving: { readonly frame: string; readonly node: string } | null = null;

  constructor(settings: SessionSettings) {
    this.settings = settings;
    this.mode = settings.stopOnEntry ? { how: "pause" } : { how: "run" };
  }

  /** Everything that has happened so far. */
  get history(): History {
    return this.past;
  }

  /** Where the session stands still; null while it runs. */
  get stopped(): Stop | null {
    return this.held === null && this.cursor === null && !this.atEnd ? null : this.present();
  }

  /** The instant that is looked at. */
  get seq(): number {
    return this.cursor ?? this.past.tip;
  }

  get ended(): SessionEnd | null {
    return this.finished;
  }

  /** Begins the run. */
  start(): void {
    this.begin(null);
  }

  setBreakpoints(document: string, list: readonly Breakpoint[]): void {
    this.breakpoints.set(document, list);
  }

  setFilters(filters: Filters): void {
    this.filters = filters;
  }

  /** Goes on until something stops it. */
  resume(): void {
    this.go({ how: "run" });
  }

  /** Stops before the next node. */
  pause(): void {
    if (this.held === null) this.mode = { how: "pause" };
  }

  /** To the next node, wherever it is: children, nested skills and retries included. */
  stepIn(): void {
    this.go({ how: "in" });
  }

  /** To the next node of the same walk or one around it. */
  stepOver(frame: string): void {
    this.go({ how: "over", ...this.here(frame) });
  }

  /** To the next node of a walk around this one. */
  stepOut(frame: string): void {
    this.go({ how: "out", ...this.here(frame) });
  }

  /** To where this node is entered next. */
  runTo(frame: string, node: string): void {
    this.go({ how: "to", frame, node });
  }

  /** To the entry before the instant that is looked at. */
  stepBack(): void {
    const before = this.past.entryAfter(this.seq) - 1;
    // At the tip of a run that stands before a node, that node has not been entered yet.
    this.lookAt(before, "step");
  }

  /** Back to the last place at which a breakpoint stands, else to the start. */
  reverse(): void {
    for (let at = this.past.entryAfter(this.seq) - 1; at >= 0; at--) {
      const visit = this.past.entries[at] as Visit;
      const hits = this.hitsAt(visit.act, visit.edge, visit.enteredSeq - 1).filter((hit) => hit.what === "stop");
      if (hits.length > 0) return this.lookAt(at, "breakpoint");
    }
    this.lookAt(0, "start of recording");
  }

  /** Looks at the instant `seq`; the tip for anything after it. */
  lookAtSeq(seq: number): void {
    if (seq >= this.past.tip) {
      if (this.cursor === null) return;
      return this.backAtTip("goto");
    }
    this.lookAt(Math.max(0, this.past.entryAfter(seq) - 1), "goto");
  }

  /** Looks at the instant before the entry with this index in the history; the tip for anything behind the last. */
  lookAtEntry(index: number): void {
    if (index < this.past.entries.length) this.lookAt(index, "goto");
    else if (this.cursor !== null) this.backAtTip("goto");
  }

  /** In a dry run: back to the last entry of a node, and on from there when the session goes on. */
  restartFrom(frame: string, node: string): boolean {
    const last = this.past.frames.get(frame)?.byNode.get(node)?.at(-1);
    if (last === undefined) return false;
    this.lookAt(this.past.entryAfter(last.enteredSeq - 1), "goto");
    return true;
  }

  /**
   * In a dry run: gives a node that has ended another output, journalled as `value.edited`. The run goes on from here
   * as a fork. False in a live run, at the end of a run, and where the node has no output.
   */
  setOutput(frame: string, node: string, output: Value, by: string): boolean {
    const history = this.past.frames.get(frame);
    const { stopped } = this;
    if (!this.settings.dry || history === undefined || stopped === null || stopped.reason === "end") return false;
    if (this.past.outputAt(history, node, this.seq) === undefined) return false;
    this.fork([{ type: "value.edited", frame, node, output, by }], { how: "pause" });
    return true;
  }

  /** Ends the run: a dry run for good, a live one so that it can be resumed. */
  async end(by: string): Promise<void> {
    this.leave();
    this.over = true;
    this.abort.abort({ how: this.settings.dry ? "cancel" : "stop", by, reason: "the debugging session ended" });
    this.letGo();
    await this.running;
  }

  private begin(prefix: Prefix | null): void {
    const generation = ++this.generation;
    this.abort = new AbortController();
    const begin: RunBegin = {
      control: { before: (step) => this.before(step), signal: this.abort.signal },
      clock: (real) => (this.clock = new HeldClock(real)),
      onEvent: (event) => {
        if (generation === this.generation) this.happened(event);
      },
      prefix,
    };
    this.running = this.settings.begin(begin).then((end) => {
      if (generation !== this.generation) return;
      this.finished = end;
      this.held = null;
      this.settings.tell({ type: "finished", end });
      this.atEnd = this.settings.stopOnEnd && !this.over && this.past.entries.length > 0;
      if (!this.atEnd) this.settings.tell({ type: "ended", end });
      else if (this.cursor === null) this.settings.tell({ type: "stopped", stop: this.endStop() });
    });
  }

  /** The session is over: the run has ended, and one goes on from there. */
  private leave(): void {
    if (!this.atEnd || this.finished === null) return;
    this.atEnd = false;
    this.over = true;
    this.settings.tell({ type: "ended", end: this.finished });
  }

  private endStop(): Stop {
    return { reason: "end", frame: "", node: null, seq: this.past.tip, breakpoints: [], text: null };
  }

  /** One looks at the present again. */
  private backAtTip(reason: StopReason): void {
    if (this.held === null && !this.atEnd) return;
    this.cursor = null;
    const stop = this.held === null ? this.endStop() : { ...this.held.stop, reason };
    this.settings.tell({ type: "stopped", stop });
  }

  private happened(event: JournalEvent): void {
    this.past.add(event);
    this.settings.happened?.(event);
    if (event.type === "node.failed" && this.filters.failures && event.then !== "retry")
      this.pending = { reason: "failure", text: `${event.node}: ${event.failure.message}` };
    if (event.type !== "effect.decided" || !this.filters.decisions) return;
    const stops = event.decision !== "Allow" && event.decision !== "DryRunOnly";
    const live = event.live !== undefined && event.live.decision !== "Allow";
    if (!stops && !live) return;
    const said = live ? `live: ${event.live?.decision ?? ""} (${event.live?.code ?? ""})` : event.decision;
    this.pending = { reason: "decision", text: `${event.act.node}: ${said}. ${event.reason}` };
  }

  /** The runner's pause point. */
  private before(step: ControlStep): void | Promise<void> {
    const at = placeOf(step);
    if (step.type === "enter" && this.leaving?.frame === at.frame && this.leaving.node === at.node) {
      this.leaving = null;
      return undefined;
    }
    const hits = step.type === "enter" ? this.hitsAt(at, step.edge, this.past.tip) : [];
    for (const hit of hits) {
      if (hit.what === "log")
        this.settings.tell({ type: "logged", text: hit.text, breakpoint: hit.id, frame: at.frame, node: at.node });
    }
    const ids = hits.flatMap((hit) => (hit.what === "stop" ? [hit.id] : []));
    const reason = this.reasonFor(step, ids);
    if (reason === null) return undefined;
    const stop: Stop = {
      reason,
      frame: at.frame,
      node: step.type === "finish" ? null : at.node,
      seq: this.past.tip,
      breakpoints: ids,
      text: this.pending?.text ?? null,
    };
    this.pending = null;
    this.clock?.hold();
    return new Promise((resolve) => {
      this.held = { stop, release: resolve };
      this.settings.tell({ type: "stopped", stop });
    });
  }

  private reasonFor(step: ControlStep, hits: readonly number[]): StopReason | null {
    if (this.pending !== null) return this.pending.reason;
    if (hits.length > 0) return "breakpoint";
    if (step.type !== "enter") return null;
    const { mode } = this;
    switch (mode.how) {
      case "run":
        return null;
      case "pause":
        return this.past.entries.length === 0 ? "entry" : "pause";
      case "in":
        return "step";
      case "over":
        return isWithin(mode.frame, step.frame) && !this.isRetryOf(mode, step) ? "step" : null;
      case "out":
        return mode.frame !== step.frame && isWithin(mode.frame, step.frame) ? "step" : null;
      case "to":
        return mode.frame === step.frame && mode.node === step.node ? "goto" : null;
    }
  }

  /** A retry of the node that is stepped over is part of it. */
  private isRetryOf(
    mode: Extract<Mode, { how: "over" | "out" }>,
    step: Extract<ControlStep, { type: "enter" }>,
  ): boolean {
    return step.attempt > 1 && step.frame === mode.frame && step.node === mode.node && step.visit === mode.visit;
  }

  private hitsAt(
    act: Pick<Activation, "frame"> & { readonly node: string },
    edge: string | null,
    seq: number,
  ): readonly Hit[] {
    const frame = this.past.frames.get(act.frame);
    if (frame === undefined || this.breakpoints.empty) return [];
    const lookup = lookupAt(this.settings.bundle, this.past, frame, seq);
    const hits = this.breakpoints.reached({ on: "node", document: frame.document, node: act.node }, lookup);
    if (edge === null) return hits;
    return [...hits, ...this.breakpoints.reached({ on: "edge", document: frame.document, edge }, lookup)];
  }

  private go(mode: Mode): void {
    if (this.cursor !== null) return this.goFromPast(mode);
    if (this.held === null) return this.leave();
    this.mode = mode;
    this.letGo();
    this.settings.tell({ type: "continued" });
  }

  /** Forward from an instant before the tip: a fork in a dry run, else a replay of what was recorded. */
  private goFromPast(mode: Mode): void {
    if (this.settings.dry) {
      const from = this.present();
      this.fork([], mode);
      if (from !== null && from.node !== null) this.leaving = { frame: from.frame, node: from.node };
      return;
    }
    for (let at = this.past.entryAfter(this.seq + 1); at < this.past.entries.length; at++) {
      const { act, edge, enteredSeq } = this.past.entries[at] as Visit;
      const ids = this.hitsAt(act, edge, enteredSeq - 1).flatMap((hit) => (hit.what === "stop" ? [hit.id] : []));
      this.mode = mode;
      const reason = this.reasonFor({ type: "enter", key: "", ...act, edge }, ids);
      if (reason !== null) return this.lookAt(at, reason);
    }
    this.backAtTip("end of recording");
  }

  private fork(then: readonly RunEvent[], mode: Mode): void {
    const at = this.seq;
    const events = this.past.events.filter((event) => event.seq <= at);
    const left = this.running;
    this.generation++;
    this.abort.abort({ how: "stop", by: "debugger", reason: "the session goes on from an earlier step" });
    this.letGo();
    const past = new History();
    for (const event of events) past.add(event);
    this.past = past;
    this.cursor = null;
    this.finished = null;
    this.atEnd = false;
    this.pending = null;
    this.leaving = null;
    this.mode = mode;
    this.settings.tell({ type: "forked", at });
    this.settings.tell({ type: "continued" });
    const before = this.generation;
    void (left ?? Promise.resolve()).then(() => {
      if (this.generation === before && !this.over) this.begin({ seq: at, then });
    });
  }

  private letGo(): void {
    const { held } = this;
    this.held = null;
    this.clock?.release();
    held?.release();
  }

  private lookAt(index: number, reason: StopReason): void {
    const visit = this.past.entries[Math.max(0, index)];
    if (this.held === null && !this.atEnd) return;
    if (visit === undefined) {
      // Nothing has been entered yet: one cannot look back further than this.
      if (this.held !== null)
        this.settings.tell({ type: "stopped", stop: { ...this.held.stop, reason: "start of recording" } });
      return;
    }
    this.cursor = visit.enteredSeq - 1;
    const seq = this.cursor;
    const stop: Stop = {
      reason: index <= 0 && reason === "step" ? "start of recording" : reason,
      frame: visit.act.frame,
      node: visit.act.node,
      ...{ seq, breakpoints: [], text: null },
    };
    this.settings.tell({ type: "stopped", stop });
  }

  private present(): Stop | null {
    if (this.cursor === null) return this.held?.stop ?? (this.atEnd ? this.endStop() : null);
    const visit = this.past.entries[this.past.entryAfter(this.cursor)];
    if (visit === undefined) return null;
    const { frame, node } = visit.act;
    return { reason: "step", frame, node, seq: this.cursor, breakpoints: [], text: null };
  }

  private here(frame: string): { frame: string; node: string | null; visit: number } {
    const stop = this.present();
    const own = stop?.frame === frame;
    const known = this.past.frames.get(frame);
    const visit = known === undefined ? null : this.past.visitAt(known, this.seq);
    if (own && stop.node !== null)
      return { frame, node: stop.node, visit: (known?.byNode.get(stop.node)?.length ?? 0) + 1 };
    return { frame, node: visit?.act.node ?? null, visit: visit?.act.visit ?? 0 };
  }
}

function placeOf(step: ControlStep): { readonly frame: string; readonly node: string } {
  if (step.type === "enter") return { frame: step.frame, node: step.node };
  if (step.type === "finish") return { frame: step.frame, node: step.lastNode ?? "" };
  return step.activation.act;
}
