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
import { OpenFrames } from "./open-frames.ts";
import { firstIndex } from "./sorted.ts";

/** How many visits are looked through for each node that is wanted, at most. */
const LOOK_BACK = 8;

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
  /** Visits by the edge that led to them. */
  readonly byEdge: Map<string, Visit[]>;
  /** When each node was entered for the first time, as `seq`, in order. */
  readonly firsts: number[];
}

/** See the header. */
export class History {
  readonly events: JournalEvent[] = [];
  readonly frames = new Map<string, FrameHistory>();
  /** Every place where the run can stand: right before a node is entered. In order of time. */
  readonly entries: Visit[] = [];
  private readonly open = new Map<string, Visit>();
  private readonly walks = new OpenFrames<FrameHistory>();

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
        if (frame === undefined) return;
        frame.endedSeq = event.seq;
        this.walks.ended(frame, event.seq);
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
    return this.walks.at(seq);
  }

  /** The visit that a frame is at: the last that was entered by `seq`, also when it has ended; null before the first. */
  visitAt(frame: FrameHistory, seq: number): Visit | null {
    return frame.visits[firstIndex(frame.visits, (visit) => visit.enteredSeq > seq) - 1] ?? null;
  }

  /** How many nodes of a frame had been entered by `seq`. */
  nodesAt(frame: FrameHistory, seq: number): number {
    return firstIndex(frame.firsts, (first) => first > seq);
  }

  /** How often an edge of a frame had been taken by `seq`. */
  takenAt(frame: FrameHistory, edge: string, seq: number): number {
    return firstIndex(frame.byEdge.get(edge) ?? [], (visit) => visit.enteredSeq > seq);
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

  /**
   * Nodes of a frame that have an output at `seq`, in the order of their first visit; of more than `most` nodes those that
   * were visited last.
   */
  outputsAt(frame: FrameHistory, seq: number, most: number): { readonly node: string; readonly output: Value }[] {
    return this.latestNodes(frame, seq, most).flatMap((node) => {
      const output = this.outputAt(frame, node, seq);
      return output === undefined ? [] : [{ node, output }];
    });
  }

  private latestNodes(frame: FrameHistory, seq: number, most: number): readonly string[] {
    if (frame.byNode.size <= most) return [...frame.byNode.keys()];
    const latest = new Map<string, number>();
    const last = firstIndex(frame.visits, (visit) => visit.enteredSeq > seq) - 1;
    // A loop may fill the history with a few nodes, so how far back one looks has an end of its own.
    for (let at = last; at >= 0 && latest.size < most && last - at < LOOK_BACK * most; at--) {
      const { node } = (frame.visits[at] as Visit).act;
      if (!latest.has(node)) latest.set(node, frame.byNode.get(node)?.[0]?.enteredSeq ?? 0);
    }
    return [...latest].sort((a, b) => a[1] - b[1]).map(([node]) => node);
  }

  private openFrame(event: Of<"frame.opened">): void {
    const { frame, document, parent, child, start, input, depth, seq } = event;
    const made: FrameHistory = {
      ...{ frame, document, parent, child, start, input, depth },
      openedSeq: seq,
      endedSeq: null,
      visits: [],
      byNode: new Map(),
      byEdge: new Map(),
      firsts: [],
    };
    this.frames.set(frame, made);
    this.walks.opened(made, seq);
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
    if (!frame.byNode.has(node)) frame.firsts.push(seq);
    put(frame.byNode, node, made);
    if (edge !== null) put(frame.byEdge, edge, made);
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

function put<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [one]);
  else known.push(one);
}
