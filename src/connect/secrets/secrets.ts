/**
 * The secrets of a run's documents (spec/workflow.md §12): a name means the document's `[[secrets]]` entry, else the
 * operator's environment variable.
 *
 * Invariants: nothing is read before it is asked for (never in validation or a dry run); every value is registered
 * with the mask before it is handed out; no problem text holds a value.
 */
import type { Activation } from "../../effects/effect.ts";
import type { SecretSource } from "../../graph/model.ts";
import { abortFailure } from "../world/abort.ts";
import { readVariable, readSecretFile, type Read } from "./sources.ts";
import {
  fetchCommand,
  fetchToken,
  type CommandSource,
  type Fetched,
  type FetchOptions,
  type OauthSource,
} from "./fetch.ts";
import type { ReadAgain, SecretMask } from "./mask.ts";
import type { SecretRequest, SecretResolver, SecretResult } from "./resolver.ts";

/** What {@link Secrets} needs. */
export interface SecretsOptions extends FetchOptions {
  /** `[[secrets]]` by document key. Called at each use, so that a reload is seen. */
  readonly sources: () => ReadonlyMap<string, readonly SecretSource[]>;
  readonly mask: SecretMask;
  /** Milliseconds since 1970, for the life of tokens. */
  readonly now: () => number;
}

/** A fetch that several may wait for; it ends early when nobody does any more. */
interface Flight {
  readonly result: Promise<Fetched>;
  readonly controller: AbortController;
  waiting: number;
}

/** Resolves secrets, keeps those that are costly to get. */
export class Secrets implements SecretResolver {
  private readonly options: SecretsOptions;
  private readonly kept = new Map<string, { readonly value: string; readonly until: number }>();
  private readonly flights = new Map<string, Flight>();

  constructor(options: SecretsOptions) {
    this.options = options;
  }

  resolve(document: string, name: string, signal: AbortSignal, act?: Activation): Promise<SecretResult> {
    return this.find({ document, secret: name, ...(act === undefined ? {} : { act }) }, signal);
  }

  /** Drops what was fetched, so that it is fetched anew (a reload of the documents). */
  reload(): void {
    this.kept.clear();
  }

  /** For {@link SecretMask.unseal}: every value that the name may mean now, in any document or the environment. */
  readAgain(signal: AbortSignal): ReadAgain {
    return async (name) => {
      const found = [];
      for (const [document, sources] of this.options.sources()) {
        if (!sources.some((source) => source.name === name)) continue;
        const read = await this.resolve(document, name, signal);
        if (read.ok) found.push({ value: read.value, origin: "secret" as const });
      }
      // read_env takes blank values too, but those are too short or too plain to have been masked.
      const variable = readVariable(name, this.options.env);
      if (variable.ok) found.push({ value: variable.value, origin: "env" as const });
      return found;
    };
  }

  private async find(request: SecretRequest, signal: AbortSignal): Promise<SecretResult> {
    const { secret: name } = request;
    const read = await this.read(request, signal);
    if (read.ok) {
      this.options.mask.register(name, read.value, "secret");
      return { ok: true, value: read.value };
    }
    const problem = `secret \`${name}\`: ${read.problem}`;
    return "failure" in read && read.failure !== undefined
      ? { ok: false, problem, failure: read.failure }
      : { ok: false, problem };
  }

  private read(request: SecretRequest, signal: AbortSignal): Promise<Read | Fetched> {
    const { env, cwd } = this.options;
    const source = this.source(request);
    switch (source?.source) {
      case undefined: {
        const read = readVariable(request.secret, env);
        const problem = "not declared in [[secrets]] and the env var is unset or empty";
        return Promise.resolve(read.ok ? read : { ok: false, problem });
      }
      case "env":
        return Promise.resolve(readVariable(source.var, env));
      case "file":
        return readSecretFile(source.path, source.trim, cwd);
      case "command":
      case "oauth2":
        return this.fetch(source, request, signal);
    }
  }

  private source({ document, secret }: SecretRequest): SecretSource | undefined {
    return this.options
      .sources()
      .get(document)
      ?.find((entry) => entry.name === secret);
  }

  private async fetch(
    source: CommandSource | OauthSource,
    request: SecretRequest,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const { at: _place, ...means } = source;
    const key = JSON.stringify([request.document, means]);
    const kept = this.kept.get(key);
    if (kept !== undefined && this.options.now() < kept.until) return { ok: true, value: kept.value, ttlMs: null };
    if (this.needsItself(request)) return { ok: false, problem: "its client credentials lead back to it" };
    const flight = this.flights.get(key) ?? this.launch(key, source, request);
    flight.waiting++;
    try {
      return await untilAborted(flight.result, signal);
    } finally {
      if (--flight.waiting === 0) {
        if (this.flights.get(key) === flight) this.flights.delete(key);
        flight.controller.abort(signal.reason);
      }
    }
  }

  /** Seen ahead of any fetch: two that wait for each other would wait for ever. */
  private needsItself(request: SecretRequest): boolean {
    const todo = [request.secret];
    const seen = new Set<string>();
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      const source = this.source({ document: request.document, secret: name });
      if (source?.source !== "oauth2") continue;
      const needs = [source.clientIdEnv, source.clientSecretEnv];
      if (needs.includes(request.secret)) return true;
      todo.push(...needs.filter((need) => !seen.has(need)));
      for (const need of needs) seen.add(need);
    }
    return false;
  }

  private launch(key: string, source: CommandSource | OauthSource, request: SecretRequest): Flight {
    const controller = new AbortController();
    const result = this.obtain(source, request, controller.signal).then((fetched) => {
      if (fetched.ok) {
        // Known to the mask before anybody who waits can let it out.
        this.options.mask.register(source.name, fetched.value, "secret");
        const until = fetched.ttlMs === null ? Infinity : this.options.now() + fetched.ttlMs;
        this.kept.set(key, { value: fetched.value, until });
      }
      return fetched;
    });
    const flight = { result, controller, waiting: 0 };
    this.flights.set(key, flight);
    return flight;
  }

  private async obtain(
    source: CommandSource | OauthSource,
    request: SecretRequest,
    signal: AbortSignal,
  ): Promise<Fetched> {
    if (source.source === "command") return fetchCommand(source, request, this.options, signal);
    const id = await this.find({ ...request, secret: source.clientIdEnv }, signal);
    if (!id.ok) return id;
    const secret = await this.find({ ...request, secret: source.clientSecretEnv }, signal);
    if (!secret.ok) return secret;
    return fetchToken(source, { id: id.value, secret: secret.value }, request, this.options, signal);
  }
}

/** The result, or the failure that the signal means; the fetch itself goes on for others who wait. */
async function untilAborted(result: Promise<Fetched>, signal: AbortSignal): Promise<Fetched> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<Fetched>((resolve) => {
    stop = () => {
      const failure = abortFailure(signal);
      resolve({ ok: false, problem: failure.message, failure });
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}
