/**
 * What follows a hard error: another attempt, the branch `error`, or the end (spec/workflow.md §6 with Decisions
 * D4 and D6). Pure; the random share of a wait is given.
 */
import { durationText, type Failure, type FailureClass } from "../graph/failure.ts";
import type { Node, Retry } from "../graph/model.ts";

const transient: ReadonlySet<FailureClass> = new Set(["tool", "intelligence", "mcp"]);
const anyRetryable: ReadonlySet<FailureClass> = new Set([...transient, "io", "json"]);
/** `on_error = "branch"` never catches these (D6, runtime.md §7). */
const neverBranch: ReadonlySet<FailureClass> = new Set(["policy", "approval", "cancelled"]);

export type AfterFailure =
  { readonly then: "retry"; readonly wakeAt: number } | { readonly then: "branch" | "stop"; readonly failure: Failure };

/** Decides what follows the failure of attempt number `attempt`. `random` is in [0, 1). */
export function afterFailure(
  node: Node,
  retryable: boolean,
  failure: Failure,
  attempt: number,
  time: { readonly now: number; readonly deadline: number },
  random: () => number,
): AfterFailure {
  const { retry } = node;
  if (retry !== null && retryable && attempt < retry.maxAttempts && isRetried(retry, failure)) {
    const wait = retryWait(retry, attempt, random);
    if (time.now + wait <= time.deadline) return { then: "retry", wakeAt: time.now + wait };
    return { then: "stop", failure: { class: "timeout", message: `timeout after ${durationText(wait)}` } };
  }
  return { then: node.onError === "branch" && !neverBranch.has(failure.class) ? "branch" : "stop", failure };
}

function isRetried(retry: Retry, failure: Failure): boolean {
  return (retry.on === "transient" ? transient : anyRetryable).has(failure.class);
}

/** `backoff × attempt`, times a random factor in [1 − j, 1 + j]; whole milliseconds. */
export function retryWait(retry: Retry, attempt: number, random: () => number): number {
  const wait = retry.backoffMs * attempt;
  const jitter = Math.min(Math.max(retry.jitter, 0), 0.5);
  return jitter === 0 ? wait : Math.round(wait * (1 - jitter + 2 * jitter * random()));
}
