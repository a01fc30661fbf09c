/**
 * The `--intel-http` transport: the envelope of §9.3 as a POST to a plain HTTP address, with an optional bearer token.
 */
import type { ModelEffect } from "../../effects/effect.ts";
import { failure, type Failure } from "../../graph/failure.ts";
import { abortFailure } from "../world/abort.ts";
import { unanswered, type Backend, type Completion } from "./backend.ts";
import { readReply, requestText } from "./envelope.ts";
import { post, type Bounds } from "./http.ts";
import { maskSecrets, type NamedSecret } from "./secret.ts";

/** The largest reply body that is read. */
export const MAX_HTTP_REPLY_BYTES = 4_194_304;
/** What the bearer token is called where it is masked. */
const BEARER_NAME = "intel-http-bearer";

/** The address of `--intel-http`, or why it cannot be used (exit code 2). Port 80 and path `/` are the defaults. */
export function plainHttpUrl(text: string): URL | Failure {
  const problem = (why: string) => failure("config", `--intel-http \`${withoutUserInfo(text)}\`: ${why}`);
  if (/^https:/i.test(text)) return problem("https:// is not supported; use http:// or a named backend");
  if (!/^http:\/\//i.test(text) || !URL.canParse(text)) return problem("expected http://host[:port]/path");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "")
    return problem("a user name or password does not belong in the URL; use the bearer token");
  return url;
}

function withoutUserInfo(text: string): string {
  return text.replace(/\/\/[^/?#]*@/, "//");
}

/** The `default` backend over HTTP. */
export class PlainHttpBackend implements Backend {
  readonly name = "default";
  readonly provider = "http";
  readonly secret: string | null;
  readonly endpoint: string;
  private readonly url: URL;
  private readonly bearer: NamedSecret | null;
  private readonly bounds: Bounds;
  private calls = 0;

  /** `bearer` is trimmed; blank means none. */
  constructor(url: URL, bearer: string | null, bounds: Omit<Bounds, "maxReplyBytes">) {
    const token = bearer?.trim() ?? "";
    this.url = url;
    this.endpoint = url.host;
    this.bearer = token === "" ? null : { name: BEARER_NAME, value: token };
    this.secret = this.bearer?.name ?? null;
    this.bounds = { ...bounds, maxReplyBytes: MAX_HTTP_REPLY_BYTES };
  }

  model(effect: ModelEffect): string {
    return effect.tier;
  }

  maxTokens(effect: ModelEffect): number | null {
    return effect.maxTokens;
  }

  async complete(effect: ModelEffect, signal: AbortSignal): Promise<Completion> {
    const headers = {
      "content-type": "application/json",
      ...(this.bearer === null ? {} : { authorization: `Bearer ${this.bearer.value}` }),
    };
    const reply = await post(this.url, headers, requestText(++this.calls, effect), this.bounds, signal);
    if (reply.ok) {
      if (reply.status < 200 || reply.status > 299) return unanswered(`upstream returned HTTP ${reply.status}`);
      return this.masked(readReply(reply.body));
    }
    switch (reply.stage) {
      case "aborted":
        return { ok: false, failure: abortFailure(signal) };
      case "size":
        return unanswered(`response body ${reply.bytes} > cap ${MAX_HTTP_REPLY_BYTES}`);
      case "dial":
        return unanswered(`dial ${this.url.host}: ${reply.detail}`);
      case "write":
        return unanswered(`write request: ${reply.detail}`);
      case "read":
        return unanswered(`read response: ${reply.detail}`);
    }
  }

  private masked(completion: Completion): Completion {
    const secrets = this.bearer === null ? [] : [this.bearer];
    if (completion.ok) return { ...completion, content: maskSecrets(completion.content, secrets) };
    const { class: kind, message } = completion.failure;
    return { ok: false, failure: { class: kind, message: maskSecrets(message, secrets) } };
  }
}
