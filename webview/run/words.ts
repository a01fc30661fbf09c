/** What the page says about runs. */
import type { NodeRun, RunEnd, TimelineRow } from "../../src/protocol/run.ts";
import type { RunView } from "../../src/protocol/run-fold.ts";

const states: Readonly<Record<NodeRun["state"], string>> = {
  running: "running",
  retrying: "waiting to try again",
  paused: "waiting for an answer",
  done: "done",
  failed: "failed",
  skipped: "skipped",
  stopped: "stopped",
};

const decisions: Readonly<Record<string, string>> = {
  Allow: "allowed",
  DryRunOnly: "dry runs only",
  RequireApproval: "needs approval",
  Deny: "denied",
};

const answeredBy: Readonly<Record<string, string>> = {
  dry: "not done: a dry run's placeholder",
  mock: "answered by a mock",
  record: "answered from an earlier run",
};

/** Labels and sentences. */
export const runWords = {
  run: "Run",
  dryRun: "Dry run",
  cancel: "Cancel the run",
  resume: "Resume",
  review: "Review",
  reviewHint: "Open what the run asks, and answer it",
  resumeHint: "Go on where the run was cut, with the documents it began with",
  timeline: "Show or hide the timeline",
  timelineTitle: "Timeline",
  close: "Close the timeline",
  dismiss: "Clear the run from the graph",
  earlier: (count: number): string => `${count} earlier steps are not shown.`,
  what: (run: RunView): string => (run.dry === "no" ? "Run" : "Dry run"),
  state: (state: NodeRun["state"]): string => states[state],
  /** What a row shows by its icon alone. */
  row: (row: TimelineRow): string => `${states[row.state]}${row.attempt > 1 ? `, attempt ${row.attempt}` : ""}:`,
  assumed: "assumed",
} as const;

/** A time for people: `12 ms`, `1.2 s`, `2 min 5 s`. */
export function time(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** How the run stands, as a sentence; it changes a few times in a run, so it can be announced. */
export function standing(run: RunView): string {
  const what = runWords.what(run);
  if (run.ended !== null) return endOf(what, run.ended, run.now);
  const [first] = run.asked;
  if (first !== undefined) return `${what} waits for an answer${first.reason === null ? "" : `: ${first.reason}`}`;
  return `${what} under way${run.environment === "" ? "" : ` in ${run.environment}`}`;
}

function endOf(what: string, end: RunEnd, ms: number): string {
  const why = end.reason === null || end.reason === "" ? "" : `: ${end.reason}`;
  const at = end.last === null ? "" : ` at ${end.last}`;
  switch (end.status) {
    case "completed": {
      const assumed = end.assumed.length === 0 ? "" : `; assumed: ${end.assumed.join(", ")}`;
      const passed = end.wouldPause.length === 0 ? "" : `; it would wait for approval at ${end.wouldPause.join(", ")}`;
      return `${what} completed in ${time(ms)}${assumed}${passed}`;
    }
    case "failed":
      return `${what} failed${at} after ${time(ms)}${why}`;
    case "timed_out":
      return `${what} timed out${at} after ${time(ms)}${why}`;
    case "paused":
      return `${what} is paused${at} and waits for ${end.waitsFor.map(({ id }) => id).join(", ")}${why}`;
    case "cancelled":
      return `${what} was cancelled${at}`;
    case "stopped":
      return `${what} was interrupted${at} and can be resumed`;
  }
}

/** All that is known of a node in the run, for whoever points at it. */
export function nodeText(run: NodeRun): string {
  const { decision } = run;
  const live = decision?.live ?? null;
  const lines = [
    `${states[run.state]}${run.visits > 1 ? `, ${run.visits} visits` : ""}, ${time(run.ms)}`,
    run.attempt > 1 ? `attempt ${run.attempt}` : null,
    run.label === null ? null : `branch ${run.label}${run.assumed ? " (assumed)" : ""}`,
    run.children.opened === 0 ? null : `${run.children.ended} of ${run.children.opened} children ended`,
    decision === null ? null : `${decisions[decision.decision] ?? decision.decision} (${decision.code})`,
    live === null ? null : `for real: ${decisions[live.decision] ?? live.decision} (${live.code})`,
    run.by === null ? null : (answeredBy[run.by] ?? null),
    run.message,
    run.preview === "" ? null : run.preview,
  ];
  return lines.filter((one) => one !== null).join("\n");
}
