/** Scripted loopback servers for the model room's tests. They listen on 127.0.0.1, port 0, and end with the test. */
import http from "node:http";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import type { EffectScope } from "../../../src/effects/seam.ts";
import type { ModelEffect } from "../../../src/effects/effect.ts";
import type { ModelBackend } from "../../../src/graph/model.ts";
import { ModelPerformer, type ModelOptions } from "../../../src/connect/models/performer.ts";
import { noTransports } from "../../../src/connect/models/check.ts";

/** A request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What the server does with a request. */
export type Script = (seen: Seen, response: http.ServerResponse) => void;

export interface LoopbackHttp {
  readonly base: string;
  readonly host: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

export async function httpServer(script: Script): Promise<LoopbackHttp> {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      seen.push(one);
      script(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Replies with a status and a JSON text. */
export const replies =
  (status: number, body: unknown): Script =>
  (_seen, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

/** A Unix socket server that hands each connection to `script`. */
export async function socketServer(
  path: string,
  script: (socket: net.Socket) => void,
): Promise<{ close(): Promise<void> }> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    script(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

export const sha256 = (data: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(data).digest("hex")}`;

export const scope: EffectScope = {
  activation: { frame: "", node: "ask", visit: 1, attempt: 1 },
  nodeKind: "llm_infer",
  document: "/w.toml",
  idempotencyKey: null,
};

export const CANARY = "sk-canary-1f9c27aa53";

export function backend(given: Partial<ModelBackend>): ModelBackend {
  return {
    name: "b",
    provider: "openai-compatible",
    model: "m-1",
    apiKeyEnv: "KEY",
    baseUrl: null,
    maxTokens: null,
    at: [],
    ...given,
  };
}

export function call(given: Partial<ModelEffect> = {}): ModelEffect {
  return {
    kind: "model.call",
    backend: "b",
    tier: "fast",
    messages: [{ role: "user", content: "hi" }],
    maxTokens: null,
    ...given,
  };
}

export function performer(given: Partial<ModelOptions>): ModelPerformer {
  return new ModelPerformer({
    backends: [],
    transports: noTransports,
    resolveSecret: () => Promise.resolve({ ok: true, value: CANARY }),
    digest: sha256,
    timeoutMs: 10_000,
    ...given,
  });
}

/** Prepares and performs one call. */
export async function ask(models: ModelPerformer, effect: ModelEffect, signal = new AbortController().signal) {
  const prepared = await models.prepare(effect, scope);
  if ("class" in prepared) return { ok: false as const, failure: prepared };
  return models.perform(prepared, scope, signal);
}

/** The failure's class and message, or the result itself when it is none. */
export async function askFailure(models: ModelPerformer, effect: ModelEffect, signal?: AbortSignal): Promise<unknown> {
  const result = await ask(models, effect, signal);
  return result.ok ? result : [result.failure.class, result.failure.message];
}
