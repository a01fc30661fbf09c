/**
 * What an abort of a run means for an effect in flight (spec/runtime.md, contract of Performer.perform).
 */
import { failure, type Failure } from "../../graph/failure.ts";

/**
 * The failure of an effect that was ended by `signal`: the signal's reason when that is a failure of class
 * `timeout`, `cancelled` or `budget`; class `timeout` for the reason "timeout" or a `TimeoutError`; else `cancelled`.
 */
export function abortFailure(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason;
  if (isFailure(reason)) return reason;
  if (reason === "timeout" || (reason instanceof Error && reason.name === "TimeoutError")) {
    return failure("timeout", "timeout: the run's deadline passed while the effect was under way");
  }
  return failure("cancelled", "the run was cancelled while the effect was under way");
}

function isFailure(reason: unknown): reason is Failure {
  if (typeof reason !== "object" || reason === null || !("class" in reason) || !("message" in reason)) return false;
  return (
    typeof reason.message === "string" &&
    (reason.class === "timeout" || reason.class === "cancelled" || reason.class === "budget")
  );
}
