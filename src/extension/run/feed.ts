/**
 * Steps of runs on their way to pages (spec/editor.md §3): batches that a page acknowledges once it has drawn them, so
 * that it is never sent more than it can show in a frame, and a fold plus tail for a page that was hidden or is new.
 *
 * Boundary: knows nothing of VS Code; messages go out by a function. Memory is bounded: a log keeps its fold and the
 * latest steps only.
 */
import { emptyRun, foldSteps, snapshotOf, type RunView } from "../../protocol/run-fold.ts";
import type { RunStep } from "../../protocol/run.ts";
import type { ToPage } from "../../protocol/webview.ts";
import { Recording } from "./recording.ts";

/** Most steps that a log keeps beside its fold, and most in one batch. */
export const MAX_TAIL = 4_000;
export const MAX_BATCH = 1_000;

/** What a feed says. */
export type RunMessage = Extract<ToPage, { type: "run" | "runView" }>;

/** All of one run, as far as it has come. */
export class RunLog {
  readonly runId: string;
  /** Its instants, for time travel. */
  readonly recording: Recording;
  private folded: RunView;
  /** The latest steps without gaps; those from `unfolded` on are not in the fold yet. */
  private tail: RunStep[] = [];
  private first = 0;

  constructor(runId: string) {
    this.runId = runId;
    this.recording = new Recording(runId);
    this.folded = emptyRun(runId);
  }

  /** The step that comes next. */
  get next(): number {
    return this.first + this.tail.length;
  }

  /** Takes the next step. */
  add(step: RunStep): void {
    this.recording.add(step);
    this.tail.push(step);
    if (this.tail.length < 2 * MAX_TAIL) return;
    this.folded = this.view();
    const surplus = this.tail.length - MAX_TAIL;
    this.tail = this.tail.slice(surplus);
    this.first += surplus;
  }

  /** Everything so far, folded. */
  view(): RunView {
    this.folded = foldSteps(this.folded, this.tail.slice(Math.max(0, this.folded.next - this.first)));
    return this.folded;
  }

  /** At most `most` steps from `next` on; null when they are not kept any more. */
  since(next: number, most: number): readonly RunStep[] | null {
    if (next < this.first || next > this.next) return null;
    return this.tail.slice(next - this.first, next - this.first + most);
  }
}

/** One page that follows one run. */
export class Feed {
  readonly log: RunLog;
  private readonly send: (message: RunMessage) => void;
  /** What the page has; null: nothing yet. */
  private at: number | null = null;
  /** What the page will have when it has drawn what it was sent; null when nothing is on its way. */
  private awaited: number | null = null;

  constructor(log: RunLog, send: (message: RunMessage) => void) {
    this.log = log;
    this.send = send;
  }

  /** Sends what there is, unless the page is still busy with what it has. */
  pump(): void {
    if (this.awaited !== null) return;
    const steps = this.at === null ? null : this.log.since(this.at, MAX_BATCH);
    if (this.at === null || steps === null) {
      const view = this.log.view();
      this.awaited = view.next;
      this.send({ type: "runView", run: snapshotOf(view) });
    } else if (steps.length > 0) {
      this.awaited = this.at + steps.length;
      this.send({ type: "run", runId: this.log.runId, fromSeq: this.at, steps: [...steps] });
    }
  }

  /** The page has drawn everything before `next`. Anything but what is awaited is late and says nothing. */
  acknowledged(next: number): void {
    if (next !== this.awaited) return;
    this.at = next;
    this.awaited = null;
    this.pump();
  }

  /** The page is a new one, or it lost what it was sent. */
  restart(): void {
    this.at = null;
    this.awaited = null;
    this.pump();
  }
}
