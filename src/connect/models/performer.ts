/**
 * Performs `model.call` (spec/workflow.md §9, spec/runtime.md §2). One performer serves the backends of one document
 * and the command line's `default`.
 *
 * Invariants: one call is one request (the engine retries, this never does); keys are read anew for each call and
 * stand in no description, result or failure.
 */
import type { Effect, EffectResult, ModelEffect, PreparedEffect } from "../../effects/effect.ts";
import type { Digest, EffectScope, Performer } from "../../effects/seam.ts";
import { failure, type Failure } from "../../graph/failure.ts";
import type { ModelBackend } from "../../graph/model.ts";
import { compareKeys, object, toText } from "../../graph/value.ts";
import { abortFailure } from "../world/abort.ts";
import type { Backend } from "./backend.ts";
import type { DefaultTransports } from "./check.ts";
import type { RefuseAddress } from "./http.ts";
import { PlainHttpBackend, plainHttpUrl } from "./plain_http.ts";
import { RemoteBackend } from "./remote.ts";
import type { ResolveSecret } from "./secret.ts";
import { SocketBackend } from "./socket.ts";

/** Bytes of a provider's reply that are read at most. */
export const MAX_PROVIDER_REPLY_BYTES = 16_777_216;
/** Milliseconds in which a provider's connection must stand. */
export const CONNECT_TIMEOUT_MS = 10_000;

export interface ModelOptions {
  /** `[[intelligence.backends]]`, checked with `checkBackends`. */
  readonly backends: readonly ModelBackend[];
  /** Checked with `checkTransports`. */
  readonly transports: DefaultTransports;
  readonly resolveSecret: ResolveSecret;
  readonly digest: Digest;
  /** A whole call, in milliseconds: the run's configured time-out. */
  readonly timeoutMs: number;
  /** Milliseconds; {@link CONNECT_TIMEOUT_MS} when absent. */
  readonly connectTimeoutMs?: number;
  /** Says which addresses must not be connected to; absent: none. */
  readonly refuseAddress?: RefuseAddress;
  /** Further backends, e.g. the editor's own models. A later one of the same name wins. */
  readonly extra?: readonly Backend[];
}

/** The model room's Performer. */
export class ModelPerformer implements Performer {
  /** Sorted names of all backends, `default` included when a transport is configured; for `NodeContext.backends`. */
  readonly names: readonly string[];
  private readonly backends: ReadonlyMap<string, Backend>;
  private readonly digest: Digest;

  constructor(options: ModelOptions) {
    const backends = new Map<string, Backend>();
    const bounds = {
      timeoutMs: options.timeoutMs,
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      refuseAddress: options.refuseAddress ?? null,
    };
    const add = (backend: Backend) => backends.set(backend.name, backend);
    const { intelUnix, intelHttp, bearer } = options.transports;
    if (intelUnix !== null) add(new SocketBackend(intelUnix, options.timeoutMs));
    else if (intelHttp !== null) {
      const url = plainHttpUrl(intelHttp);
      if (!(url instanceof URL)) throw new TypeError("the transports were not checked before use");
      add(new PlainHttpBackend(url, bearer, bounds));
    }
    for (const declared of options.backends)
      add(new RemoteBackend(declared, options.resolveSecret, { ...bounds, maxReplyBytes: MAX_PROVIDER_REPLY_BYTES }));
    for (const backend of options.extra ?? []) add(backend);
    this.backends = backends;
    this.names = [...backends.keys()].sort(compareKeys);
    this.digest = options.digest;
  }

  prepare(effect: Effect, _scope: EffectScope): Promise<PreparedEffect | Failure> {
    if (effect.kind !== "model.call") return Promise.resolve(foreign(effect));
    const backend = this.backends.get(effect.backend);
    if (backend === undefined) return Promise.resolve(this.unknown(effect.backend));
    const description = {
      backend: backend.name,
      provider: backend.provider,
      model: backend.model(effect),
      endpoint: backend.endpoint,
      api_key: backend.secret === null ? null : `{{secret:${backend.secret}}}`,
      messages_digest: this.digest(messagesText(effect)),
      message_count: effect.messages.length,
      max_tokens: backend.maxTokens(effect),
    };
    return Promise.resolve({ effect, description, target: backend.name });
  }

  async perform(prepared: PreparedEffect, scope: EffectScope, signal: AbortSignal): Promise<EffectResult> {
    const { effect } = prepared;
    if (effect.kind !== "model.call") return { ok: false, failure: foreign(effect) };
    if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
    const backend = this.backends.get(effect.backend);
    if (backend === undefined) return { ok: false, failure: this.unknown(effect.backend) };
    const completion = await backend.complete(effect, signal, scope.activation);
    if (!completion.ok) return completion;
    const { content, promptTokens, completionTokens } = completion;
    const usage = object({ prompt_tokens: promptTokens, completion_tokens: completionTokens });
    return {
      ok: true,
      value: object({ content, usage }),
      usage: { tokens: Number(promptTokens + completionTokens) },
    };
  }

  private unknown(name: string): Failure {
    const known = this.names.length === 0 ? "<none>" : this.names.join(", ");
    return failure("intelligence", `backend \`${name}\` is not configured on this runtime; known backends: ${known}`);
  }
}

function messagesText(effect: ModelEffect): string {
  return toText(effect.messages.map(({ role, content }) => object({ role, content })));
}

function foreign(effect: Effect): Failure {
  return failure("internal", `the model performer was given the effect \`${effect.kind}\``);
}
