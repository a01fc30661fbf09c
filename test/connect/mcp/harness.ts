/** A small stdio MCP server that misbehaves on demand, and a performer to reach it. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Effect } from "../../../src/effects/effect.ts";
import type { EffectScope } from "../../../src/effects/seam.ts";
import type { McpServer } from "../../../src/graph/model.ts";
import type { Value } from "../../../src/graph/value.ts";
import { McpPerformer, type McpOptions } from "../../../src/connect/mcp/performer.ts";

/** Logs its pid and every message's method to LOG; each tool is one way to (mis)behave. */
const SCRIPT = String.raw`
const { appendFileSync } = require("node:fs");
const { spawn } = require("node:child_process");
const log = (text) => appendFileSync(process.env.LOG, text + "\n");
const mode = process.argv[2] || "";
log("pid " + process.pid);
if (mode === "dies") { process.stderr.write("warming up\nno such flag: " + process.env.TOKEN + "\n"); process.exit(3); }
if (mode === "banner") process.stdout.write("Welcome!\n\n");
if (mode === "stubborn") { process.on("SIGTERM", () => log("term")); setInterval(() => undefined, 1000); }
if (mode === "family") log("pid " + spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "inherit" }).pid);
if (mode === "orphan") log("pid " + spawn(process.execPath, ["-e", "setTimeout(() => undefined, 20000)"], { stdio: "inherit", detached: true }).pid);
log("ready");
const raw = (text) => process.stdout.write(text);
const send = (message) => raw(JSON.stringify(message) + "\n");
let held = null;
function tool(id, name, line) {
  const text = (value) => ({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: String(value) }] } });
  switch (name) {
    case "ok": return send(text("fine"));
    case "die": return process.exit(1);
    case "hang": return;
    case "close": return require("node:fs").closeSync(1);
    case "flood": { const chunk = "x".repeat(65536); const more = () => { while (process.stdout.write(chunk)); process.stdout.once("drain", more); }; return more(); }
    case "broken": return raw('{"jsonrpc":"2.0","id":' + id + ',"result":{\n');
    case "noise": raw("debug: working\n\n42\n"); return send(text("after noise"));
    case "noisehang": return raw("debug: stuck\n");
    case "error": return send({ jsonrpc: "2.0", id, error: { code: -32000, message: "refused for " + process.env.TOKEN } });
    case "odderror": return send({ jsonrpc: "2.0", id, error: "no" });
    case "noresult": return send({ jsonrpc: "2.0", id });
    case "nullresult": return send({ jsonrpc: "2.0", id, result: null });
    case "stringid": return send({ jsonrpc: "2.0", id: String(id), result: { content: [] } });
    case "numbers": return raw('{"jsonrpc":"2.0","id":' + id + ',"result":{"isError":true,"structuredContent":{"one":1.0,"big":9007199254740993,"sent":' + JSON.stringify(line) + '}}}\n');
    case "env": return send(text(JSON.stringify(process.env)));
    case "cwd": return send(text(process.cwd()));
    case "hold": held = id; return;
    case "release": send(text("second")); return send({ jsonrpc: "2.0", id: held, result: { content: [{ type: "text", text: "first" }] } });
    case "batch": return raw('[' + JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: 1 } }) + ',' + JSON.stringify(text("batched")) + ']\n');
    case "roots": process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: "q", method: "roots/list" }) + "\n"); held = id; return;
  }
}
let buffer = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  buffer += chunk;
  for (let at = buffer.indexOf("\n"); at >= 0; at = buffer.indexOf("\n")) {
    const line = buffer.slice(0, at);
    buffer = buffer.slice(at + 1);
    const message = JSON.parse(line);
    log(message.method || "reply " + JSON.stringify(message.error || message.result));
    if (message.id === "q") send({ jsonrpc: "2.0", id: held, result: { content: [{ type: "text", text: message.error.message }] } });
    if (message.method === "initialize") {
      if (mode === "mute") return;
      if (mode === "old") return send({ jsonrpc: "2.0", id: message.id, result: { protocolVersion: "1999-01-01", capabilities: {}, serverInfo: { name: "x", version: "0" } } });
      if (mode === "odd") return send({ jsonrpc: "2.0", id: message.id, result: { capabilities: 7 } });
      if (mode === "refuses") return send({ jsonrpc: "2.0", id: message.id, error: { code: -32602, message: "not today" } });
      send({ jsonrpc: "2.0", id: message.id, result: { protocolVersion: message.params.protocolVersion, capabilities: { tools: {}, resources: {} }, serverInfo: { name: "x", version: "0" } } });
    }
    if (message.method === "tools/call") tool(message.id, message.params.name, line);
    if (message.method === "resources/read") {
      if (message.params.uri === "test://die") process.exit(1);
      send({ jsonrpc: "2.0", id: message.id, result: { contents: [{ uri: message.params.uri, text: "t", size: 1.0 }] } });
    }
  }
});
`;

