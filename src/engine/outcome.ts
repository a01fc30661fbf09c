/**
 * The outcome of a run as a fold of its state (spec/workflow.md §5.6, Decision D5).
 */
import type { Outcome } from "../effects/events.ts";
import type { Failure } from "../graph/failure.ts";
import type { Action } from "./plan.ts";
import type { RunState } from "./state.ts";

/** What a run that stopped for this reason came to. */
export function outcomeOf(state: RunState, why: Extract<Action, { type: "stop" }>["why"]): Outcome {
  const lastNode = state.rootLastEntered;
  const extra = {
    ...(state.assumed.length > 0 ? { assumed: [...new Set(state.assumed)] } : {}),
    ...(state.wouldPause.length > 0 ? { wouldPause: [...state.wouldPause] } : {}),
  };
  const failed = (error: Failure): Outcome => ({ status: "failed", reason: error.message, error, lastNode, ...extra });
  switch (why) {
    case "done":
      return { ...rootOutcome(state), ...extra };
    case "timed_out":
      return { status: "timed_out", elapsedMs: state.at - state.startedAt, lastNode, ...extra };
    case "cancelled": {
      const { by, reason } = state.cancelled ?? { by: "unknown", reason: null };
      return failed({ class: "cancelled", message: `cancelled by ${by}${reason === null ? "" : `: ${reason}`}` });
    }
    case "budget": {
      const over = state.overBudget;
      return failed({
        class: "budget",
        message:
          over === null ? "a budget was exceeded" : `budget.${over.budget} exceeded: ${over.used} / ${over.limit}`,
      });
    }
    case "paused": {
      const first = [...state.asked.values()][0];
      return {
        status: "paused",
        runId: state.started?.runId ?? "",
        lastNode: lastNode ?? "",
        reason: first?.request.reason ?? null,
      };
    }
    case "unapproved": {
      const first = [...state.asked.values()][0];
      const what = first === undefined ? "an approval" : `approval \`${first.request.id}\``;
      const message = `${what} is required and no state directory is configured in which the run could wait (set --state-dir)`;
      return { ...failed({ class: "approval", message }), needsApproval: true } as Outcome;
    }
  }
}

function rootOutcome(state: RunState): Outcome {
  const { root } = state;
  const lastNode = root?.lastNode ?? state.rootLastEntered;
  if (root === null || root.status !== "completed") {
    const reason = root?.reason ?? "workflow failed";
    return {
      status: "failed",
      reason,
      lastNode,
      ...(root !== null && root.failure !== null ? { error: root.failure } : {}),
    };
  }
  const reply = state.rootReply;
  return { status: "completed", finalValue: root.value, lastNode, ...(reply === null ? {} : { httpResponse: reply }) };
}
