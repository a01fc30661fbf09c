/**
 * Which MCP servers there are and which one an effect means (spec/workflow.md §11). Nothing is started here.
 */
import { failure, workflowFailure, type Failure } from "../../graph/failure.ts";
import type { McpServer } from "../../graph/model.ts";
import { compareKeys } from "../../graph/value.ts";

/** The servers of a document and of the command line, or the first thing wrong (class `config`, exit code 2). */
export type ConfiguredServers =
  { readonly ok: true; readonly servers: readonly McpServer[] } | { readonly ok: false; readonly failure: Failure };

/** Name of the server that `--mcp-stdio` adds. */
const DEFAULT_SERVER = "default";

/** Checks `[[mcp_servers]]` in document order and adds `--mcp-stdio "CMD ARGS"` (split on white space) as `default`. */
export function configureServers(declared: readonly McpServer[], mcpStdio: string | null): ConfiguredServers {
  const names = new Set<string>();
  for (const [i, server] of declared.entries()) {
    const problem = serverProblem(server, i, names);
    if (problem !== null) return wrong(problem);
    names.add(server.name);
  }
  if (mcpStdio === null) return { ok: true, servers: declared };
  const command = mcpStdio.split(/\s+/).filter((word) => word !== "");
  if (command.length === 0) return wrong("--mcp-stdio: the command is empty");
  if (names.has(DEFAULT_SERVER))
    return wrong(
      "mcp_servers: `default` is declared in the document and also given with --mcp-stdio; drop one of them",
    );
  const added = { name: DEFAULT_SERVER, command, allowTools: [], allowResources: [], env: {}, at: [] };
  return { ok: true, servers: [...declared, added] };
}

function wrong(detail: string): ConfiguredServers {
  return { ok: false, failure: failure("config", detail) };
}

function serverProblem(server: McpServer, index: number, names: ReadonlySet<string>): string | null {
  const { name, command } = server;
  if (name.trim() === "") return `mcp_servers[${index}]: name must be non-empty`;
  const at = `mcp_servers[${index}] (\`${name}\`)`;
  if (command.length === 0) return `${at}: command must have at least one element`;
  if ((command[0] as string).trim() === "") return `${at}: command[0] is empty`;
  if (names.has(name)) return `mcp_servers: duplicate name \`${name}\``;
  // An environment cannot hold these; the system would refuse the start with words that help nobody.
  for (const variable of Object.keys(server.env))
    if (variable === "" || /[=\0]/.test(variable)) return `${at}: env: \`${variable}\` cannot name a variable`;
  return null;
}

/** The server an effect means: the named one; without a name, the only one. Otherwise class `workflow`. */
export function chooseServer(servers: readonly McpServer[], name: string | null): McpServer | Failure {
  const list = `[${serverNames(servers).join(", ")}]`;
  if (name !== null)
    return (
      servers.find((server) => server.name === name) ??
      workflowFailure("", `unknown mcp server \`${name}\`; configured: ${list}`)
    );
  const [only, ...others] = servers;
  if (only === undefined)
    return workflowFailure("", "no mcp server is configured; declare one in [[mcp_servers]] or pass --mcp-stdio");
  if (others.length === 0) return only;
  return workflowFailure(
    "",
    `call_mcp_tool / read_mcp_resource: \`server\` field required when multiple mcp_servers are configured; got ${list}`,
  );
}

/** Names of the servers, sorted. */
export function serverNames(servers: readonly McpServer[]): readonly string[] {
  return servers.map((server) => server.name).sort(compareKeys);
}
