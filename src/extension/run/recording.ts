/**
 * What a run looked like at any instant, for time travel on the canvas: its steps, and folds of them at some instants on
 * the way, so that an instant costs a few thousand steps at most (spec/editor.md §5).
 *
 * Boundary: knows nothing of VS Code. Memory is bounded: of runs with more than {@link MAX_KEPT} steps the earliest are
 * folded together, and instants before them are gone.
 */
import { emptyRun, foldSteps, type RunView } from "../../protocol/run-fold.ts";
import type { RunStep } from "../../protocol/run.ts";

/** Most steps that are kept one by one, and how many are left when that is too many. */
export const MAX_KEPT = 100_000;
const LEFT = 60_000;
/** Steps between two folds that are kept. */
const BETWEEN_FOLDS = 4_000;

/** A run after some of its steps. */
export interface Instant {
  /** How many steps had happened. */
  readonly next: number;
  readonly view: RunView;
  /** The last of them; null before the first, and where it is not kept. */
  readonly step: RunStep | null;
  /** Instants before this one are not kept. */
  readonly earliest: number;
}

/** See the header. */
export class Recording {
  private steps: RunStep[] = [];
  private first = 0;
  /** Folds in the order of their instants; the first is that of the earliest instant. */
  private folds: RunView[];

  constructor(runId: string) {
    this.folds = [emptyRun(runId)];
  }

  /** How many steps there are. */
  get length(): number {
    return this.first + this.steps.length;
  }

  /** The earliest instant that can be shown. */
  get earliest(): number {
    return this.first;
  }

  /** Takes the next step. */
  add(step: RunStep): void {
    this.steps.push(step);
    if (this.steps.length > MAX_KEPT) this.forget(LEFT);
  }

  /** Keeps the latest steps only. */
  forget(left: number): void {
    const first = Math.max(this.first, this.length - left);
    if (first === this.first) return;
    const base = this.viewAt(first);
    this.steps = this.steps.slice(first - this.first);
    this.first = first;
    this.folds = [base, ...this.folds.filter((fold) => fold.next > first)];
  }

  /** The run after `next` steps, or as near to it as is known. */
  at(next: number): Instant {
    const at = Math.min(this.length, Math.max(this.first, Math.trunc(next)));
    const step = this.steps[at - 1 - this.first] ?? null;
    return { next: at, view: this.viewAt(at), step, earliest: this.first };
  }

  private viewAt(next: number): RunView {
    let known = this.folds.length - 1;
    while (known > 0 && (this.folds[known] as RunView).next > next) known--;
    let view = this.folds[known] as RunView;
    while (view.next < next) {
      const to = Math.min(next, view.next + BETWEEN_FOLDS);
      const from = view.next;
      view = foldSteps(view, this.steps.slice(from - this.first, to - this.first));
      if (view.next === from) return view;
      if (view.next - from === BETWEEN_FOLDS) this.folds.splice(++known, 0, view);
    }
    return view;
  }
}
