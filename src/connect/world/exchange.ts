/**
 * One HTTP exchange on one connection to an address that was checked (spec/workflow.md §8.6, Decision D22).
 *
 * Boundary: knows nothing of effects, policy or secrets; headers arrive finished. Invariants: it connects to the
 * given addresses only; redirects are never followed; it never rejects; the connection is closed when it returns.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { connect as tcpConnect, isIP, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { durationText } from "../../graph/failure.ts";
import { errorCode, errorText, oneLine } from "./errno.ts";
import type { HttpTarget } from "./url.ts";

/** What is sent, and within which limits. */
export interface ExchangeRequest {
  readonly method: string;
  readonly target: HttpTarget;
  readonly addresses: readonly string[];
  /** Complete: nothing is added. Values are sent as UTF-8. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
  /** Whole exchange. */
  readonly timeoutMs: number;
  /** All attempts to connect, TLS included. */
  readonly connectTimeoutMs: number;
  readonly maxReplyBytes: number;
  /** Certificate authorities to trust instead of the system's. */
  readonly ca?: string | readonly string[] | undefined;
}

/** A reply. `body` holds at most `maxReplyBytes`. */
export interface Reply {
  readonly status: number;
  /** As received, in order. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly truncated: boolean;
}

/** `left`: bytes of the request may have reached the other side. `aborted`: by the signal. */
export type ExchangeResult =
  | { readonly ok: true; readonly reply: Reply }
  | { readonly ok: false; readonly problem: string; readonly left: boolean; readonly aborted: boolean };

/** What is read and dropped of a body beyond what is kept, before the connection is closed. */
const MAX_DRAIN = 16 * 1024 * 1024;
const MAX_HEADER_BYTES = 64 * 1024;

/** Sends a request and reads the reply. */
export async function exchange(request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeResult> {
  const began = performance.now();
  const connected = await connect(request, signal);
  if (!connected.ok) return { ...connected, left: false };
  const left = request.timeoutMs - (performance.now() - began);
  return converse(request, connected.socket, Math.max(1, left), signal);
}

type Connected =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly problem: string; readonly aborted: boolean };

async function connect(request: ExchangeRequest, signal: AbortSignal): Promise<Connected> {
  const { host, port } = request.target;
  const until = performance.now() + Math.min(request.connectTimeoutMs, request.timeoutMs);
  let problem = "there is no address to connect to";
  for (const [at, address] of request.addresses.entries()) {
    const share = (until - performance.now()) / (request.addresses.length - at);
    const tried = await connectTo(request, address, Math.max(1, share), signal);
    if (typeof tried !== "string") return { ok: true, socket: tried };
    if (signal.aborted) return { ok: false, problem: tried, aborted: true };
    problem = tried;
  }
  return { ok: false, problem: `connect ${host}:${port}: ${problem}`, aborted: false };
}

/** A connected socket, or why there is none. */
function connectTo(
  request: ExchangeRequest,
  address: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket | string> {
  const { target } = request;
  return new Promise((resolve) => {
    const socket =
      target.scheme === "https"
        ? tlsConnect({
            host: address,
            port: target.port,
            ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
            ALPNProtocols: ["http/1.1"],
            // Said out loud, so that no variable of the environment turns it off.
            rejectUnauthorized: true,
            ...(request.ca === undefined ? {} : { ca: [request.ca].flat() }),
          })
        : tcpConnect({ host: address, port: target.port });
    const ready = target.scheme === "https" ? "secureConnect" : "connect";
    const end = (result: Socket | string) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError).off("close", onClose).off(ready, onReady);
      // An error between here and the next user of the socket has nobody to go to; the socket is closed then.
      socket.on("error", () => undefined);
      if (typeof result === "string") socket.destroy();
      resolve(result);
    };
    const onError = (error: Error) => {
      end(errorText(error));
    };
    const onClose = () => {
      end("the connection was closed before it was set up");
    };
    const onReady = () => {
      end(socket);
    };
    const onAbort = () => {
      end("aborted");
    };
    const timer = setTimeout(() => {
      end("connection timed out");
    }, timeoutMs);
    signal.addEventListener("abort", onAbort);
    socket.on("error", onError).on("close", onClose).on(ready, onReady);
    if (signal.aborted) onAbort();
  });
}

type Phase = "write" | "read status line" | "read body";

