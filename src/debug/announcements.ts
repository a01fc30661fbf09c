/** What the debug adapter tells a client of itself and of its session, in the protocol's words. Pure. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Outcome } from "../effects/events.ts";
import type { SessionEnd, SessionEvent, Stop } from "./session-types.ts";

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

/** What a dry run assumed where it cannot know, and how one says otherwise (spec/runtime.md §5). */
export function assumedText({ node, label }: Extract<SessionEvent, { type: "assumed" }>): string {
  const what = label === null ? "it runs" : label === "skip" ? "it is skipped" : `\`${label}\` is assumed`;
  return `${node}: nobody knows its condition in a dry run, so ${what}; to have it otherwise, step back to it and set what it reads (Inputs), or name the branch in \`assume\``;
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
  if (end.interrupted) return { text: "the run was stopped before it ended", failed, wanted: true };
  const passed = passedText(outcome);
  if (outcome.status === "failed" && outcome.error?.class === "cancelled")
    return { text: `the run was ${reason ?? "cancelled"}${passed}`, failed, wanted: true };
  const how = outcome.status === "timed_out" ? "timed out" : outcome.status;
  return { text: `the run ${how}${reason === null ? "" : `: ${reason}`}${passed}`, failed, wanted: !failed };
}

/** Most nodes that the end names. */
const MAX_NAMED = 5;

/** What a dry run passed over: branches that were assumed, and pauses (spec/runtime.md §5). */
function passedText(outcome: Outcome): string {
  if (outcome.status === "paused") return "";
  const { assumed = [], wouldPause = [] } = outcome;
  const named = (all: readonly string[]): string => {
    const nodes = [...new Set(all)];
    const more = nodes.length > MAX_NAMED ? ` and ${nodes.length - MAX_NAMED} more` : "";
    return `${nodes.slice(0, MAX_NAMED).join(", ")}${more}`;
  };
  return [
    ...(assumed.length === 0 ? [] : [`; branches were assumed at ${named(assumed)}`]),
    ...(wouldPause.length === 0 ? [] : [`; a live run would have waited for an answer at ${named(wouldPause)}`]),
  ].join("");
}
