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
import type { JournalEvent, RunEvent } from "../effects/events.ts";
import type { ControlStep } from "../engine/runner.ts";
import type { Value } from "../graph/value.ts";
import { Breakpoints, type Breakpoint, type Hit } from "./breakpoints.ts";
import { HeldRun } from "./held-run.ts";
import { History, type Visit } from "./history.ts";
import { countHits, hitsAt, lastHit, stopAtEnd, stopBefore, stopsAt, walkAt } from "./instants.ts";
import type { Filters, Mode, Prefix, SessionEnd, SessionSettings, Stop, StopReason } from "./session-types.ts";
import { assumptionIn, pendingFor, placeOf, stopReason, type Pending } from "./stepping.ts";

/** See the header. */
export class DebugSession {
  readonly breakpoints = new Breakpoints();
  private readonly settings: SessionSettings;
  private past = new History();
  private mode: Mode;
  private filters: Filters = { failures: false, decisions: false };
  /** The present run; another one after a fork. */
  private run = new HeldRun();
  /** Where one looks, when that is not the tip. */
  private cursor: number | null = null;
  private pending: Pending | null = null;
  /** What a fork goes on from, until the run before it has ended. */
  private next: Prefix | null = null;
  private finished: SessionEnd | null = null;
  /** The run is over and the session is not. */
  private atEnd = false;
  private over = false;
  /** A fork goes on from before this node, where one stood already: it is not stopped at again. */
  private leaving: { readonly frame: string; readonly node: string } | null = null;

