/**
 * Which walks are open at an instant of a run, however many there have been.
 *
 * Boundary: pure. Invariants: changes come in order of `seq`; a question costs what it answers and at most
 * {@link BETWEEN_MARKS} changes more, not the length of the run.
 */
import { firstIndex } from "./sorted.ts";

/** After so many changes what is open is written down. */
const BETWEEN_MARKS = 256;

interface Change<F> {
  readonly seq: number;
  readonly frame: F;
  readonly opened: boolean;
}

/** See the header. */
export class OpenFrames<F> {
  private readonly now = new Set<F>();
  private readonly changes: Change<F>[] = [];
  /** What was open after each {@link BETWEEN_MARKS} changes. */
  private readonly marks: (readonly F[])[] = [];

  /** A walk was opened by the event `seq`. */
  opened(frame: F, seq: number): void {
    this.now.add(frame);
    this.changed({ seq, frame, opened: true });
  }

  /** A walk was ended by the event `seq`. */
  ended(frame: F, seq: number): void {
    this.now.delete(frame);
    this.changed({ seq, frame, opened: false });
  }

  /** Walks that are open after the event `seq`, in the order in which they were opened. */
  at(seq: number): F[] {
    const count = firstIndex(this.changes, (change) => change.seq > seq);
    if (count === this.changes.length) return [...this.now];
    const mark = Math.floor(count / BETWEEN_MARKS);
    const open = new Set(this.marks[mark - 1] ?? []);
    for (let at = mark * BETWEEN_MARKS; at < count; at++) {
      const { frame, opened } = this.changes[at] as Change<F>;
      if (opened) open.add(frame);
      else open.delete(frame);
    }
    return [...open];
  }

  private changed(change: Change<F>): void {
    this.changes.push(change);
    if (this.changes.length % BETWEEN_MARKS === 0) this.marks.push([...this.now]);
  }
}
