/**
 * Fetching trusted keys from the control plane (spec/pipeline.md §6): one GET, five seconds, no redirects, a bounded
 * answer. What the answer means, and where it is kept, is the caller's business.
 *
 * Invariant: the API key goes into one header of one request and into no message.
 */
import { refuse, type KeyResult } from "./problem.ts";

/** Where keys are fetched. */
export interface ControlPlane {
  /** Absolute; https, except on a loopback address. */
  readonly baseUrl: string;
  /** Path below it, beginning with a slash. */
  readonly path: string;
  readonly agentId: string;
  readonly apiKey: string;
}

/** Longest time for the whole exchange, in milliseconds. */
export const REFRESH_TIMEOUT_MS = 5000;

/** The bytes of the key set as the control plane has it; every failure is `keys.refresh_failed`. */
export async function fetchKeySet(
  plane: ControlPlane,
  most: number,
  timeoutMs: number = REFRESH_TIMEOUT_MS,
): Promise<KeyResult<Uint8Array>> {
  const failed = (why: string) =>
    refuse("keys.refresh_failed", `trusted keys could not be fetched from ${originOf(plane.baseUrl)}: ${why}`);
  const url = keySetUrl(plane);
  if (url === null) return failed("the address must be https, except on a loopback address");
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const reply = await fetch(url, {
      redirect: "error",
      signal,
      headers: { accept: "application/json", authorization: `Bearer ${plane.apiKey}`, "x-agent-id": plane.agentId },
    });
    if (reply.status !== 200) {
      await reply.body?.cancel();
      return failed(`the server answered ${reply.status}`);
    }
    const parts: Uint8Array[] = [];
    let size = 0;
    // Leaving the loop early ends the exchange.
    for await (const part of (reply.body ?? []) as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > most) return failed(`the answer is larger than ${most} bytes`);
      parts.push(part);
    }
    return { ok: true, value: new Uint8Array(Buffer.concat(parts)) };
  } catch (error) {
    return failed(signal.aborted ? `no answer within ${timeoutMs / 1000} s` : causeOf(error));
  }
}

/** The address that is asked; null when it may not be. */
export function keySetUrl(plane: Pick<ControlPlane, "baseUrl" | "path">): URL | null {
  if (!URL.canParse(plane.baseUrl)) return null;
  const url = new URL(plane.baseUrl);
  const before = url.origin;
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${plane.path}`;
  const loopback = /^(?:localhost|127(?:\.[0-9]+){3}|\[::1\])$/.test(url.hostname);
  return url.origin === before && (url.protocol === "https:" || (url.protocol === "http:" && loopback)) ? url : null;
}

function originOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).origin : "the control plane";
}

/** The system's code of a failed fetch; never its message, which may quote what was sent. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (/^[A-Z0-9_]{2,60}$/.test(code)) return `the connection failed (${code})`;
  return error instanceof TypeError && /redirect/.test(String(cause instanceof Error ? cause.message : ""))
    ? "the server answered with a redirect, which is not followed"
    : "the request failed";
}
