/** Shared by the tests of this room: scopes, loopback servers, scratch folders. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Effect, EffectResult, HttpEffect, PreparedEffect, ProcessEffect } from "../../../src/effects/effect.ts";
import type { EffectScope, Performer } from "../../../src/effects/seam.ts";
import type { SecretResolver } from "../../../src/connect/secrets/resolver.ts";

export function scope(nodeKind: string, extra: Partial<EffectScope> = {}): EffectScope {
  return {
    activation: { frame: "", node: "n", visit: 1, attempt: 1 },
    nodeKind,
    document: "doc",
    idempotencyKey: null,
    ...extra,
  };
}

/** A scratch folder without links in its path, removed when the test ends. */
export async function scratch(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "countersign-test-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function prepared(performer: Performer, effect: Effect, where: EffectScope): Promise<PreparedEffect> {
  const made = await performer.prepare(effect, where);
  if (!("effect" in made)) throw new Error(`preparation failed: ${made.message}`);
  return made;
}

/** Prepares and performs. */
export async function act(
  performer: Performer,
  effect: Effect,
  where: EffectScope,
  signal: AbortSignal = new AbortController().signal,
): Promise<EffectResult> {
  return performer.perform(await prepared(performer, effect, where), where, signal);
}

/** The value of a successful result, as plain members. */
export function valueOf(result: EffectResult): Record<string, unknown> {
  if (!result.ok) throw new Error(`the effect failed: ${result.failure.message}`);
  return { ...(result.value as Record<string, unknown>) };
}

export function messageOf(result: EffectResult): string {
  if (result.ok) throw new Error("the effect succeeded");
  return result.failure.message;
}

export function http(url: string, extra: Partial<HttpEffect> = {}): HttpEffect {
  return {
    kind: "http.request",
    method: "GET",
    url,
    headers: [],
    body: null,
    timeoutMs: 10_000,
    maxReplyBytes: 1_048_576,
    ...extra,
  };
}

export function program(file: string, args: readonly string[] = [], extra: Partial<ProcessEffect> = {}): ProcessEffect {
  return {
    kind: "shell.run",
    program: file,
    args,
    stdin: null,
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
    inheritEnv: [],
    cwd: null,
    timeoutMs: 10_000,
    maxOutputBytes: 65_536,
    lookup: false,
    graceMs: 0,
    ...extra,
  };
}

/** Secrets from a table. */
export function secretsOf(table: Readonly<Record<string, string>>): SecretResolver {
  return {
    resolve: (_document, name) => {
      const value = Object.hasOwn(table, name) ? table[name] : undefined;
      const problem = `secret \`${name}\`: not declared in [[secrets]] and the env var is unset or empty`;
      return Promise.resolve(value === undefined ? { ok: false, problem } : { ok: true, value });
    },
  };
}

/** Starts `server` on a loopback port; it ends with the test. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  );
  return (server.address() as AddressInfo).port;
}

/** A server that hands each connection's first bytes (once they hold `until`) to `answer`. */
export async function rawServer(
  answer: (socket: Socket, received: string) => void,
  until = "\r\n\r\n",
): Promise<{ readonly port: number; readonly received: string[]; readonly sockets: Socket[] }> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let text = "";
    let answered = false;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (answered || !text.includes(until)) return;
      answered = true;
      received.push(text);
      answer(socket, text);
    });
  });
  const port = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { port, received, sockets };
}

/** Waits until `holds`, by looking again; fails the test by its time-out. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
