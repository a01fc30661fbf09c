/**
 * A run's events, indexed so that any instant of it can be asked about (spec/editor.md §5, "the journal is the
 * history"). An instant is a `seq`: everything up to and including that event has happened.
 *
 * Boundary: pure. Invariants: events only ever come at the end; questions cost what they answer, not the length of the
 * run; values are those of the events it was given, so masked events stay masked.
 */
import type { Activation } from "../effects/effect.ts";
import type { JournalEvent } from "../effects/events.ts";
import type { Failure } from "../graph/failure.ts";
import type { Value } from "../graph/value.ts";

type Of<T extends JournalEvent["type"]> = Extract<JournalEvent, { type: T }>;

/** One attempt at one visit of a node. */
export interface Visit {
  readonly act: Activation;
  /** The edge by which it was reached. */
  readonly edge: string | null;
  readonly assumed: boolean;
  readonly enteredSeq: number;
  readonly enteredAt: number;
  end: VisitEnd | null;
  readonly decisions: Of<"effect.decided">[];
  /** Outputs that were set by hand, oldest first. */
  readonly edits: { readonly seq: number; readonly output: Value; readonly by: string }[];
}

/** How an attempt ended. */
export interface VisitEnd {
  readonly seq: number;
  readonly at: number;
  readonly outcome: "continue" | "terminate" | "fail" | "skip" | "retry";
  readonly output: Value;
  readonly label: string | null;
  readonly reason: string | null;
  readonly failure: Failure | null;
}

/** One walk of one document. */
export interface FrameHistory {
  readonly frame: string;
  readonly document: string;
  readonly parent: Activation | null;
  /** Which child of its parent's node it is. */
  readonly child: number;
  readonly start: string | null;
  readonly input: Value;
  readonly depth: number;
  readonly openedSeq: number;
  endedSeq: number | null;
  readonly visits: Visit[];
  readonly byNode: Map<string, Visit[]>;
}

/** See the header. */
export class History {
  readonly events: JournalEvent[] = [];
  readonly frames = new Map<string, FrameHistory>();
  /** Every place where the run can stand: right before a node is entered. In order of time. */
  readonly entries: Visit[] = [];
  private readonly open = new Map<string, Visit>();

