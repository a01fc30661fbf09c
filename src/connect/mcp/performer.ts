/**
 * Performs `mcp.tool` and `mcp.resource` (spec/workflow.md §11, spec/runtime.md §2). One performer serves one set of
 * servers; each is started on its first call, after it has been admitted, and shared by all calls.
 *
 * Invariants: no process before `admit` has said yes; every call has a time-out; a server that was lost is started
 * anew, and admitted anew, on the next call; after `close()` none runs and none starts.
 */
import type { Effect, EffectResult, PreparedEffect } from "../../effects/effect.ts";
import type { Digest, EffectScope, Performer } from "../../effects/seam.ts";
import { failure, type Failure } from "../../graph/failure.ts";
import type { McpServer } from "../../graph/model.ts";
import { member, object, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import { untilAborted } from "../models/abort.ts";
import { secretProblem, type NamedSecret, type ResolveSecret } from "../models/secret.ts";
import { abortFailure } from "../world/abort.ts";
import { chooseServer, serverNames } from "./servers.ts";
import { Session, type Call } from "./session.ts";
import type { ServerProcess } from "./transport.ts";

/** A whole call, and a server's start, in milliseconds, when the options say nothing. */
export const CALL_TIMEOUT_MS = 60_000;
/** Bytes of one message from a server. */
export const MAX_MESSAGE_BYTES = 4_194_304;
const GRACE_MS = 1000;

/** Decides whether a server may be started; null for yes. `scope` is the call that needs it first. */
export type Admit = (server: McpServer, scope: EffectScope) => Promise<Failure | null>;

export interface McpOptions {
  /** From `configureServers`. */
  readonly servers: readonly McpServer[];
  readonly admit: Admit;
  /** Asked right before a server that was admitted starts: why it must not after all; null: it may. */
  readonly ready?: (server: McpServer) => Promise<Failure | null>;
  readonly resolveSecret: ResolveSecret;
  readonly digest: Digest;
  /** What servers inherit; their `env` entries come on top. The sheet's servers inherit the whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where servers start. */
  readonly cwd: string;
  /** This program's version, for `clientInfo`. */
  readonly version: string;
  /** Milliseconds; {@link CALL_TIMEOUT_MS} when absent. */
  readonly callTimeoutMs?: number;
  /** From a server's start to the end of its handshake, in milliseconds; {@link CALL_TIMEOUT_MS} when absent. */
  readonly startTimeoutMs?: number;
  /** {@link MAX_MESSAGE_BYTES} when absent. */
  readonly maxMessageBytes?: number;
  /** Milliseconds between closing a server's input, SIGTERM and SIGKILL; 1000 when absent. */
  readonly graceMs?: number;
}

/** The MCP room's Performer. */
export class McpPerformer implements Performer {
  /** Sorted names, for `NodeContext.servers`. */
  readonly names: readonly string[];
  private readonly options: McpOptions;
  private readonly sessions = new Map<string, Promise<Session | Failure>>();
  private readonly processes = new Set<ServerProcess>();
  private readonly closing = new AbortController();

  constructor(options: McpOptions) {
    this.options = options;
    this.names = serverNames(options.servers);
  }

  prepare(effect: Effect, _scope: EffectScope): Promise<PreparedEffect | Failure> {
    return Promise.resolve(this.describe(effect));
  }

  private describe(effect: Effect): PreparedEffect | Failure {
    if (effect.kind !== "mcp.tool" && effect.kind !== "mcp.resource") return foreign(effect);
    const server = chooseServer(this.options.servers, effect.server);
    if ("class" in server) return server;
    const common = {
      server: server.name,
      server_command: server.command,
      server_env: Object.entries(server.env).map(([variable, secret]) => `${variable}={{secret:${secret}}}`),
    };
    if (effect.kind === "mcp.resource")
      return { effect, description: { ...common, uri: effect.uri }, target: effect.uri };
    const args = toText(effect.args);
    const description = {
      ...common,
      tool: effect.tool,
      args_digest: this.options.digest(args),
      args_length: Buffer.byteLength(args),
    };
    return { effect, description, target: effect.tool };
  }

  async perform(prepared: PreparedEffect, scope: EffectScope, signal: AbortSignal): Promise<EffectResult> {
    const { effect } = prepared;
    if (effect.kind !== "mcp.tool" && effect.kind !== "mcp.resource") return { ok: false, failure: foreign(effect) };
    const server = chooseServer(this.options.servers, effect.server);
    if ("class" in server) return { ok: false, failure: server };
    const either = AbortSignal.any([signal, this.closing.signal]);
    const session = either.aborted ? null : await untilAborted(this.session(server, scope), either);
    if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
    if (session === null) return { ok: false, failure: failure("mcp", "the servers have been shut down") };
    if (!(session instanceof Session)) return { ok: false, failure: session };
    const outcome = await session.call(callOf(effect), this.options.callTimeoutMs ?? CALL_TIMEOUT_MS, signal);
    if (outcome.ok) return { ok: true, value: resultValue(effect.kind, server.name, outcome.result) };
    // The request left and nobody knows what the tool did (spec/runtime.md §4). Reading a resource changes nothing.
    if (effect.kind === "mcp.tool" && !outcome.answered) return { ok: false, failure: outcome.failure, doubt: true };
    return { ok: false, failure: outcome.failure };
  }

  /** The running session of a server, or the one launch that all callers wait for. */
  private async session(server: McpServer, scope: EffectScope): Promise<Session | Failure> {
    const known = this.sessions.get(server.name);
    if (known !== undefined) {
      const session = await known;
      if (!(session instanceof Session) || session.alive) return session;
      // Another caller may have begun the restart while this one waited.
      if (this.sessions.get(server.name) !== known) return this.session(server, scope);
    }
    const launch = this.launch(server, scope);
    this.sessions.set(server.name, launch);
    const session = await launch;
    if (!(session instanceof Session) && this.sessions.get(server.name) === launch) this.sessions.delete(server.name);
    return session;
  }

  private async launch(server: McpServer, scope: EffectScope): Promise<Session | Failure> {
    const refused = await this.options.admit(server, scope);
    if (refused !== null) return refused;
    const secrets = await this.secrets(server, scope);
    if ("class" in secrets) return secrets;
    const given = Object.fromEntries(secrets.map(({ variable, value }) => [variable, value]));
    const options = {
      launch: {
        command: server.command,
        env: { ...this.options.environment, ...given },
        cwd: this.options.cwd,
        maxMessageBytes: this.options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
        graceMs: this.options.graceMs ?? GRACE_MS,
      },
      version: this.options.version,
      startTimeoutMs: this.options.startTimeoutMs ?? CALL_TIMEOUT_MS,
      secrets,
    };
    const changed = (await this.options.ready?.(server)) ?? null;
    if (changed !== null) return changed;
    return Session.start(options, (process) => this.track(process));
  }

  /** Remembers a process that is about to start; after `close()` it is closed first, so that it never does. */
  private track(process: ServerProcess): void {
    for (const known of this.processes) if (known.ended) this.processes.delete(known);
    this.processes.add(process);
    if (this.closing.signal.aborted) void process.close();
  }

  private async secrets(
    server: McpServer,
    scope: EffectScope,
  ): Promise<readonly (NamedSecret & { variable: string })[] | Failure> {
    const found: (NamedSecret & { variable: string })[] = [];
    for (const [variable, name] of Object.entries(server.env)) {
      const secret = await this.options.resolveSecret(name, scope.activation);
      if (!secret.ok && secret.failure !== undefined) return secret.failure;
      if (!secret.ok)
        return failure("config", `mcp_servers (\`${server.name}\`): ${secretProblem(name, secret.message)}`);
      found.push({ variable, name, value: secret.value });
    }
    return found;
  }

  /** Shuts all servers down and returns when their processes have ended. Calls under way fail; later ones too. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([...this.processes].map((process) => process.close()));
  }
}

function callOf(effect: Extract<Effect, { kind: "mcp.tool" | "mcp.resource" }>): Call {
  if (effect.kind === "mcp.resource") return { method: "resources/read", params: { uri: effect.uri } };
  // The reference sends `null` for absent arguments, which servers built with the official SDK refuse.
  const args = effect.args === null ? {} : { arguments: effect.args };
  return { method: "tools/call", params: { name: effect.tool, ...args } };
}

function resultValue(kind: "mcp.tool" | "mcp.resource", server: string, result: ObjectValue): Value {
  if (kind === "mcp.resource") return object({ server, contents: member(result, "contents") ?? [] });
  return object({
    server,
    content: member(result, "content") ?? [],
    is_error: member(result, "isError") === true,
    structured: member(result, "structuredContent") ?? null,
  });
}

function foreign(effect: Effect): Failure {
  return failure("internal", `the MCP performer was given the effect \`${effect.kind}\``);
}
