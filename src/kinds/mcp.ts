/** Which MCP server a node means (spec/workflow.md §11). */
import type { NodeContext } from "../effects/handler.ts";
import { NodeFailure, workflowFailure, type Failure } from "../graph/failure.ts";
import { unavailable } from "./inputs.ts";

/** A server's name, or why none is meant. The message names no workflow, as the reference's does not. */
export function serverFor(
  context: NodeContext,
  name: string | undefined,
): { readonly ok: true; readonly server: string } | { readonly ok: false; readonly failure: Failure } {
  const { servers } = context;
  const configured = `[${servers.join(", ")}]`;
  if (name !== undefined) {
    if (servers.includes(name)) return { ok: true, server: name };
    return { ok: false, failure: workflowFailure("", `unknown mcp server \`${name}\`; configured: ${configured}`) };
  }
  const [only] = servers;
  if (only === undefined) return { ok: false, failure: workflowFailure("", "no MCP server is configured") };
  if (servers.length === 1) return { ok: true, server: only };
  const text = `call_mcp_tool / read_mcp_resource: \`server\` field required when multiple mcp_servers are configured; got ${configured}`;
  return { ok: false, failure: workflowFailure("", text) };
}

/** As {@link serverFor} for a node: without any server the kind is unavailable, and a wrong one ends the node. */
export function nodeServer(context: NodeContext, name: string | undefined): string {
  if (context.servers.length === 0) {
    return unavailable(context, 'declare a server in [[mcp_servers]] or pass --mcp-stdio "COMMAND ARGS"');
  }
  const chosen = serverFor(context, name);
  if (!chosen.ok) throw new NodeFailure(chosen.failure);
  return chosen.server;
}
