/** How skills and their retries use child frames (spec/skill-graph.md §2.9, Decision R6). */
import { wait, type FrameResult, type Request, type Response } from "../../effects/handler.ts";
import type { Failure } from "../../graph/failure.ts";

/** `retry` as a skill declares it for itself. */
export interface SkillRetry {
  readonly max_attempts?: number | undefined;
  readonly backoff_ms?: number | undefined;
}

/** Attempts until one succeeds, as the skill's own retry says; the wait before retry n is `backoff_ms × n`. */
export function* attempts<T extends { readonly failure: Failure | null }>(
  retry: SkillRetry | undefined,
  once: () => Generator<Request, T, Response>,
): Generator<Request, T, Response> {
  const most = retry?.max_attempts ?? 1;
  for (let attempt = 1; ; attempt++) {
    const got = yield* once();
    if (got.failure === null || attempt >= most || !repeatable(got.failure)) return got;
    const ms = (retry?.backoff_ms ?? 0) * attempt;
    if (ms > 0) yield* wait(ms, 0);
  }
}

/** Refusals are answers, not faults: another attempt would get the same one. */
function repeatable(failure: Failure): boolean {
  return failure.class === "tool" || failure.class === "io" || failure.class === "timeout" || failure.class === "mcp";
}

/** The failure of a child frame; null when it completed. */
export function frameFailure(result: FrameResult): Failure | null {
  switch (result.status) {
    case "completed":
      return null;
    case "failed":
      return { class: "tool", message: result.reason };
    case "timed_out":
      return { class: "timeout", message: "the skill timed out" };
    case "error":
      return result.failure;
  }
}
