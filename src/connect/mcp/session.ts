/**
 * One running MCP server: handshake, calls side by side, and what a lost connection means for each of them
 * (spec/workflow.md §11, spec/runtime.md §4).
 *
 * Invariant: when a call ends without a reply and its request had left, `answered` is false.
 */
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { z } from "zod";
import { durationText, failure, type Failure } from "../../graph/failure.ts";
import { isObject, member, type ObjectValue, type Value } from "../../graph/value.ts";
import { onAbort } from "../models/abort.ts";
import { maskSecrets, type NamedSecret } from "../models/secret.ts";
import { abortFailure } from "../world/abort.ts";
import { errorText } from "../world/errno.ts";
import { ServerProcess, type Launch, type Loss } from "./transport.ts";
import { ExactReply } from "./wire.ts";

/** The outcome of one call: the reply's `result`, or why there is none and whether the server had answered. */
export type CallResult =
  | { readonly ok: true; readonly result: ObjectValue }
  | { readonly ok: false; readonly failure: Failure; readonly answered: boolean };

/** A call of the protocol. `arguments` undefined leaves the member out. */
export type Call =
  | { readonly method: "tools/call"; readonly params: { readonly name: string; readonly arguments?: Value } }
  | { readonly method: "resources/read"; readonly params: { readonly uri: string } };

export interface SessionOptions {
  readonly launch: Launch;
  readonly version: string;
  /** The handshake, in milliseconds. */
  readonly startTimeoutMs: number;
  /** Values the server was given; they are taken out of its error messages. */
  readonly secrets: readonly NamedSecret[];
}

const exactReply = z.object({ reply: z.instanceof(ExactReply) });
/** The SDK's code of a request that it gave up on itself. */
const REQUEST_TIMEOUT = -32001;
const MESSAGE_CHARACTERS = 2000;

/** A started and initialised server. */
export class Session {
  private readonly client: Client;
  private readonly server: ServerProcess;
  private readonly options: SessionOptions;

  private constructor(client: Client, server: ServerProcess, options: SessionOptions) {
    this.client = client;
    this.server = server;
    this.options = options;
  }

  /** Starts the process (announced to `started` before anything can fail) and shakes hands. */
  static async start(options: SessionOptions, started: (server: ServerProcess) => void): Promise<Session | Failure> {
    // The SDK takes a quarter of a second to load; only runs that use MCP pay for it.
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const server = new ServerProcess(options.launch);
    started(server);
    const client = new Client({ name: "countersign", version: options.version });
    const session = new Session(client, server, options);
    try {
      await client.connect(server, { timeout: options.startTimeoutMs });
      return session;
    } catch (error) {
      const loss = server.loss;
      // Its end is awaited first, so that its last words have arrived.
      await server.close();
      return session.startFailure(error, loss);
    }
  }

  /** False once the connection is gone. */
  get alive(): boolean {
    return this.server.loss === null;
  }

  /** One request and its reply. Never rejects. */
  async call(call: Call, timeoutMs: number, signal: AbortSignal): Promise<CallResult> {
    if (signal.aborted) return { ok: false, failure: abortFailure(signal), answered: true };
    const own = new AbortController();
    const forget = onAbort(signal, () => own.abort());
    try {
      const request = { method: call.method, params: call.params as Record<string, unknown> };
      const { reply } = await this.client.request(request, exactReply, { timeout: timeoutMs, signal: own.signal });
      return this.read(reply.reply);
    } catch (error) {
      const why = signal.aborted ? abortFailure(signal) : this.callFailure(error, timeoutMs);
      return { ok: false, failure: why, answered: false };
    } finally {
      forget();
    }
  }

  private read(reply: ObjectValue): CallResult {
    const error = member(reply, "error") ?? null;
    if (error !== null) return { ok: false, failure: this.mcp(this.errorDetail(error)), answered: true };
    const result = member(reply, "result") ?? null;
    if (isObject(result)) return { ok: true, result };
    return { ok: false, failure: this.mcp(`${this.command} response lacked \`result\``), answered: true };
  }

  private errorDetail(error: Value): string {
    const code = isObject(error) ? member(error, "code") : undefined;
    const message = isObject(error) ? member(error, "message") : undefined;
    if (typeof code === "bigint" && typeof message === "string") return `${this.command} error ${code}: ${message}`;
    return `${this.command} sent an error without a code and a message`;
  }

  private callFailure(error: unknown, timeoutMs: number): Failure {
    const loss = this.server.loss;
    if (loss !== null) return this.lossFailure(loss);
    if (codeOf(error) === REQUEST_TIMEOUT) return this.silent(timeoutMs);
    // The pipe broke while the request was written; the end of the process has not been noticed yet.
    return this.mcp(`${this.command} closed the pipe unexpectedly`);
  }

  private startFailure(error: unknown, loss: Loss | null): Failure {
    if (isSpawnError(error)) return this.mcp(`spawn ${this.command}: ${errorText(error)}`);
    // The SDK shuts the server down itself when it does not like the handshake; its error then says more.
    if (loss !== null && loss.why !== "shutdown") {
      const words = loss.why === "closed" ? this.server.lastWords() : "";
      const lost = this.lossFailure(loss);
      return words === "" ? lost : this.masked({ class: lost.class, message: `${lost.message}: ${words}` });
    }
    const code = codeOf(error);
    if (code === REQUEST_TIMEOUT) return this.silent(this.options.startTimeoutMs);
    const message = error instanceof Error ? error.message : String(error);
    if (code !== undefined)
      return this.mcp(`${this.command} error ${code}: ${message.replace(`MCP error ${code}: `, "")}`);
    // The SDK's schema of the result has refused it; its message is a list of JSON.
    if (message.startsWith("["))
      return this.mcp(`${this.command} answered \`initialize\` with something that MCP does not allow`);
    return this.mcp(`${this.command}: ${message}`);
  }

  /** What the loss of the connection means. */
  private lossFailure(loss: Loss): Failure {
    switch (loss.why) {
      case "closed":
        return this.mcp(`${this.command} closed the pipe unexpectedly`);
      case "shutdown":
        return this.mcp(`${this.command} was shut down while it was in use`);
      case "too_large":
        return this.mcp(`${this.command} sent a message over ${this.options.launch.maxMessageBytes} bytes`);
      case "malformed":
        return failure("json", loss.problem);
    }
  }

  private silent(ms: number): Failure {
    const stray = this.server.strayLines;
    const hint =
      stray === 0
        ? ""
        : `; ${stray} line${stray === 1 ? "" : "s"} on its stdout ${stray === 1 ? "is" : "are"} no MCP message`;
    return this.mcp(`${this.command} did not answer within ${durationText(ms)}${hint}`);
  }

  private mcp(detail: string): Failure {
    return this.masked(failure("mcp", detail));
  }

  private masked(value: Failure): Failure {
    const message = maskSecrets(value.message, this.options.secrets);
    const short = message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)}…` : message;
    return { class: value.class, message: short };
  }

  private get command(): string {
    return this.options.launch.command[0] as string;
  }
}

function codeOf(error: unknown): number | undefined {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "number" ? code : undefined;
}

/** True for what `spawn` itself raises; a broken pipe is a system error too, but of a running server. */
function isSpawnError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("syscall" in error && typeof error.syscall === "string") return error.syscall.startsWith("spawn");
  return "code" in error && error.code === "ERR_INVALID_ARG_VALUE";
}
