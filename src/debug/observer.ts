/**
 * Somebody in the same process who follows a session beside its client: the canvas of an editor. Types only.
 *
 * Invariant: an observer sees what clients see, at the moment when it happens, and never throws; it holds nothing up.
 */
import type { JournalEvent } from "../effects/events.ts";
import type { Launched } from "./host.ts";
import type { DebugSession } from "./session.ts";
import type { SessionEvent } from "./session-types.ts";

/** See the header. */
export interface SessionObserver {
  /** The session is there; nothing has happened in it yet. */
  launched(launched: Launched, session: DebugSession): void;
  /** An event of the run, with secrets masked; the session's history holds it. */
  happened(event: JournalEvent): void;
  told(event: SessionEvent): void;
  /** Breakpoints of a file have come to stand where they are. */
  breakpointsPlaced(file: string): void;
  /** The session is gone, however that came. */
  closed(): void;
}

/** A breakpoint as a client asked for it, and what became of it. Lines from 1. */
export interface PlacedBreakpoint {
  readonly asked: number;
  /** Where it stands; the line that was asked for when it stands nowhere. */
  readonly line: number;
  readonly verified: boolean;
  /** Why it stands nowhere. */
  readonly message: string | null;
}
