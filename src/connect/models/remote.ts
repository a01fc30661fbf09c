/**
 * A named backend of the document: provider wire format over HTTP, with a key that is asked for anew at each call
 * (spec/workflow.md §9.2). No retries here; the engine retries.
 */
import type { Activation, ModelEffect } from "../../effects/effect.ts";
import { failure, type Failure } from "../../graph/failure.ts";
import { jsonProblemText, parseJson } from "../../graph/json.ts";
import type { ModelBackend } from "../../graph/model.ts";
import { abortFailure } from "../world/abort.ts";
import { untilAborted } from "./abort.ts";
import { unanswered, type Backend, type Completion } from "./backend.ts";
import { post, type Bounds } from "./http.ts";
import { pathText, tokensAt, valueAt, wires, type Wire } from "./providers.ts";
import { maskSecrets, secretProblem, type NamedSecret, type ResolveSecret } from "./secret.ts";

/** `max_tokens` when neither the request nor the backend says one. */
export const DEFAULT_MAX_TOKENS = 1024;
/** Bytes of an error reply's body that its message shows. */
const ERROR_BODY_BYTES = 400;

/** The address of a backend's API; `base_url` loses its trailing slashes. Null when it is no usable URL. */
export function endpointOf(backend: ModelBackend): URL | null {
  const wire = wires[backend.provider];
  const base = (backend.baseUrl ?? wire.base ?? "").replace(/\/+$/, "");
  if (!URL.canParse(base)) return null;
  const url = new URL(base + wire.path(backend.model));
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return url.username === "" && url.password === "" ? url : null;
}

/** The backend that `[[intelligence.backends]]` declares; its configuration has been checked. */
export class RemoteBackend implements Backend {
  readonly name: string;
  readonly provider: ModelBackend["provider"];
  readonly secret: string | null;
  readonly endpoint: string;
  private readonly declared: ModelBackend;
  private readonly wire: Wire;
  private readonly url: URL | null;
  private readonly resolveSecret: ResolveSecret;
  private readonly bounds: Bounds;

  constructor(declared: ModelBackend, resolveSecret: ResolveSecret, bounds: Bounds) {
    this.name = declared.name;
    this.provider = declared.provider;
    this.secret = declared.apiKeyEnv;
    this.declared = declared;
    this.wire = wires[declared.provider];
    this.url = endpointOf(declared);
    this.endpoint = this.url?.host ?? "";
    this.resolveSecret = resolveSecret;
    this.bounds = bounds;
  }

  model(): string {
    return this.declared.model;
  }

  maxTokens(effect: ModelEffect): number {
    return effect.maxTokens ?? this.declared.maxTokens ?? DEFAULT_MAX_TOKENS;
  }

  async complete(effect: ModelEffect, signal: AbortSignal, act?: Activation): Promise<Completion> {
    if (this.url === null) return this.misconfigured("`base_url` is not an http:// or https:// URL");
    const key = await this.key(signal, act);
    if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
    if (key !== null && "failure" in key) return { ok: false, failure: key.failure };
    if (key !== null && "problem" in key) return this.misconfigured(key.problem);
    const secrets = key === null ? [] : [key];
    const mask = (text: string) => maskSecrets(text, secrets);
    const body = JSON.stringify(this.wire.body(this.declared.model, effect.messages, this.maxTokens(effect)));
    const headers = { "content-type": "application/json", ...this.wire.headers(key?.value ?? null) };
    const reply = await post(this.url, headers, body, this.bounds, signal);
    if (!reply.ok) {
      if (reply.stage === "aborted") return { ok: false, failure: abortFailure(signal) };
      if (reply.stage === "size")
        return unanswered(`${this.provider}: response body ${reply.bytes} > cap ${this.bounds.maxReplyBytes}`);
      return unanswered(`${this.provider}: ${mask(reply.detail)}`);
    }
    if (reply.status < 200 || reply.status > 299)
      // Masked before it is cut, so that no half of a key is left at the end.
      return unanswered(
        `${this.provider} returned ${reply.status}: ${leading(mask(reply.body.toString("utf8")), ERROR_BODY_BYTES)}`,
      );
    const parsed = parseJson(reply.body.toString("utf8"));
    if (!parsed.ok) return unanswered(`response is not JSON: ${jsonProblemText(parsed.problem)}`);
    const content = valueAt(parsed.value, this.wire.content);
    if (typeof content !== "string")
      return unanswered(`${this.provider} response missing ${pathText(this.wire.content)}`);
    return {
      ok: true,
      content: mask(content),
      promptTokens: tokensAt(parsed.value, this.wire.promptTokens),
      completionTokens: tokensAt(parsed.value, this.wire.completionTokens),
    };
  }

  /** The key as it is now; null when the backend has none. */
  private async key(
    signal: AbortSignal,
    act: Activation | undefined,
  ): Promise<NamedSecret | { readonly problem: string } | { readonly failure: Failure } | null> {
    const name = this.secret;
    if (name === null) return null;
    const found = await untilAborted(this.resolveSecret(name, act), signal);
    if (found === null) return { problem: `secret \`${name}\`: not read` };
    if (!found.ok && found.failure !== undefined) return { failure: found.failure };
    if (!found.ok) return { problem: secretProblem(name, found.message) };
    if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(found.value))
      return { problem: `secret \`${name}\`: its value cannot be sent in an HTTP header` };
    return { name, value: found.value };
  }

  private misconfigured(detail: string): Completion {
    return { ok: false, failure: failure("config", `intelligence.backends.${this.name}: ${detail}`) };
  }
}

/** The first `bytes` bytes of a text, without a broken character at the end. */
function leading(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  return new TextDecoder("utf-8").decode(encoded.subarray(0, bytes), { stream: true });
}
