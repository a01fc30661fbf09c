/** Effects of attempts, in the fewest words. Texts are filled in by the world. */
import type { Effect, HttpEffect, ProcessEffect } from "../../../src/effects/effect.ts";
import type { World } from "./driver.ts";

type Made = (world: World) => Effect;

export const read =
  (path: string): Made =>
  (world) => ({ kind: "fs.read", path: world.fill(path) });

export const write =
  (path: string, content = "written"): Made =>
  (world) => ({ kind: "fs.write", path: world.fill(path), content });

export const mkdir =
  (path: string): Made =>
  (world) => ({ kind: "fs.mkdir", path: world.fill(path) });

export const env =
  (key: string): Made =>
  () => ({ kind: "env.read", key });

export const get = (url: string, extra: Partial<HttpEffect> = {}): Made => request("GET", url, extra);
export const post = (url: string, extra: Partial<HttpEffect> = {}): Made => request("POST", url, extra);

export const request =
  (method: string, url: string, extra: Partial<HttpEffect> = {}): Made =>
  (world) => ({
    kind: "http.request",
    method,
    url: world.fill(url),
    headers: [],
    body: null,
    timeoutMs: 5000,
    maxReplyBytes: 65_536,
    ...extra,
  });

export const run =
  (program: string, args: readonly string[] = [], extra: Partial<ProcessEffect> = {}): Made =>
  (world) => ({
    kind: "shell.run",
    program: world.fill(program),
    args: args.map((arg) => world.fill(arg)),
    stdin: null,
    env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" },
    inheritEnv: [],
    timeoutMs: 5000,
    maxOutputBytes: 65_536,
    lookup: false,
    graceMs: 0,
    ...extra,
    cwd: extra.cwd === undefined || extra.cwd === null ? null : world.fill(extra.cwd),
  });

export const tool =
  (name: string, server: string | null = null): Made =>
  () => ({ kind: "mcp.tool", server, tool: name, args: null });

export const resource =
  (uri: string, server: string | null = null): Made =>
  () => ({ kind: "mcp.resource", server, uri });
