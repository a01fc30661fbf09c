/**
 * What a debugging session says, is told and needs (spec/editor.md §5): why a run stands still, how it ended, and how it
 * is begun. Types only.
 */
import type { Bundle } from "../dialects/bundle.ts";
import type { JournalEvent, Outcome, RunEvent } from "../effects/events.ts";
import type { Clock } from "../effects/seam.ts";
import type { Control } from "../engine/runner.ts";

/** Why the run stands still. */
export type StopReason =
  | "entry"
  | "step"
  | "breakpoint"
  | "pause"
  | "goto"
  | "failure"
  | "decision"
  /** The run is over; one can still look back. */
  | "end"
  | "end of recording"
  | "start of recording";

/** Where and why the run stands still. */
export interface Stop {
  readonly reason: StopReason;
  /** The frame that stopped; all others stand still too. */
  readonly frame: string;
  /** The node that is about to be entered; null where a frame is about to end. */
  readonly node: string | null;
  /** Everything up to this `seq` has happened. */
  readonly seq: number;
  readonly breakpoints: readonly number[];
  /** What failed or was decided, as a sentence. */
  readonly text: string | null;
}

/** What a session tells. */
export type SessionEvent =
  | { readonly type: "stopped"; readonly stop: Stop }
  | { readonly type: "continued" }
  | {
      readonly type: "logged";
      readonly text: string;
      readonly breakpoint: number;
      readonly frame: string;
      readonly node: string | null;
    }
  | { readonly type: "forked"; readonly at: number }
  /** While one steps: what a dry run does not know was decided by assumption, once for each node. */
  | {
      readonly type: "assumed";
      readonly frame: string;
      readonly node: string;
      /** The branch; null for a step that runs. */
      readonly label: string | null;
    }
  /** The run came to its end; the session may stay, so that one can look back. */
  | { readonly type: "finished"; readonly end: SessionEnd }
  /** The session is over. */
  | { readonly type: "ended"; readonly end: SessionEnd };

/** How the run came out; `problem` when it could not begin or go on. `notes`: sentences about what is not the run's own. */
export type SessionEnd =
  | {
      readonly ok: true;
      readonly outcome: Outcome;
      readonly interrupted: boolean;
      readonly notes?: readonly string[];
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Where a fork goes on: after the event `seq` of the run before it, with these events put behind. Named by number,
 * because the history holds masked values and the run needs its own.
 */
export interface Prefix {
  readonly seq: number;
  /** When that event happened, as the run's clock told it: the fork's clock goes on from there. */
  readonly at: number;
  readonly then: readonly RunEvent[];
}

/** Begins or goes on with the run; the composition root fills it. Never rejects. */
export interface RunBegin {
  readonly control: Control;
  readonly clock: (real: Clock) => Clock;
  readonly onEvent: (event: JournalEvent) => void;
  /** null: from the start. Only dry runs are ever begun with a prefix. */
  readonly prefix: Prefix | null;
}

/** What a session is about. */
export interface SessionSettings {
  readonly bundle: Bundle;
  /** False: a live run. */
  readonly dry: boolean;
  readonly stopOnEntry: boolean;
  /** A run that has entered anything is still looked at when it is over; going on ends the session. */
  readonly stopOnEnd: boolean;
  readonly begin: (begin: RunBegin) => Promise<SessionEnd>;
  readonly tell: (event: SessionEvent) => void;
  /** Journals in a dry run which instant is looked at (spec/runtime.md §6). */
  readonly moved?: (to: number) => void;
  /** Hears every event of the run, once the history holds it. */
  readonly happened?: (event: JournalEvent) => void;
}

/** What is to stop besides breakpoints. */
export interface Filters {
  /** A node fails for good, with or without a branch for it. */
  readonly failures: boolean;
  /** An effect is decided otherwise than Allow, for real or as it would be live. */
  readonly decisions: boolean;
}

/** What lets a session go on, and up to where. */
export type Mode =
  | { readonly how: "run" }
  | { readonly how: "pause" }
  | { readonly how: "in" }
  | { readonly how: "over" | "out"; readonly frame: string; readonly node: string | null; readonly visit: number }
  | { readonly how: "to"; readonly frame: string; readonly node: string };
