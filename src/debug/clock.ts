/**
 * A clock that stands still while a run is held (spec/editor.md §5): deadlines and back-offs go on where they stopped.
 *
 * Invariant: between `hold` and `release`, `now` does not move and no timer wakes; a timer wakes once, at or after its
 * time as this clock tells it.
 */
import type { Clock } from "../effects/seam.ts";

interface Waiting {
  readonly at: number;
  readonly wake: () => void;
  cancel: () => void;
}

/** See the header. */
export class HeldClock implements Clock {
  private readonly inner: Clock;
  private readonly waiting = new Set<Waiting>();
  /** Milliseconds for which it has stood still so far. */
  private behind: number;
  private heldAt: number | null = null;

  /** `from`: the time it begins with, when a run goes on from an instant of another; null for that of `inner`. */
  constructor(inner: Clock, from: number | null = null) {
    this.inner = inner;
    this.behind = from === null ? 0 : inner.now() - from;
  }

  now(): number {
    return (this.heldAt ?? this.inner.now()) - this.behind;
  }

  /** Stands still from now on. */
  hold(): void {
    if (this.heldAt !== null) return;
    this.heldAt = this.inner.now();
    for (const one of this.waiting) one.cancel();
  }

  /** Goes on. */
  release(): void {
    if (this.heldAt === null) return;
    this.behind += this.inner.now() - this.heldAt;
    this.heldAt = null;
    for (const one of this.waiting) this.arm(one);
  }

  timer(at: number, wake: () => void): () => void {
    const one: Waiting = { at, wake, cancel: () => undefined };
    this.waiting.add(one);
    if (this.heldAt === null) this.arm(one);
    return () => {
      this.waiting.delete(one);
      one.cancel();
    };
  }

  breathe(): Promise<void> {
    return this.inner.breathe();
  }

  private arm(one: Waiting): void {
    one.cancel = this.inner.timer(one.at + this.behind, () => {
      this.waiting.delete(one);
      one.wake();
    });
  }
}