  /** `seq` of the last event; 0 before the first. */
  get tip(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  get started(): Of<"run.started"> | null {
    const first = this.events.find((event) => event.type === "run.started");
    return first?.type === "run.started" ? first : null;
  }

  /** Takes the next event. */
  add(event: JournalEvent): void {
    this.events.push(event);
    switch (event.type) {
      case "frame.opened":
        this.openFrame(event);
        return;
      case "frame.ended": {
        const frame = this.frames.get(event.frame);
        if (frame !== undefined) frame.endedSeq = event.seq;
        return;
      }
      case "node.entered":
        this.enter(event);
        return;
      case "node.ended":
        this.endNode(event);
        return;
      case "node.failed":
        this.failNode(event);
        return;
      case "effect.decided":
        this.open.get(visitKey(event.act))?.decisions.push(event);
        return;
      case "value.edited": {
        const visits = this.frames.get(event.frame)?.byNode.get(event.node) ?? [];
        visits.at(-1)?.edits.push({ seq: event.seq, output: event.output, by: event.by });
        return;
      }
      default:
        return;
    }
  }

  /** The event of this `seq`; undefined when there is none. */
  event(seq: number): JournalEvent | undefined {
    const first = this.events[0]?.seq ?? 0;
    return this.events[seq - first];
  }

  /** Index in {@link entries} of the first entry after `seq`. */
  entryAfter(seq: number): number {
    return firstIndex(this.entries, (visit) => visit.enteredSeq > seq);
  }

  /** Frames that are open at `seq`, in the order in which they were opened. */
  openFrames(seq: number): FrameHistory[] {
    return [...this.frames.values()].filter(
      (frame) => frame.openedSeq <= seq && (frame.endedSeq === null || frame.endedSeq > seq),
    );
  }

  /** The visit that a frame is at: the last that was entered by `seq`, also when it has ended; null before the first. */
  visitAt(frame: FrameHistory, seq: number): Visit | null {
    return frame.visits[firstIndex(frame.visits, (visit) => visit.enteredSeq > seq) - 1] ?? null;
  }

  /** Visits of a frame that are under way at `seq`. */
  activeVisits(frame: FrameHistory, seq: number): Visit[] {
    const active: Visit[] = [];
    for (const visits of frame.byNode.values()) {
      const last = visits[firstIndex(visits, (visit) => visit.enteredSeq > seq) - 1];
      if (last !== undefined && (last.end === null || last.end.seq > seq)) active.push(last);
    }
    return active.sort((a, b) => a.enteredSeq - b.enteredSeq);
  }

  /** The output that a node has at `seq`, edits included; undefined when it has not ended well by then. */
  outputAt(frame: FrameHistory, node: string, seq: number): Value | undefined {
    const visits = frame.byNode.get(node) ?? [];
    for (let at = firstIndex(visits, (visit) => visit.enteredSeq > seq) - 1; at >= 0; at--) {
      const visit = visits[at] as Visit;
      const { end } = visit;
      if (end === null || end.seq > seq || end.outcome === "retry") continue;
      if (end.outcome === "skip" || end.outcome === "fail") return undefined;
      const edited = visit.edits.filter((edit) => edit.seq <= seq).at(-1);
      return edited === undefined ? end.output : edited.output;
    }
    return undefined;
  }

  /** Nodes of a frame that have an output at `seq`, in the order of their first visit. */
  outputsAt(frame: FrameHistory, seq: number): { readonly node: string; readonly output: Value }[] {
    return [...frame.byNode.keys()].flatMap((node) => {
      const output = this.outputAt(frame, node, seq);
      return output === undefined ? [] : [{ node, output }];
    });
  }

  private openFrame(event: Of<"frame.opened">): void {
    const { frame, document, parent, child, start, input, depth, seq } = event;
    this.frames.set(frame, {
      ...{ frame, document, parent, child, start, input, depth },
      openedSeq: seq,
      endedSeq: null,
      visits: [],
      byNode: new Map(),
    });
  }

  private enter(event: Of<"node.entered">): void {
    const { frame: name, node, visit, attempt, edge, seq, at } = event;
    const frame = this.frames.get(name);
    if (frame === undefined) return;
    const act = { frame: name, node, visit, attempt };
    const assumed = event.assumed === true;
    const made: Visit = { act, edge, assumed, enteredSeq: seq, enteredAt: at, end: null, decisions: [], edits: [] };
    this.open.set(visitKey(act), made);
    this.entries.push(made);
    frame.visits.push(made);
    const known = frame.byNode.get(node);
    if (known === undefined) frame.byNode.set(node, [made]);
    else known.push(made);
  }

  private endNode(event: Of<"node.ended">): void {
    const visit = this.take(event);
    const { seq, at, outcome, output, label, reason } = event;
    if (visit !== undefined) visit.end = { seq, at, outcome, output, label, reason, failure: null };
  }

  private failNode(event: Of<"node.failed">): void {
    const visit = this.take(event);
    if (visit === undefined) return;
    const { seq, at, failure } = event;
    const outcome = event.then === "retry" ? "retry" : event.then === "branch" ? "continue" : "fail";
    const error = { error: { class: failure.class, message: failure.message } };
    const output: Value = event.then === "branch" ? error : null;
    const label = event.then === "branch" ? "error" : null;
    visit.end = { seq, at, outcome, output, label, reason: failure.message, failure };
  }

  private take(event: Of<"node.ended"> | Of<"node.failed">): Visit | undefined {
    const key = visitKey(event);
    const visit = this.open.get(key);
    this.open.delete(key);
    return visit;
  }
}

function visitKey({ frame, node, visit, attempt }: Activation): string {
  return `${frame}\u0000${node}\u0000${visit}\u0000${attempt}`;
}

/** The first index for which `holds`, which must hold for all after it; the length when there is none. */
function firstIndex<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
