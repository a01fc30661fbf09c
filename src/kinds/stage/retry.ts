/** When a stage's POST is tried again, and after how long (spec/pipeline.md §2). */
import type { StageDefaults } from "../../effects/handler.ts";
import type { Failure } from "../../graph/failure.ts";
import { isObject, member, type Value } from "../../graph/value.ts";

/** The longest wait of our own; a server may ask for more. */
export const MAX_BACKOFF_MS = 30_000;
/** The longest wait that is granted to a server's `Retry-After`. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** A wait between tries: `jitter` is the random share of `ms`. */
export interface Backoff {
  readonly ms: number;
  readonly jitter: number;
}

/** 408, 425, 429 and 5xx. */
export function retryableStatus(status: bigint): boolean {
  return status === 408n || status === 425n || status === 429n || (status >= 500n && status <= 599n);
}

/** Connection errors and time-outs of one exchange; never a denial, an exchange in doubt or a spent budget. */
export function retryableFailure(failure: Failure): boolean {
  return failure.class === "tool" || failure.class === "io" || failure.class === "timeout";
}

/** The wait before retry `n` (from 1): doubling from the base, full jitter, or what the server asked for. */
export function backoff(settings: StageDefaults, n: number, headers: Value): Backoff {
  const asked = retryAfterMs(headers);
  if (asked !== null) return { ms: asked, jitter: 0 };
  return { ms: Math.min(settings.retryBaseMs * 2 ** (n - 1), MAX_BACKOFF_MS), jitter: 1 };
}

/**
 * Milliseconds that `Retry-After` asks for; null without a usable one. A date counts from the reply's own `Date`,
 * which needs no clock and no agreement between clocks (RFC 9110 §10.2.3).
 */
export function retryAfterMs(headers: Value): number | null {
  const value = header(headers, "retry-after")?.trim();
  if (value === undefined) return null;
  if (/^[0-9]+$/.test(value)) return Math.min(Number(value) * 1000, MAX_RETRY_AFTER_MS);
  const until = Date.parse(value);
  const now = Date.parse(header(headers, "date") ?? "");
  if (Number.isNaN(until) || Number.isNaN(now)) return null;
  return Math.min(Math.max(until - now, 0), MAX_RETRY_AFTER_MS);
}

function header(headers: Value, name: string): string | undefined {
  const value = isObject(headers) ? member(headers, name) : undefined;
  return typeof value === "string" ? value : undefined;
}
