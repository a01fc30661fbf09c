/**
 * One run under the hand of a session: begun, held before a step, let go, left or ended. It drives the runner through the
 * control seam only.
 *
 * Invariants: while it is held its clock stands still; of a run that was left nothing is heard any more.
 */
import type { JournalEvent } from "../effects/events.ts";
import type { ControlStep } from "../engine/runner.ts";
import { HeldClock } from "./clock.ts";
import type { Prefix, SessionEnd, SessionSettings, Stop } from "./session-types.ts";

/** What hears a run. */
export interface RunListener {
  /** The runner's pause point. */
  readonly before: (step: ControlStep) => void | Promise<void>;
  readonly happened: (event: JournalEvent) => void;
  readonly ended: (end: SessionEnd) => void;
}

/** Why a run is ended from outside: `stop` leaves it so that it can be resumed. */
export interface EndReason {
  readonly how: "cancel" | "stop";
  readonly by: string;
  readonly reason: string;
}

/** See the header. */
export class HeldRun {
  private readonly abort = new AbortController();
  private clock: HeldClock | null = null;
  private held: { readonly stop: Stop; readonly release: () => void } | null = null;
  private running: Promise<void> = Promise.resolve();
  private isLeft = false;

  /** Where it is held; null while it goes on, and when it is over. */
  get stop(): Stop | null {
    return this.held?.stop ?? null;
  }

  /** Settles when the run has ended and its listener knows; at once for one that was not begun. */
  get done(): Promise<void> {
    return this.running;
  }

  /** Begins it. `prefix`: what a fork goes on from. */
  begin(begin: SessionSettings["begin"], prefix: Prefix | null, listener: RunListener): void {
    this.running = begin({
      control: { before: (step) => (this.isLeft ? undefined : listener.before(step)), signal: this.abort.signal },
      clock: (real) => (this.clock = new HeldClock(real, prefix?.at ?? null)),
      onEvent: (event) => {
        if (!this.isLeft) listener.happened(event);
      },
      prefix,
    }).then((end) => {
      if (this.isLeft) return;
      this.held = null;
      listener.ended(end);
    });
  }

  /** Holds it at the runner's pause point until it is let go. `told` is called once it is held. */
  hold(stop: Stop, told: () => void): Promise<void> {
    this.clock?.hold();
    return new Promise((resolve) => {
      this.held = { stop, release: resolve };
      told();
    });
  }

  /** Lets it go on. */
  letGo(): void {
    const { held } = this;
    this.held = null;
    this.clock?.release();
    held?.release();
  }

  /** Ends it; what is under way finishes, and {@link done} says when. */
  end(why: EndReason): void {
    this.abort.abort(why);
    this.letGo();
  }

  /** Ends it, and hears nothing of it any more. */
  leave(why: EndReason): void {
    this.isLeft = true;
    this.end(why);
  }
}
