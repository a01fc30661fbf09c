/**
 * An earlier instant of the run that is shown: which one is wanted, and what it looked like as far as the host has said. The
 * page keeps no steps; it asks. Pure.
 *
 * Invariant: what is shown is always one whole instant, the last that was answered; a late answer changes nothing.
 */
import type { DebugToPage } from "../../src/protocol/debug.ts";
import { viewOf, type RunView } from "../../src/protocol/run-fold.ts";
import type { RunStep } from "../../src/protocol/run.ts";

/** See the header. Instants are counts of steps. */
export interface Past {
  readonly wanted: number;
  /** The instant that `view` shows; null before the first answer. */
  readonly shown: number | null;
  readonly view: RunView | null;
  /** The last step before it. */
  readonly step: RunStep | null;
  /** No earlier instant is kept. */
  readonly earliest: number;
}

/** Nothing has been answered. */
export const nothingYet: Past = { wanted: 0, shown: null, view: null, step: null, earliest: 0 };

/** The host has told of an instant. */
export function instantHeard(
  before: Past | null,
  run: RunView | null,
  message: Extract<DebugToPage, { type: "runAt" }>,
): Past | null {
  const { runId, next, earliest, asked, step } = message;
  if (run?.runId !== runId || message.run === null) return message.run === null && asked ? null : before;
  // One has gone back to the present meanwhile.
  if (asked && before === null) return null;
  const wanted = asked ? Math.max(before?.wanted ?? next, earliest) : next;
  return { wanted, shown: next, view: viewOf(message.run), step, earliest };
}

/** What the page draws of a run: the instant that is looked at, else its present. */
export function shownRun({ run, past }: { readonly run: RunView | null; readonly past: Past | null }): RunView | null {
  return past?.view ?? run;
}