  /** Nodes of which it was told that they decided by assumption. */
  private readonly toldAssumed = new Set<string>();

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
    return this.run.stop === null && this.cursor === null && !this.atEnd ? null : this.present();
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
    if (this.run.stop === null) this.mode = { how: "pause" };
  }

  /** To the next node, wherever it is: children, nested skills and retries included. */
  stepIn(): void {
    this.go({ how: "in" });
  }

  /** To the next node of the same walk or one around it. */
  stepOver(frame: string): void {
    this.go({ how: "over", ...walkAt(this.past, this.seq, this.present(), frame) });
  }

  /** To the next node of a walk around this one. */
  stepOut(frame: string): void {
    this.go({ how: "out", ...walkAt(this.past, this.seq, this.present(), frame) });
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
    const before = this.past.entryAfter(this.seq);
    const at = this.breakpoints.aside(() => lastHit(this.breakpoints, this.settings.bundle, this.past, before));
    if (at === null) this.lookAt(0, "start of recording");
    else this.lookAt(at, "breakpoint");
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
    this.run.end({ how: this.settings.dry ? "cancel" : "stop", by, reason: "the debugging session ended" });
    await this.run.done;
  }

  private begin(prefix: Prefix | null): void {
    this.next = null;
    this.run = new HeldRun();
    this.run.begin(this.settings.begin, prefix, {
      before: (step) => this.before(step),
      happened: (event) => {
        this.happened(event);
      },
      ended: (end) => {
        this.finished = end;
        this.settings.tell({ type: "finished", end });
        this.atEnd = this.settings.stopOnEnd && !this.over && this.past.entries.length > 0;
        if (!this.atEnd) this.settings.tell({ type: "ended", end });
        else if (this.cursor === null) this.settings.tell({ type: "stopped", stop: stopAtEnd(this.past) });
      },
    });
  }

  /** The session is over: the run has ended, and one goes on from there. */
  private leave(): void {
    if (!this.atEnd || this.finished === null) return;
    this.atEnd = false;
    this.over = true;
    this.settings.tell({ type: "ended", end: this.finished });
  }

  /** One looks at the present again. */
  private backAtTip(reason: StopReason): void {
    const held = this.run.stop;
    if (held === null && !this.atEnd) return;
    if (this.settings.dry) this.settings.moved?.(this.past.tip);
    this.cursor = null;
    const stop = held === null ? stopAtEnd(this.past) : { ...held, reason };
    this.settings.tell({ type: "stopped", stop });
  }

  private happened(event: JournalEvent): void {
    this.past.add(event);
    this.settings.happened?.(event);
    this.pending = pendingFor(event, this.filters) ?? this.pending;
    const assumed = assumptionIn(event);
    if (assumed === null || this.mode.how === "run") return;
    const key = `${this.past.frames.get(assumed.frame)?.document ?? ""}\u0000${assumed.node}`;
    if (!this.toldAssumed.has(key)) this.settings.tell({ type: "assumed", ...assumed });
    this.toldAssumed.add(key);
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
    return this.run.hold(stop, () => {
      this.settings.tell({ type: "stopped", stop });
    });
  }

  private reasonFor(step: ControlStep, hits: readonly number[]): StopReason | null {
    return stopReason(step, this.mode, { pending: this.pending, hits, isFirst: this.past.entries.length === 0 });
  }

  private hitsAt(
    act: { readonly frame: string; readonly node: string },
    edge: string | null,
    seq: number,
  ): readonly Hit[] {
    return hitsAt(this.breakpoints, this.settings.bundle, this.past, { act, edge, seq });
  }

  /** Breakpoints that stop at an entry of the past. */
  private stopsAt(visit: Visit): number[] {
    return stopsAt(this.breakpoints, this.settings.bundle, this.past, visit);
  }

  private go(mode: Mode): void {
    if (this.cursor !== null) return this.goFromPast(mode);
    if (this.run.stop === null) return this.leave();
    this.mode = mode;
    this.run.letGo();
    this.settings.tell({ type: "continued" });
  }

  /** Forward from an instant before the tip: a fork in a dry run, else a replay of what was recorded. */
  private goFromPast(mode: Mode): void {
    if (this.settings.dry) {
      const from = this.present();
      const next = this.past.entries[this.past.entryAfter(this.seq)];
      this.fork([], mode);
      if (from === null || from.node === null) return;
      this.leaving = { frame: from.frame, node: from.node };
      // One stands there already, so it counts as reached.
      if (next !== undefined) this.stopsAt(next);
      return;
    }
    this.mode = mode;
    const found = this.breakpoints.aside(() => this.nextStop(this.past.entryAfter(this.seq + 1)));
    if (found === null) this.backAtTip("end of recording");
    else this.lookAt(found.at, found.reason);
  }

  /** The first entry from this index on before which the session stops, in a live run's past; null for none. */
  private nextStop(from: number): { readonly at: number; readonly reason: StopReason } | null {
    countHits(this.breakpoints, this.settings.bundle, this.past, from);
    for (let at = from; at < this.past.entries.length; at++) {
      const visit = this.past.entries[at] as Visit;
      const ids = this.stopsAt(visit);
      const reason = this.reasonFor({ type: "enter", key: "", ...visit.act, edge: visit.edge }, ids);
      if (reason !== null) return { at, reason };
    }
    return null;
  }

  private fork(then: readonly RunEvent[], mode: Mode): void {
    const at = this.seq;
    const events = this.past.events.filter((event) => event.seq <= at);
    const left = this.run;
    left.leave({ how: "stop", by: "debugger", reason: "the session goes on from an earlier step" });
    const past = new History();
    for (const event of events) past.add(event);
    this.past = past;
    this.breakpoints.recount();
    countHits(this.breakpoints, this.settings.bundle, past, past.entries.length);
    this.cursor = null;
    this.finished = null;
    this.atEnd = false;
    this.pending = null;
    this.leaving = null;
    this.mode = mode;
    this.settings.tell({ type: "forked", at });
    this.settings.tell({ type: "continued" });
    const next = { seq: at, at: past.events.at(-1)?.at ?? 0, then };
    this.next = next;
    void left.done.then(() => {
      if (this.next === next && !this.over) this.begin(next);
    });
  }

  private lookAt(index: number, reason: StopReason): void {
    const held = this.run.stop;
    if (held === null && !this.atEnd) return;
    const why = index <= 0 && reason === "step" ? "start of recording" : reason;
    const stop = stopBefore(this.past, Math.max(0, index), why);
    if (stop === null) {
      // Nothing has been entered yet: one cannot look back further than this.
      if (held !== null) this.settings.tell({ type: "stopped", stop: { ...held, reason: "start of recording" } });
      return;
    }
    this.cursor = stop.seq;
    if (this.settings.dry) this.settings.moved?.(stop.seq);
    this.settings.tell({ type: "stopped", stop });
  }

  private present(): Stop | null {
    if (this.cursor === null) return this.run.stop ?? (this.atEnd ? stopAtEnd(this.past) : null);
    const stop = stopBefore(this.past, this.past.entryAfter(this.cursor), "step");
    return stop === null ? null : { ...stop, seq: this.cursor };
  }
}