/** Writes the request and reads the reply on a connected socket, which is closed at the end. */
function converse(
  request: ExchangeRequest,
  socket: Socket,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    let phase: Phase = "write";
    let reply: BodyReader | null = null;
    let sent: ClientRequest | null = null;
    let over = false;
    const finish = (result: ExchangeResult) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.on("error", () => undefined);
      sent?.on("error", () => undefined);
      socket.destroy();
      resolve(result);
    };
    const fail = (problem: string, aborted = false) => {
      // What was asked for has arrived; only the part that is dropped anyway was lost.
      if (reply?.isFull() === true && !aborted) finish({ ok: true, reply: reply.reply() });
      else finish({ ok: false, problem, left: true, aborted });
    };
    const timer = setTimeout(() => {
      fail(`${phase}: timed out after ${durationText(request.timeoutMs)}`);
    }, timeoutMs);
    const onAbort = () => {
      fail("aborted", true);
    };
    if (signal.aborted) {
      finish({ ok: false, problem: "aborted", left: false, aborted: true });
      return;
    }
    signal.addEventListener("abort", onAbort);
    try {
      sent = httpRequest({
        method: request.method,
        path: request.target.requestTarget,
        headers: request.headers.flatMap(([name, value]) => [name, bytesAsLatin1(value)]),
        maxHeaderSize: MAX_HEADER_BYTES,
        createConnection: () => socket,
      });
    } catch (error) {
      finish({ ok: false, problem: `write: ${errorText(error)}`, left: false, aborted: false });
      return;
    }
    sent.on("finish", () => {
      if (phase === "write") phase = "read status line";
    });
    sent.on("error", (error) => {
      fail(problemOf(error, phase));
    });
    sent.on("response", (message) => {
      phase = "read body";
      reply = new BodyReader(message, request.maxReplyBytes, finish, (error) => {
        fail(problemOf(error, "read body"));
      });
    });
    const switched = (message: IncomingMessage) => {
      finish({ ok: true, reply: { ...head(message), body: Buffer.alloc(0), truncated: false } });
    };
    sent.on("connect", switched);
    sent.on("upgrade", switched);
    // A body given as bytes keeps Node from joining it with the header lines as text.
    if (request.body === null || request.body.length === 0) sent.end();
    else sent.end(request.body);
  });
}

/** Collects a reply's body up to the limit, then reads and drops up to a bound. */
class BodyReader {
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  private dropped = 0;
  private readonly message: IncomingMessage;

  constructor(
    message: IncomingMessage,
    limit: number,
    finish: (result: ExchangeResult) => void,
    fail: (error: Error) => void,
  ) {
    this.message = message;
    message.on("data", (chunk: Buffer) => {
      const part = chunk.subarray(0, Math.max(0, limit - this.kept));
      if (part.length > 0) this.chunks.push(part);
      this.kept += part.length;
      this.dropped += chunk.length - part.length;
      if (this.dropped > MAX_DRAIN) finish({ ok: true, reply: this.reply() });
    });
    message.on("error", fail);
    message.on("end", () => {
      if (message.complete) finish({ ok: true, reply: this.reply() });
      else fail(new Error(EARLY));
    });
    message.on("close", () => {
      fail(new Error(EARLY));
    });
  }

  /** True when the limit is passed, so that nothing that is still to come would be kept. */
  isFull(): boolean {
    return this.dropped > 0;
  }

  reply(): Reply {
    const body = Buffer.concat(this.chunks, this.kept);
    return { ...head(this.message), body, truncated: this.isFull() };
  }
}

const EARLY = "the connection was closed before the whole body had arrived";

function head(message: IncomingMessage): Pick<Reply, "status" | "headers"> {
  const headers: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    // Node reads header bytes as Latin-1; what is UTF-8 is shown as such.
    const value = Buffer.from(message.rawHeaders[i + 1] ?? "", "latin1").toString("utf8");
    headers.push([message.rawHeaders[i] ?? "", value]);
  }
  return { status: message.statusCode ?? 0, headers };
}

function bytesAsLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** What the parser says of text that is no HTTP status line. */
const statusLineCodes = new Set(["HPE_INVALID_CONSTANT", "HPE_INVALID_VERSION", "HPE_INVALID_METHOD"]);

/** The reference's words for what went wrong while sending and reading. */
function problemOf(error: Error, phase: Phase): string {
  const code = errorCode(error);
  if (code?.startsWith("HPE_") === true) {
    const reason = "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
    if (phase === "read body") return `read body: ${oneLine(reason)}`;
    const line = firstLine(error);
    if (code === "HPE_INVALID_STATUS") return `invalid status code \`${line.split(" ")[1] ?? ""}\``;
    if (statusLineCodes.has(code)) return `malformed status line: \`${line}\``;
    return `read header: ${oneLine(reason)}`;
  }
  if (phase === "read body" && (code === "ECONNRESET" || error.message === "aborted")) return `read body: ${EARLY}`;
  if (error.message === "socket hang up") return `${phase}: the connection was closed before a reply`;
  return `${phase}: ${errorText(error)}`;
}

function firstLine(error: Error): string {
  if (!("rawPacket" in error) || !(error.rawPacket instanceof Uint8Array)) return "";
  const text = Buffer.from(error.rawPacket).toString("utf8");
  return oneLine(text.split(/\r?\n/, 1)[0] ?? "");
}
