/**
 * One HTTP POST for a model call. Boundary: bytes out, status and bytes in; what they mean is the caller's matter.
 *
 * Invariants: redirects are never followed (they would carry the key to another host); a connection serves one
 * call; reply size and time are bounded; the promise never rejects and nothing stays open after it settles.
 */
import { lookup as systemLookup } from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { durationText } from "../../graph/failure.ts";
import { errorCode, errorText } from "../world/errno.ts";
import { onAbort } from "./abort.ts";

/** Says why an address may not be connected to, or null when it may. Asked about the address that is really used. */
export type RefuseAddress = (address: string, host: string) => string | null;

/** Bounds of one exchange, in milliseconds and bytes. */
export interface Bounds {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxReplyBytes: number;
  readonly refuseAddress: RefuseAddress | null;
}

/** A whole reply, or where the exchange ended. `bytes` is what a reply that is too large declared or had sent. */
export type Reply =
  | { readonly ok: true; readonly status: number; readonly body: Buffer }
  | { readonly ok: false; readonly stage: "dial" | "write" | "read"; readonly detail: string }
  | { readonly ok: false; readonly stage: "size"; readonly bytes: number }
  | { readonly ok: false; readonly stage: "aborted" };

/** Sends `body` to `url` and reads the reply. */
export function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Reply> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const refused = isIP(host) === 0 ? null : (bounds.refuseAddress?.(host, host) ?? null);
  if (refused !== null) return Promise.resolve({ ok: false, stage: "dial", detail: refused });
  if (signal.aborted) return Promise.resolve({ ok: false, stage: "aborted" });
  return new Promise((resolve) => {
    let stage: "dial" | "write" | "read" = "dial";
    const client = url.protocol === "https:" ? https : http;
    const request = client.request(url, {
      method: "POST",
      headers: { ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" },
      agent: false,
      lookup: checkedLookup(bounds.refuseAddress),
    });
    const slow = (limit: number) => () => end({ ok: false, stage, detail: `timed out after ${durationText(limit)}` });
    const whole = setTimeout(slow(bounds.timeoutMs), timerMs(bounds.timeoutMs));
    const connecting = setTimeout(slow(bounds.connectTimeoutMs), timerMs(bounds.connectTimeoutMs));
    const forget = onAbort(signal, () => end({ ok: false, stage: "aborted" }));
    function end(reply: Reply): void {
      clearTimeout(whole);
      clearTimeout(connecting);
      forget();
      request.destroy();
      resolve(reply);
    }
    request.on("error", (error) => end({ ok: false, stage, detail: transportText(error) }));
    request.on("socket", (socket) =>
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
        clearTimeout(connecting);
        stage = "write";
      }),
    );
    request.on("finish", () => (stage = "read"));
    request.on("response", (response) => {
      stage = "read";
      const declared = Number(response.headers["content-length"] ?? "0");
      if (declared > bounds.maxReplyBytes) return end({ ok: false, stage: "size", bytes: declared });
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > bounds.maxReplyBytes) end({ ok: false, stage: "size", bytes });
      });
      response.on("error", (error) => end({ ok: false, stage, detail: transportText(error) }));
      response.on("end", () => end({ ok: true, status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    request.end(body);
  });
}

/** The longest wait a timer can hold; a longer one would fire at once. */
export function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1);
}

/** Name lookup that refuses a name as soon as one of its addresses is refused. */
function checkedLookup(refuse: RefuseAddress | null): LookupFunction {
  return (host, options, callback) => {
    systemLookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "", 0);
      for (const { address } of addresses) {
        const why = refuse?.(address, host) ?? null;
        if (why !== null) return callback(new Error(why), "", 0);
      }
      const first = addresses[0];
      if (first === undefined) return callback(new Error(`${host} has no address`), "", 0);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** A transport error in the system's words: "Connection refused (os error 111)". */
export function transportText(error: Error): string {
  // Happy eyeballs: one error per address; the first stands for all.
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  switch (errorCode(one)) {
    case "ENOTFOUND":
      return "the host name could not be found";
    case "ECONNRESET":
      return "the connection was closed before the whole reply had arrived";
    default:
      return errorText(one);
  }
}
