/**
 * Work under way: what must not be started twice, how it is told to stop, and how long it may take to do so.
 *
 * Invariant: whoever waits here waits a bounded time once the work was told to stop. Work that does not end by then
 * is abandoned: the run goes on without it, and what it still finds out is not journalled any more.
 */
import type { Clock } from "../effects/seam.ts";

/** How long aborted work may take to end, in milliseconds. */
export const ABORT_GRACE_MS = 10_000;

/** All asynchronous work of one run. */
export class InFlight {
  /** Keys of what is under way. */
  readonly keys = new Set<string>();
  /** Aborted work did not end in time; nothing of it may be journalled. */
  abandoned = false;
  private readonly controllers = new Set<AbortController>();
  private spare: AbortController | null = null;
  private wake: (() => void) | null = null;
  private cancelGrace: (() => void) | null = null;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs work under a key; `failed` gets what it throws, which is a bug. */
  start(key: string, work: () => Promise<void>, failed: (problem: unknown) => void): void {
    this.keys.add(key);
    void work()
      .catch(failed)
      .then(() => {
        this.keys.delete(key);
        this.notify();
      });
  }

  /** A signal for one piece of work, aborted when the run ends early. */
  abortable(): AbortController {
    const controller = this.spare ?? new AbortController();
    this.spare = null;
    this.controllers.add(controller);
    return controller;
  }

  /** Makes the next signal ahead, which takes a moment, while there is something else to wait for. */
  prepareAbortable(): void {
    if (this.spare !== null) return;
    this.spare = new AbortController();
    // A controller makes its signal when it is first asked for it.
    void this.spare.signal;
  }

  /** The work of this signal has ended. */
  released(controller: AbortController): void {
    this.controllers.delete(controller);
  }

  /** Tells all work to stop, and stops waiting for it after {@link ABORT_GRACE_MS}. */
  abort(why: "timeout" | "cancelled"): void {
    this.cancelGrace ??= this.clock.timer(this.clock.now() + ABORT_GRACE_MS, () => {
      this.abandoned = true;
      this.keys.clear();
      this.notify();
    });
    for (const controller of this.controllers) controller.abort(why);
    this.notify();
  }

  /** Returns when some work has ended or {@link InFlight.notify} was called. */
  completion(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Wakes whoever waits for a completion. */
  notify(): void {
    const wake = this.wake;
    this.wake = null;
    wake?.();
  }

  /** Nobody waits any more. */
  end(): void {
    this.cancelGrace?.();
  }
}
