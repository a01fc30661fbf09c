/** What the debug adapter tells a client of itself and of its session, in the protocol's words. Pure. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { SessionEnd, Stop } from "./session-types.ts";

/** Exception filters, as clients show them. */
const filters: readonly DebugProtocol.ExceptionBreakpointsFilter[] = [
  { filter: "failures", label: "Failures", description: "A node fails for good", default: true },
  { filter: "decisions", label: "Decisions other than Allow", description: "Policy would stop or question an effect" },
];

/** What this adapter can do. */
export const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsSetVariable: true,
  supportsRestartFrame: true,
  supportsGotoTargetsRequest: true,
  supportsTerminateRequest: true,
  exceptionBreakpointFilters: [...filters],
};

const reasons: Readonly<Record<Stop["reason"], string>> = {
  entry: "entry",
  step: "step",
  breakpoint: "breakpoint",
  pause: "pause",
  goto: "goto",
  failure: "exception",
  decision: "exception",
  end: "pause",
  "end of recording": "step",
  "start of recording": "step",
};

/** The body of a `stopped` event. `end`: how the run came out, when it is over. */
export function stoppedBody(stop: Stop, threadId: number, end: SessionEnd | null): object {
  const description =
    stop.reason === "end" && end !== null
      ? endText(end).text
      : (stop.text ?? (stop.reason.includes("recording") ? stop.reason : undefined));
  return {
    reason: reasons[stop.reason],
    threadId,
    allThreadsStopped: true,
    ...(description === undefined ? {} : { description, text: description }),
    ...(stop.breakpoints.length === 0 ? {} : { hitBreakpointIds: stop.breakpoints }),
  };
}

/** How a session ended: a sentence, whether that is a failure, and whether it is what the user asked for. */
export function endText(end: SessionEnd): {
  readonly text: string;
  readonly failed: boolean;
  readonly wanted: boolean;
} {
  if (!end.ok) return { text: `${end.message} [${end.code}]`, failed: true, wanted: false };
  const { outcome } = end;
  const reason = "reason" in outcome ? outcome.reason : null;
  const failed = outcome.status !== "completed" && outcome.status !== "paused";
  if (outcome.status === "failed" && outcome.error?.class === "cancelled")
    return { text: `the run was ${reason ?? "cancelled"}`, failed, wanted: true };
  return { text: `the run ${outcome.status}${reason === null ? "" : `: ${reason}`}`, failed, wanted: !failed };
}
