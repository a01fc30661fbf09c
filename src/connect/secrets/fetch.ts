/**
 * Secrets that have to be fetched: the output of a command, an OAuth 2.0 access token by client credentials
 * (spec/workflow.md §12). Both are effects: prepared like any other, and they happen only when admitted
 * (spec/runtime.md §2).
 */
import { isUtf8 } from "node:buffer";
import type { HttpEffect, PreparedEffect, ProcessEffect } from "../../effects/effect.ts";
import type { EffectScope } from "../../effects/seam.ts";
import type { Failure } from "../../graph/failure.ts";
import { parseJson } from "../../graph/json.ts";
import type { SecretSource } from "../../graph/model.ts";
import { isObject, member } from "../../graph/value.ts";
import { abortFailure } from "../world/abort.ts";
import type { Environment } from "../world/env.ts";
import { exchange } from "../world/exchange.ts";
import { httpPerformer } from "../world/http.ts";
import { processPerformer, runPrepared } from "../world/process.ts";
import { ProgramDigests } from "../world/program.ts";
import type { ResolveName } from "../world/resolve.ts";
import type { RunEnd } from "../world/run.ts";
import { parseTarget } from "../world/url.ts";
import type { Admit, SecretRequest } from "./resolver.ts";

export type CommandSource = Extract<SecretSource, { source: "command" }>;
export type OauthSource = Extract<SecretSource, { source: "oauth2" }>;

/** A fetched secret; `ttlMs` null when it serves until the next reload. Problems lack "secret `<n>`: ". */
export type Fetched =
  | { readonly ok: true; readonly value: string; readonly ttlMs: number | null }
  | { readonly ok: false; readonly problem: string; readonly failure?: Failure };

/** What fetching needs. */
export interface FetchOptions {
  readonly env: Environment;
  readonly cwd: string;
  readonly admit: Admit;
  readonly resolveName?: ResolveName;
  readonly ca?: string | readonly string[];
}

const COMMAND_TIMEOUT_MS = 30_000;
const TOKEN_TIMEOUT_MS = 30_000;
const TOKEN_CONNECT_MS = 10_000;
const MAX_SECRET_BYTES = 64 * 1024;
const DEFAULT_TTL_SECS = 300;

