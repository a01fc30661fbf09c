/** How a run came out, in the words of views. */
import type { Outcome } from "../../effects/events.ts";
import type { RunState } from "../../engine/state.ts";
import type { Value } from "../../graph/value.ts";
import type { RunEnd } from "../../protocol/run.ts";

/** An end, with the value of a run that completed. */
export interface ToldEnd {
  readonly end: RunEnd;
  readonly value: Value | null;
}

/** A run that was cut: it can be resumed. */
export function stoppedEnd(last: string | null): ToldEnd {
  return { end: { ...nothing, status: "stopped", reason: null, last }, value: null };
}

/** A run that could not be kept any more. */
export function failedEnd(reason: string, last: string | null): ToldEnd {
  return { end: { ...nothing, status: "failed", reason, last }, value: null };
}

/** The end that an outcome tells; `mask` is put over its texts. `asked`: what a paused run waits for. */
export function toldEnd(outcome: Outcome, asked: RunState["asked"], mask: (text: string) => string): ToldEnd {
  const last = outcome.lastNode;
  const because = (text: string | null): string | null => (text === null ? null : mask(text));
  if (outcome.status === "paused") {
    const waitsFor = [...asked].map(([id, { request }]) => ({ id, reason: because(request.reason) }));
    return { end: { ...nothing, status: "paused", reason: because(outcome.reason), last, waitsFor }, value: null };
  }
  const told = { ...nothing, last, assumed: [...(outcome.assumed ?? [])], wouldPause: [...(outcome.wouldPause ?? [])] };
  switch (outcome.status) {
    case "completed":
      return { end: { ...told, status: "completed", reason: null }, value: outcome.finalValue };
    case "timed_out":
      return { end: { ...told, status: "timed_out", reason: "the time for the run is over" }, value: null };
    case "failed": {
      const cancelled = outcome.error?.class === "cancelled";
      return {
        end: { ...told, status: cancelled ? "cancelled" : "failed", reason: mask(outcome.reason) },
        value: null,
      };
    }
  }
}

const nothing = { waitsFor: [], assumed: [], wouldPause: [], preview: "" };
