import { describe, expect, it } from "vitest";
import type { McpServer } from "../../../src/graph/model.ts";
import { object } from "../../../src/graph/value.ts";
import { McpPerformer } from "../../../src/connect/mcp/performer.ts";
import { chooseServer, configureServers } from "../../../src/connect/mcp/servers.ts";
import { resource, scope, tool } from "./harness.ts";

function server(name: string, given: Partial<McpServer> = {}): McpServer {
  return { name, command: ["cmd", "--flag"], allowTools: [], allowResources: [], env: {}, at: [], ...given };
}

describe("configuring servers at the start", () => {
  const refused: [string, readonly McpServer[], string | null, string][] = [
    ["an empty name", [server("a"), server(" ")], null, "mcp_servers[1]: name must be non-empty"],
    [
      "an empty command",
      [server("a", { command: [] })],
      null,
      "mcp_servers[0] (`a`): command must have at least one element",
    ],
    ["a blank program", [server("a", { command: [" ", "x"] })], null, "mcp_servers[0] (`a`): command[0] is empty"],
    ["a name used twice", [server("a"), server("a")], null, "mcp_servers: duplicate name `a`"],
    [
      "a variable no environment can hold",
      [server("a", { env: { "A=B": "s" } })],
      null,
      "mcp_servers[0] (`a`): env: `A=B` cannot name a variable",
    ],
    [
      "--mcp-stdio beside a declared default",
      [server("default")],
      "cmd",
      "mcp_servers: `default` is declared in the document and also given with --mcp-stdio; drop one of them",
    ],
    ["a blank --mcp-stdio", [], " \t", "--mcp-stdio: the command is empty"],
  ];
  it.each(refused)("refuses %s", (_what, declared, mcpStdio, message) => {
    expect(configureServers(declared, mcpStdio)).toEqual({
      ok: false,
      failure: { class: "config", message: `configuration error: ${message}` },
    });
  });

  it("adds --mcp-stdio as `default`, split on white space", () => {
    expect(configureServers([server("a")], "  npx  -y\tpkg ")).toMatchObject({
      ok: true,
      servers: [{ name: "a" }, { name: "default", command: ["npx", "-y", "pkg"] }],
    });
    expect(configureServers([server("default")], null)).toMatchObject({ ok: true, servers: [{ name: "default" }] });
  });
});

describe("choosing a server", () => {
  const message = (servers: readonly McpServer[], name: string | null) => {
    const chosen = chooseServer(servers, name);
    return "class" in chosen ? [chosen.class, chosen.message] : chosen.name;
  };

  it("takes the named one, or the only one", () => {
    expect(message([server("a"), server("b")], "b")).toBe("b");
    expect(message([server("a")], null)).toBe("a");
  });

  it("refuses an unknown name, a missing name among several, and no servers at all", () => {
    expect(message([server("b"), server("a")], "c")).toEqual([
      "workflow",
      "workflow ``: unknown mcp server `c`; configured: [a, b]",
    ]);
    expect(message([server("b"), server("a")], null)).toEqual([
      "workflow",
      "workflow ``: call_mcp_tool / read_mcp_resource: `server` field required when multiple mcp_servers are configured; got [a, b]",
    ]);
    expect(message([], null)).toEqual([
      "workflow",
      "workflow ``: no mcp server is configured; declare one in [[mcp_servers]] or pass --mcp-stdio",
    ]);
  });
});

describe("preparing an MCP effect", () => {
  const mcp = new McpPerformer({
    servers: [server("b", { env: { TOKEN: "the-secret" } }), server("a")],
    admit: () => Promise.reject(new Error("nothing is to be started")),
    resolveSecret: () => Promise.reject(new Error("no secret is to be read")),
    digest: (data) => `digest of ${String(data)}`,
    environment: {},
    cwd: "/",
    version: "0.0.0",
  });

  it("names the chosen server, its command, and secrets by name; starts and reads nothing", async () => {
    expect(mcp.names).toEqual(["a", "b"]);
    expect(await mcp.prepare(tool("t", object({ b: 1n, a: 1 }), "b"), scope)).toMatchObject({
      target: "t",
      description: {
        server: "b",
        server_command: ["cmd", "--flag"],
        server_env: ["TOKEN={{secret:the-secret}}"],
        tool: "t",
        args_digest: 'digest of {"a":1.0,"b":1}',
        args_length: 15,
      },
    });
    expect(await mcp.prepare(resource("docs://x", "a"), scope)).toMatchObject({
      target: "docs://x",
      description: { server: "a", uri: "docs://x", server_env: [] },
    });
  });

  it("fails where the server cannot be told, and for effects of other rooms", async () => {
    expect(await mcp.prepare(tool("t"), scope)).toMatchObject({ class: "workflow" });
    expect(await mcp.prepare({ kind: "env.read", key: "A" }, scope)).toMatchObject({ class: "internal" });
  });
});