/** Runs the command and takes its standard output, without white space at its end. */
export async function fetchCommand(
  source: CommandSource,
  request: SecretRequest,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Fetched> {
  const [program, ...args] = source.argv;
  if (program === undefined || program === "") return { ok: false, problem: "command source has an empty argv" };
  const effect: ProcessEffect = {
    kind: "shell.run",
    program,
    args,
    stdin: null,
    env: {},
    // Password managers and cloud tools need variables of their own; the command is the author's, not data.
    inheritEnv: Object.keys(options.env).sort(),
    cwd: null,
    timeoutMs: COMMAND_TIMEOUT_MS,
    maxOutputBytes: MAX_SECRET_BYTES,
    lookup: true,
    graceMs: 0,
  };
  const digests = new ProgramDigests();
  const prepared = await processPerformer({ ...options, digests }).prepare(effect, scopeOf(request));
  if (!("effect" in prepared)) return { ok: false, problem: startProblem(prepared.message, program) };
  const refused = await options.admit(prepared, request);
  if (refused !== null) return { ok: false, problem: refused.message, failure: refused };
  const result = await runPrepared(prepared, options, digests, signal);
  if (result.ok) return commandOutput(program, result.end);
  return result.aborted ? abortedFetch(signal) : { ok: false, problem: `spawn \`${program}\`: ${result.problem}` };
}

/** "tool `…` failed: resolve <p>: <why>" as §12 words it. */
function startProblem(message: string, program: string): string {
  const why = message.slice(message.indexOf(`${program}: `) + program.length + 2);
  return `spawn \`${program}\`: ${why}`;
}

function commandOutput(program: string, end: RunEnd): Fetched {
  const fail = (problem: string): Fetched => ({ ok: false, problem });
  if (end.timedOut) return fail(`\`${program}\` did not end within ${COMMAND_TIMEOUT_MS / 1000}s`);
  if (end.signal !== null) return fail(`\`${program}\` exited with signal: ${end.signal}`);
  if (end.exitCode !== 0) return fail(`\`${program}\` exited with exit status: ${end.exitCode}`);
  if (end.truncated) return fail(`\`${program}\` gave more than ${MAX_SECRET_BYTES} bytes`);
  if (!isUtf8(end.stdout)) return fail("command output is not UTF-8");
  const value = end.stdout.toString("utf8").trimEnd();
  return value === "" ? fail(`\`${program}\` produced no output`) : { ok: true, value, ttlMs: null };
}

/** The client's own credentials, already read. */
export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

/** Fetches a token. Nothing of the reply but the token and its time is used or told. */
export async function fetchToken(
  source: OauthSource,
  client: ClientCredentials,
  request: SecretRequest,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Fetched> {
  const target = parseTarget(source.tokenUrl);
  if (typeof target === "string") return { ok: false, problem: `token_url: ${target}` };
  // What is decided about and digested names the credentials only.
  const shown = tokenRequest(source, {
    id: `{{secret:${source.clientIdEnv}}}`,
    secret: `{{secret:${source.clientSecretEnv}}}`,
  });
  const effect: HttpEffect = {
    kind: "http.request",
    method: "POST",
    url: source.tokenUrl,
    headers: shown.basic
      ? [...shown.headers, ["Authorization", `Basic {{secret:${source.clientSecretEnv}}}`]]
      : shown.headers,
    body: shown.body,
    timeoutMs: TOKEN_TIMEOUT_MS,
    maxReplyBytes: MAX_SECRET_BYTES,
  };
  const prepared = await httpPerformer({ ...options, secrets: noSecrets }).prepare(effect, scopeOf(request));
  if (!("effect" in prepared)) return { ok: false, problem: prepared.message };
  const addresses = addressesOf(prepared);
  if (addresses.length === 0) {
    return { ok: false, problem: `token_url: resolve ${target.host}:${target.port}: no address was found` };
  }
  const refused = await options.admit(prepared, request);
  if (refused !== null) return { ok: false, problem: refused.message, failure: refused };
  const real = tokenRequest(source, client);
  const body = Buffer.from(real.body, "utf8");
  const port = target.port === (target.scheme === "https" ? 443 : 80) ? "" : `:${target.port}`;
  const result = await exchange(
    {
      method: "POST",
      target,
      addresses,
      headers: [
        ["Host", `${target.hostname}${port}`],
        ["Connection", "close"],
        ["Content-Length", String(body.length)],
        ...real.headers,
        ...(real.basic ? [["Authorization", basicText(client)] as const] : []),
      ],
      body,
      timeoutMs: TOKEN_TIMEOUT_MS,
      connectTimeoutMs: TOKEN_CONNECT_MS,
      maxReplyBytes: MAX_SECRET_BYTES,
      ca: options.ca,
    },
    signal,
  );
  if (!result.ok)
    return result.aborted ? abortedFetch(signal) : { ok: false, problem: `token request: ${result.problem}` };
  const { status, body: reply } = result.reply;
  if (status < 200 || status > 299) return { ok: false, problem: `token endpoint answered with status ${status}` };
  return tokenOf(reply.toString("utf8"), source.skewSecs);
}

interface TokenRequest {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly basic: boolean;
}

function tokenRequest(source: OauthSource, client: ClientCredentials): TokenRequest {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (source.scopes.length > 0) form.set("scope", source.scopes.join(" "));
  for (const [name, value] of Object.entries(source.extraParams)) form.set(name, value);
  const basic = source.authStyle === "basic";
  if (!basic) {
    form.set("client_id", client.id);
    form.set("client_secret", client.secret);
  }
  return {
    headers: [
      ["Accept", "application/json"],
      ["Content-Type", "application/x-www-form-urlencoded"],
    ],
    body: form.toString(),
    basic,
  };
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basicText({ id, secret }: ClientCredentials): string {
  const encode = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`, "utf8").toString("base64")}`;
}

function tokenOf(text: string, skewSecs: number): Fetched {
  const parsed = parseJson(text);
  const reply = parsed.ok && isObject(parsed.value) ? parsed.value : null;
  const token = reply === null ? undefined : member(reply, "access_token");
  if (reply === null || typeof token !== "string" || token === "") {
    return { ok: false, problem: "token endpoint's reply has no `access_token`" };
  }
  const given = member(reply, "expires_in");
  const seconds = given === undefined || given === null ? DEFAULT_TTL_SECS : Number(given);
  const ttl = Number.isFinite(seconds) ? seconds : DEFAULT_TTL_SECS;
  return { ok: true, value: token, ttlMs: Math.max(0, ttl - skewSecs) * 1000 };
}

/** Preparation shows headers by name and never fills them. */
const noSecrets = {
  resolve: (_document: string, name: string) =>
    Promise.resolve({ ok: false as const, problem: `secret \`${name}\`: not available here` }),
};

function scopeOf({ document, secret }: SecretRequest): EffectScope {
  return {
    activation: { frame: "", node: `secret:${secret}`, visit: 1, attempt: 1 },
    nodeKind: "secret",
    document,
    idempotencyKey: null,
  };
}

function addressesOf(prepared: PreparedEffect): readonly string[] {
  const found = prepared.description["addresses"];
  return Array.isArray(found) ? found.filter((item): item is string => typeof item === "string") : [];
}

function abortedFetch(signal: AbortSignal): Fetched {
  const failure = abortFailure(signal);
  return { ok: false, problem: failure.message, failure };
}