export const scope: EffectScope = {
  activation: { frame: "", node: "use", visit: 1, attempt: 1 },
  nodeKind: "call_mcp_tool",
  document: "/w.toml",
  idempotencyKey: null,
};

export const CANARY = "canary-7d1f0be2";

/** A temporary folder with the script, and every performer made in it; `end` closes and removes all. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "cs-mcp-"));
  readonly log = join(this.folder, "log");
  private readonly performers: McpPerformer[] = [];

  constructor() {
    writeFileSync(join(this.folder, "server.cjs"), SCRIPT);
    writeFileSync(this.log, "");
  }

  /** The misbehaving server under the name `test`. */
  server(mode = "", given: Partial<McpServer> = {}): McpServer {
    const command = [process.execPath, join(this.folder, "server.cjs"), mode];
    return { name: "test", command, allowTools: [], allowResources: [], env: {}, at: [], ...given };
  }

  performer(servers: readonly McpServer[], given: Partial<McpOptions> = {}): McpPerformer {
    const made = new McpPerformer({
      servers,
      admit: () => Promise.resolve(null),
      resolveSecret: () => Promise.resolve({ ok: true, value: CANARY }),
      digest: (data) => `sha256:${createHash("sha256").update(data).digest("hex")}`,
      environment: { PATH: process.env["PATH"] ?? "", LOG: this.log },
      cwd: this.folder,
      version: "0.0.0",
      callTimeoutMs: 20_000,
      graceMs: 200,
      ...given,
    });
    this.performers.push(made);
    return made;
  }

  /** Lines the servers have logged. */
  logged(): string[] {
    return readFileSync(this.log, "utf8").split("\n").slice(0, -1);
  }

  /** Resolves once a line has been logged `times` times. */
  async untilLogged(line: string, times = 1): Promise<void> {
    const enough = () => this.logged().filter((one) => one === line).length >= times;
    if (enough()) return;
    await new Promise<void>((resolve) => {
      const watcher = watch(this.log, () => {
        if (!enough()) return;
        watcher.close();
        resolve();
      });
      if (enough()) {
        watcher.close();
        resolve();
      }
    });
  }

  /** Process ids the servers have logged. */
  pids(): number[] {
    return this.logged()
      .filter((line) => line.startsWith("pid "))
      .map((line) => Number(line.slice(4)));
  }

  async end(): Promise<void> {
    await Promise.all(this.performers.map((one) => one.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** True while a process of this id is running (a zombie is not). */
export function running(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/^\d+ \(.*\) Z/.test(readFileSync(status, "utf8"));
}

export const tool = (name: string, args: Value = null, server: string | null = null): Effect => ({
  kind: "mcp.tool",
  server,
  tool: name,
  args,
});
export const resource = (uri: string, server: string | null = null): Effect => ({ kind: "mcp.resource", server, uri });

/** Prepares and performs one effect. */
export async function perform(mcp: McpPerformer, effect: Effect, signal = new AbortController().signal) {
  const prepared = await mcp.prepare(effect, scope);
  if ("class" in prepared) return { ok: false as const, failure: prepared };
  return mcp.perform(prepared, scope, signal);
}

/** Class, message and doubt of a failure, or the result itself when it is none. */
export async function failureOf(mcp: McpPerformer, effect: Effect, signal?: AbortSignal): Promise<unknown> {
  const result = await perform(mcp, effect, signal);
  if (result.ok) return result;
  const doubt = "doubt" in result && result.doubt === true;
  return [result.failure.class, result.failure.message, ...(doubt ? ["in doubt"] : [])];
}
