/**
 * Effect http.request (spec/workflow.md §8.6, Decisions D3, D7, D22; spec/runtime.md §2).
 *
 * Preparation parses the URL and resolves the name; performing connects to those addresses only. Result:
 * {status, headers, body, bytes, truncated}. Secrets stand in headers by name until the moment of sending.
 */
import type { EffectResult, HttpEffect, PreparedEffect } from "../../effects/effect.ts";
import type { EffectScope, Performer } from "../../effects/seam.ts";
import { toolFailure, type Failure } from "../../graph/failure.ts";
import { object } from "../../graph/value.ts";
import type { SecretResolver } from "../secrets/resolver.ts";
import { abortFailure } from "./abort.ts";
import { sha256 } from "./digest.ts";
import { exchange, type Reply } from "./exchange.ts";
import { fillSecrets, headerLines, headerProblem, type HeaderLine } from "./headers.ts";
import { resolveHost, systemResolver, type ResolveName } from "./resolve.ts";
import { parseTarget, type HttpTarget } from "./url.ts";

/** Options of {@link httpPerformer}. */
export interface HttpOptions {
  readonly secrets: SecretResolver;
  /** How names become addresses; the system's way by default. */
  readonly resolveName?: ResolveName;
  /** Certificate authorities to trust instead of the system's. */
  readonly ca?: string | readonly string[];
}

/** Longest wait for a name server in preparation, which no run's deadline interrupts. */
const MAX_RESOLVE_MS = 10_000;
const CONNECT_TIMEOUT_MS = { http: 30_000, https: 10_000 } as const;

/** Performs http.request. */
export function httpPerformer(options: HttpOptions): Performer {
  return {
    prepare: (effect, scope) => prepareHttp(effect as HttpEffect, scope, options),
    perform: (prepared, scope, signal) => performHttp(prepared, scope, signal, options),
  };
}

async function prepareHttp(
  effect: HttpEffect,
  scope: EffectScope,
  options: HttpOptions,
): Promise<PreparedEffect | Failure> {
  const target = parseTarget(effect.url);
  if (typeof target === "string") return toolFailure(scope.nodeKind, target);
  const wait = Math.min(effect.timeoutMs, MAX_RESOLVE_MS);
  const resolved = await resolveHost(target.host, options.resolveName ?? systemResolver, wait);
  const body = bodyBytes(effect);
  return {
    effect,
    target: target.url,
    description: {
      kind: effect.kind,
      method: effect.method,
      url: target.url,
      host: target.host,
      port: target.port,
      headers: linesOf(effect, target, scope).map(({ name, value }) => [name, value]),
      body_digest: body === null ? null : sha256(body),
      body_bytes: body?.length ?? 0,
      address: resolved.ok ? (resolved.addresses[0] ?? null) : null,
      address_class: resolved.ok ? resolved.addressClass : null,
      addresses: resolved.ok ? resolved.addresses : [],
      address_problem: resolved.ok ? null : resolved.problem,
    },
  };
}

async function performHttp(
  prepared: PreparedEffect,
  scope: EffectScope,
  signal: AbortSignal,
  options: HttpOptions,
): Promise<EffectResult> {
  const effect = prepared.effect as HttpEffect;
  const problem = (detail: string): EffectResult => ({ ok: false, failure: toolFailure(scope.nodeKind, detail) });
  if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
  const target = parseTarget(effect.url);
  if (typeof target === "string") return problem(target);
  const wrong = headerProblem(effect.headers);
  if (wrong !== null) return problem(wrong);
  const addresses = prepared.description["addresses"];
  if (!isTextList(addresses) || addresses.length === 0) {
    const why = prepared.description["address_problem"];
    const place = `${target.host}:${target.port}`;
    return problem(typeof why === "string" && why !== "" ? `resolve ${place}: ${why}` : `no address for ${place}`);
  }
  const headers = await finished(linesOf(effect, target, scope), scope, signal, options.secrets);
  if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
  if ("failure" in headers) return { ok: false, failure: headers.failure };
  const result = await exchange(
    {
      method: effect.method,
      target,
      addresses,
      headers: headers.lines,
      body: bodyBytes(effect),
      timeoutMs: effect.timeoutMs,
      connectTimeoutMs: CONNECT_TIMEOUT_MS[target.scheme],
      maxReplyBytes: effect.maxReplyBytes,
      ca: options.ca,
    },
    signal,
  );
  if (result.ok) return { ok: true, value: replyValue(result.reply) };
  const failure = result.aborted ? abortFailure(signal) : toolFailure(scope.nodeKind, result.problem);
  // Once bytes have left, only the methods that change nothing are known not to have happened.
  const doubt = result.left && effect.method !== "GET" && effect.method !== "HEAD";
  return doubt ? { ok: false, failure, doubt } : { ok: false, failure };
}

async function finished(
  lines: readonly HeaderLine[],
  scope: EffectScope,
  signal: AbortSignal,
  secrets: SecretResolver,
): Promise<{ readonly lines: [string, string][] } | { readonly failure: Failure }> {
  const made: [string, string][] = [];
  for (const line of lines) {
    let refused: Failure | undefined;
    const filled = await fillSecrets(line, async (name) => {
      const found = await secrets.resolve(scope.document, name, signal, scope.activation);
      if (!found.ok) refused = found.failure;
      return found;
    });
    if (!filled.ok) return { failure: refused ?? toolFailure(scope.nodeKind, filled.problem) };
    made.push([line.name, filled.value]);
  }
  return { lines: made };
}

function linesOf(effect: HttpEffect, target: HttpTarget, scope: EffectScope): HeaderLine[] {
  const { idempotencyKey } = scope;
  return headerLines({ target, bodyBytes: bodyBytes(effect)?.length ?? 0, declared: effect.headers, idempotencyKey });
}

/** {status, headers, body, bytes, truncated}: names lower case, the last of equal names, text read lossily. */
function replyValue(reply: Reply) {
  const headers = object();
  for (const [name, value] of reply.headers) headers[name.toLowerCase()] = value;
  return object({
    status: BigInt(reply.status),
    headers,
    body: reply.body.toString("utf8"),
    bytes: BigInt(reply.body.length),
    truncated: reply.truncated,
  });
}

function bodyBytes(effect: HttpEffect): Uint8Array | null {
  return typeof effect.body === "string" ? Buffer.from(effect.body, "utf8") : effect.body;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
