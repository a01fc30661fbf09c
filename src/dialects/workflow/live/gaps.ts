/**
 * What of a workflow could not be read, and which findings of the checks may only follow from that.
 */
import type { Diagnostic, DocumentPath } from "../../../graph/diagnostic.ts";
import type { Graph } from "../../../graph/model.ts";
import { validateWorkflow, type Frames } from "../validate.ts";

/**
 * `nodes`: some ids; `starts`: some names of starts; `entries`: where some start enters; `edges`, `servers`, `secrets`,
 * `backends`, `auth`: some; `policy`: a part of it.
 */
export type Gap = "nodes" | "starts" | "entries" | "edges" | "servers" | "secrets" | "backends" | "auth" | "policy";

/** Everything that is missing. */
export type Gaps = Set<Gap>;

/** The gaps that something unreadable in the table of a workflow with this name, or somewhere, can mean. */
export function gapsOf(key: string | number | undefined): readonly Gap[] {
  switch (key) {
    case undefined:
      return ["nodes", "starts", "entries", "edges", "servers", "secrets", "backends", "auth", "policy"];
    case "nodes":
      return ["nodes"];
    case "start_nodes":
      return ["starts", "entries"];
    case "edges":
      return ["edges"];
    case "mcp_servers":
      return ["servers"];
    case "intelligence":
      return ["backends"];
    case "secrets":
    case "auth":
    case "policy":
      return [key];
    default:
      return [];
  }
}

/** Tables of which something is missing whatever in them cannot be read. */
export const undivided: ReadonlySet<string | number> = new Set([
  "mcp_servers",
  "intelligence",
  "secrets",
  "auth",
  "policy",
]);

/** The findings that a gap can be the reason of. */
const consequences: Readonly<Record<Gap, readonly string[]>> = {
  nodes: [
    "dangling_edge",
    "unknown_start_entry_node",
    "unreachable_node",
    "ambiguous_start_entry",
    "unknown_reference",
  ],
  starts: ["unknown_http_start_node", "unknown_trigger_start_node", "unreachable_node"],
  entries: ["unreachable_node", "ambiguous_start_entry"],
  edges: ["unreachable_node", "ambiguous_start_entry", "cycle"],
  servers: ["unknown_mcp_server", "ambiguous_mcp_server"],
  secrets: ["undeclared_secret"],
  backends: ["unknown_backend"],
  auth: ["undefined_auth"],
  policy: ["no_policy", "effect_denied"],
};

/** Codes of findings that the gaps can be the reason of, here and in the checks over the graph. */
export function unsureCodes(gaps: Gaps): ReadonlySet<string> {
  return new Set([...gaps].flatMap((gap) => consequences[gap]));
}

/** What the checks find in a graph with gaps that is not explained by them. */
export function validateRecovered(graph: Graph, gaps: Gaps, frames: Frames): readonly Diagnostic[] {
  const hidden = unsureCodes(gaps);
  // A node without a readable id is nobody's duplicate.
  const named = { ...graph, nodes: graph.nodes.filter((node) => node.kind !== "" || node.id !== "") };
  return validateWorkflow(named, frames).filter((finding) => !hidden.has(finding.code));
}

/** True when one path is the other or leads to something in it. */
export function isWithin(path: DocumentPath, outer: DocumentPath): boolean {
  return path.length >= outer.length && outer.every((key, i) => key === path[i]);
}
