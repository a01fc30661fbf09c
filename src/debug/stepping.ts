/**
 * When a run stops: for what a session was told to stop at, for breakpoints, and for steps of a walk (spec/editor.md §5).
 *
 * Boundary: pure; a step of the runner, or one of the past as the runner would have taken it.
 */
import type { JournalEvent } from "../effects/events.ts";
import type { ControlStep } from "../engine/runner.ts";
import { isWithin } from "./look.ts";
import type { Filters, Mode, StopReason } from "./session-types.ts";

/** What has happened that stops the run at its next step, and in which words. */
export interface Pending {
  readonly reason: "failure" | "decision";
  readonly text: string;
}

/** What counts besides the step itself. */
export interface Standing {
  readonly pending: Pending | null;
  /** Breakpoints that are hit. */
  readonly hits: readonly number[];
  /** Nothing has been entered yet. */
  readonly isFirst: boolean;
}

/** Why a session that goes on in this mode stops before this step; null where it does not. */
export function stopReason(step: ControlStep, mode: Mode, standing: Standing): StopReason | null {
  if (standing.pending !== null) return standing.pending.reason;
  if (standing.hits.length > 0) return "breakpoint";
  if (step.type !== "enter") return null;
  switch (mode.how) {
    case "run":
      return null;
    case "pause":
      return standing.isFirst ? "entry" : "pause";
    case "in":
      return "step";
    case "over":
      return isWithin(mode.frame, step.frame) && !isRetryOf(mode, step) ? "step" : null;
    case "out":
      return mode.frame !== step.frame && isWithin(mode.frame, step.frame) ? "step" : null;
    case "to":
      return mode.frame === step.frame && mode.node === step.node ? "goto" : null;
  }
}

/** A retry of the node that is stepped over is part of it. */
function isRetryOf(
  mode: Extract<Mode, { how: "over" | "out" }>,
  step: Extract<ControlStep, { type: "enter" }>,
): boolean {
  return step.attempt > 1 && step.frame === mode.frame && step.node === mode.node && step.visit === mode.visit;
}

/** What an event of the run asks to stop for, by the session's filters; null for nothing. */
export function pendingFor(event: JournalEvent, filters: Filters): Pending | null {
  if (event.type === "node.failed" && filters.failures && event.then !== "retry")
    return { reason: "failure", text: `${event.node}: ${event.failure.message}` };
  if (!filters.decisions) return null;
  if (event.type === "provision.decided" && event.decision !== "Allow")
    return { reason: "decision", text: `${event.name}: ${event.decision}. ${event.reason}` };
  if (event.type !== "effect.decided") return null;
  const stops = event.decision !== "Allow" && event.decision !== "DryRunOnly";
  const live = event.live !== undefined && event.live.decision !== "Allow";
  if (!stops && !live) return null;
  const said = live ? `live: ${event.live?.decision ?? ""} (${event.live?.code ?? ""})` : event.decision;
  return { reason: "decision", text: `${event.act.node}: ${said}. ${event.reason}` };
}

/** What an event says was decided by assumption (spec/runtime.md §5); null for nothing. `label` null: the node runs. */
export function assumptionIn(
  event: JournalEvent,
): { readonly frame: string; readonly node: string; readonly label: string | null } | null {
  if (event.type !== "node.entered" && event.type !== "node.ended") return null;
  if (event.assumed !== true) return null;
  const { frame, node } = event;
  return { frame, node, label: event.type === "node.entered" ? null : (event.label ?? event.outcome) };
}

/** Where a step is. */
export function placeOf(step: ControlStep): { readonly frame: string; readonly node: string } {
  if (step.type === "enter") return { frame: step.frame, node: step.node };
  if (step.type === "finish") return { frame: step.frame, node: step.lastNode ?? "" };
  return step.activation.act;
}
