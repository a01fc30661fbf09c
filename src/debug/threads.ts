/**
 * Threads and stacks of a run (spec/editor.md §5): the call stack shows nested graphs, and each child of `parallel` and
 * `map` is a thread of its own.
 *
 * Boundary: pure reads of the history. Numbers of threads and stack frames stay the same for a whole session.
 */
import type { Bundle } from "../dialects/bundle.ts";
import { framesAround, parentOf } from "./look.ts";
import type { FrameHistory, History } from "./history.ts";
import type { Stop } from "./session-types.ts";

/** Kinds whose children run beside each other. */
const parallelKinds: ReadonlySet<string> = new Set(["parallel", "map"]);

/** The thread of the root document. */
export const ROOT_THREAD = 1;

/** A step on a stack. */
export interface StackStep {
  readonly frame: FrameHistory;
  /** The node that the walk is at, or about to enter; null before the first. */
  readonly node: string | null;
}

/** Numbers for frames, given out once. */
export class Threads {
  private readonly bundle: Bundle;
  private readonly byFrame = new Map<string, number>([["", ROOT_THREAD]]);
  private readonly names: string[] = ["", ""];

  constructor(bundle: Bundle) {
    this.bundle = bundle;
  }

  /** The thread that a frame runs in. */
  of(history: History, frame: FrameHistory): number {
    const head = framesAround(history, frame).find((one) => this.isHead(history, one));
    return head === undefined ? ROOT_THREAD : this.number(head.frame);
  }

  /** The frame by which a thread began; undefined for a number that was never given out. */
  head(thread: number): string | undefined {
    return thread === ROOT_THREAD ? "" : this.names[thread];
  }

  /** Threads with a frame that is open at `seq`, the root's first. */
  at(history: History, seq: number): { readonly id: number; readonly name: string }[] {
    const ids = new Set([ROOT_THREAD, ...history.openFrames(seq).map((frame) => this.of(history, frame))]);
    const root = this.bundle.entries.get(this.bundle.root)?.graph?.name ?? "graph";
    return [...ids]
      .sort((a, b) => a - b)
      .map((id) => ({ id, name: id === ROOT_THREAD ? root : (this.names[id] ?? "") }));
  }

  /** The stack of a thread at `seq`, innermost first. */
  stack(history: History, thread: number, seq: number, stop: Stop | null): StackStep[] {
    if (stop?.reason === "end" && thread !== ROOT_THREAD) return [];
    const open = history.openFrames(seq);
    const own = open.filter((frame) => this.of(history, frame) === thread);
    // At the end no walk is open any more; the one that ended last still shows what it came to.
    const stopped =
      stop?.reason === "end" ? history.frames.get(stop.frame) : own.find((one) => one.frame === stop?.frame);
    const top = stopped ?? own.reduce<FrameHistory | undefined>((deepest, frame) => deeper(deepest, frame), undefined);
    if (top === undefined) return [];
    return framesAround(history, top).map((frame) => {
      const about = stop !== null && frame.frame === stop.frame ? stop.node : null;
      return { frame, node: about ?? history.visitAt(frame, seq)?.act.node ?? null };
    });
  }

  private isHead(history: History, frame: FrameHistory): boolean {
    const parent = parentOf(history, frame);
    if (parent === null || frame.parent === null) return false;
    const { node } = frame.parent;
    const graph = this.bundle.entries.get(parent.document)?.graph;
    return parallelKinds.has(graph?.nodes.find((one) => one.id === node)?.kind ?? "");
  }

  private number(frame: string): number {
    const known = this.byFrame.get(frame);
    if (known !== undefined) return known;
    const made = this.names.push(frame) - 1;
    this.byFrame.set(frame, made);
    return made;
  }
}

function deeper(a: FrameHistory | undefined, b: FrameHistory): FrameHistory {
  return a === undefined || b.depth >= a.depth ? b : a;
}
