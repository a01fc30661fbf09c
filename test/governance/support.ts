import { createHash } from "node:crypto";
import type { Decision, DecisionRequest, PolicyScope } from "../../src/effects/decision.ts";
import type { Effect, PreparedEffect } from "../../src/effects/effect.ts";
import { createDecider, type DeciderOptions } from "../../src/governance/decider.ts";
import { lexicalPath } from "../../src/governance/static/path-pattern.ts";
import type { DocumentPolicy, McpServer } from "../../src/graph/model.ts";
import type { AllowLists, Posture } from "../../src/graph/posture.ts";

export const digest = (data: string | Uint8Array) => `sha256:${createHash("sha256").update(data).digest("hex")}`;

/** A `[policy]` with these lists and nothing else. */
export function policy(lists: {
  read?: readonly string[];
  write?: readonly string[];
  env?: readonly string[];
  urls?: readonly string[];
  methods?: readonly string[];
  commands?: readonly string[];
  tools?: readonly string[];
  resources?: readonly string[];
  rego?: string;
}): DocumentPolicy {
  return {
    fs: { read: lists.read ?? [], write: lists.write ?? [], delete: [], list: [] },
    env: { readKeys: lists.env ?? [] },
    http: { urls: lists.urls ?? [], methods: lists.methods ?? [] },
    shell: { commands: lists.commands ?? [] },
    mcp: { servers: [], tools: lists.tools ?? [], resources: lists.resources ?? [] },
    rego: lists.rego === undefined ? null : { inline: lists.rego, file: null, data: null, query: "data.agent.allow" },
  };
}

export function scope(own: DocumentPolicy | null, mcpServers: readonly McpServer[] = [], file = "w.toml"): PolicyScope {
  return { file, policy: own, mcpServers };
}

/** A declared MCP server. */
export function server(name: string, allowTools: readonly string[], command: readonly string[] = ["srv"]): McpServer {
  return { name, command, allowTools, allowResources: allowTools, env: {}, at: [] };
}

/** An operator level that says nothing but this. */
export function level(lists: Partial<AllowLists>): AllowLists {
  return {
    from: "countersign.toml",
    fsRead: null,
    fsWrite: null,
    envKeys: null,
    httpUrls: null,
    httpMethods: null,
    shellCommands: null,
    mcpTools: null,
    mcpResources: null,
    modelBackends: null,
    ...lists,
  };
}

export const cwd = "/srv";
export const dev: Posture = { environment: "dev", sideEffects: "allow_all", replay: "dry_run_only" };

/** Effects with the description that preparation gives them. Paths are real as written unless `real` says otherwise. */
export const prepared = {
  read: (path: string, real = lexicalPath(path, cwd)) => made({ kind: "fs.read", path }, { path, real_path: real }),
  write: (path: string, real = lexicalPath(path, cwd)) =>
    made({ kind: "fs.write", path, content: "x" }, { path, real_path: real }),
  mkdir: (path: string) => made({ kind: "fs.mkdir", path }, { path, real_path: lexicalPath(path, cwd) }),
  env: (key: string) => made({ kind: "env.read", key }, { key }),
  http: (url: string, extra: PreparedEffect["description"] = {}, method = "GET") =>
    made(
      { kind: "http.request", method, url, headers: [], body: null, timeoutMs: 1, maxReplyBytes: 1 },
      { method, url, address: "93.184.216.34", address_class: "public", ...extra },
    ),
  run: (program: string, real = program, args: readonly string[] = []) =>
    made(
      {
        kind: "shell.run",
        program,
        args,
        stdin: null,
        env: {},
        inheritEnv: [],
        cwd: null,
        timeoutMs: 1,
        maxOutputBytes: 1,
        lookup: false,
        graceMs: 0,
      },
      { program, real_path: real },
    ),
  tool: (name: string, on: McpServer | string) =>
    made({ kind: "mcp.tool", server: null, tool: name, args: null }, serverDescription(on)),
  resource: (uri: string, on: McpServer | string) =>
    made({ kind: "mcp.resource", server: null, uri }, serverDescription(on)),
  model: (backend: string) =>
    made({ kind: "model.call", backend, tier: "fast", messages: [], maxTokens: null }, { backend }),
};

function serverDescription(on: McpServer | string): PreparedEffect["description"] {
  if (typeof on === "string") return { server: on, server_command: ["stdio"], server_env: [] };
  return { server: on.name, server_command: on.command, server_env: [] };
}

function made(effect: Effect, description: PreparedEffect["description"]): PreparedEffect {
  return { effect, description: { kind: effect.kind, ...description }, target: "" };
}

/** Settings in which only the documents decide. */
export const open: DeciderOptions = {
  posture: dev,
  lists: [],
  stages: { httpPost: null, exec: [] },
  scopes: [],
  realPrefix: (path) => lexicalPath(path, cwd),
  digest,
};

/** The decision about one effect. */
export async function decide(
  effect: PreparedEffect,
  scopes: readonly PolicyScope[],
  settings: Partial<DeciderOptions> = {},
  request: Partial<DecisionRequest> = {},
): Promise<Decision> {
  return createDecider({ ...open, scopes, ...settings }).decide({
    prepared: effect,
    activation: { frame: "", node: "n", visit: 1, attempt: 1 },
    nodeKind: kinds[effect.effect.kind],
    scopes,
    dryRun: false,
    replay: false,
    chosenByModel: false,
    at: 0,
    ...request,
  });
}

const kinds: Readonly<Record<Effect["kind"], string>> = {
  "fs.read": "read_file",
  "fs.write": "write_file",
  "fs.mkdir": "create_dir",
  "env.read": "read_env",
  "http.request": "http_request",
  "shell.run": "shell_run",
  "mcp.tool": "call_mcp_tool",
  "mcp.resource": "read_mcp_resource",
  "model.call": "llm_infer",
};
