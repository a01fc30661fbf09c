/**
 * The reference's checks of one document: 24 codes, their texts and their order as in spec/workflow.md §3, with
 * Decision D24. Everything here is an error; what an author likely did not mean is checked elsewhere.
 */
import type { Diagnostic, DocumentPath, Place } from "../../graph/diagnostic.ts";
import type { Graph, Node, Start } from "../../graph/model.ts";
import { Findings } from "./findings.ts";
import { checkAgentLoop, checkHeaders, checkMap, checkRespond } from "./validate-fields.ts";
import { checkWalk } from "./validate-walk.ts";

/** How a graph hangs together, as far as the checks of ids, edges and ways look at it. */
type Frame = Pick<Graph, "nodes" | "starts">;

/** Frames in which nothing was wrong, by their lists of edges. */
export type Frames = WeakMap<Graph["edges"], Frame>;

/**
 * All issues of a graph. Pure; linear in the size of the graph but for suggestions, which are bounded. `frames`: what
 * needs no second look, while somebody types in the fields of a node.
 */
export function validateWorkflow(graph: Graph, frames: Frames | null = null): readonly Diagnostic[] {
  const findings = new Findings(graph);
  const sound = frames?.get(graph.edges);
  const isSound = sound !== undefined && isSameFrame(graph, sound);
  const ids = new Set<string>();
  if (!isSound) {
    for (const node of graph.nodes) ids.add(node.id);
    checkDuplicateIds(findings, ids);
  }
  const wrong = findings.list.length;
  const starts = checkStartNames(findings);
  checkRoutes(findings, starts);
  checkTriggers(findings, starts);
  const declared = findings.list.length;
  let dangling = false;
  if (!isSound) {
    checkEntries(findings, ids);
    dangling = checkEdges(findings, ids);
  }
  const joined = findings.list.length;
  checkServers(findings);
  for (const check of [checkAgentLoop, checkRespond, checkMap, checkHeaders]) {
    for (const node of graph.nodes) check(findings, node);
  }
  if (isSound || dangling) return findings.list;
  const before = findings.list.length;
  checkWalk(findings);
  if (wrong === 0 && joined === declared && findings.list.length === before) frames?.set(graph.edges, graph);
  return findings.list;
}

function isSameFrame(a: Frame, b: Frame): boolean {
  if (a.nodes.length !== b.nodes.length || a.starts.length !== b.starts.length) return false;
  for (let i = 0; i < a.starts.length; i++) {
    const start = a.starts[i] as Start;
    const other = b.starts[i] as Start;
    if (start.name !== other.name || start.entry !== other.entry) return false;
  }
  for (let i = 0; i < a.nodes.length; i++) {
    const node = a.nodes[i] as Node;
    const other = b.nodes[i] as Node;
    if (node !== other && node.id !== other.id) return false;
  }
  return true;
}

const value = (at: DocumentPath, key: string): Place => ({ path: [...at, key], part: "value" });

/** Each id that is declared more than once is reported once, at its second declaration. */
function checkDuplicateIds(findings: Findings, ids: ReadonlySet<string>): void {
  const { nodes } = findings.graph;
  if (ids.size === nodes.length) return;
  const first = new Map<string, Node>();
  const reported = new Set<string>();
  for (const node of nodes) {
    const earlier = first.get(node.id);
    if (earlier === undefined) first.set(node.id, node);
    else if (!reported.has(node.id)) {
      reported.add(node.id);
      const related = [findings.related("declared here first", value(earlier.at, "id"))];
      findings.add("dup_node_id", value(node.at, "id"), `node id \`${node.id}\` is declared more than once`, {
        related,
      });
    }
  }
}

function checkStartNames(findings: Findings): ReadonlySet<string> {
  const first = new Map<string, DocumentPath>();
  const reported = new Set<string>();
  for (const start of findings.graph.starts) {
    const earlier = first.get(start.name);
    if (earlier === undefined) first.set(start.name, start.at);
    else if (!reported.has(start.name)) {
      reported.add(start.name);
      const message = `start node name \`${start.name}\` is declared more than once`;
      const related = [findings.related("declared here first", value(earlier, "name"))];
      findings.add("dup_start_name", value(start.at, "name"), message, { related });
    }
  }
  return new Set(first.keys());
}

function checkRoutes(findings: Findings, starts: ReadonlySet<string>): void {
  const seen = new Map<string, DocumentPath>();
  for (const route of findings.graph.operation.routes) {
    const name = `${route.method} ${route.path}`;
    const key = `${route.method.toUpperCase()} ${route.path}`;
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, route.at);
    else {
      const related = [findings.related("declared here first", value(earlier, "path"))];
      findings.add("dup_http_route", value(route.at, "path"), `duplicate HTTP route \`${name}\``, { related });
    }
    if (starts.has(route.start)) continue;
    const at = value(route.at, "start_node");
    const message = `HTTP route \`${name}\` points at unknown start node \`${route.start}\``;
    findings.add("unknown_http_start_node", at, message, { fixes: findings.replacement(route.start, starts, at) });
  }
}

function checkTriggers(findings: Findings, starts: ReadonlySet<string>): void {
  for (const trigger of findings.graph.operation.triggers) {
    if (starts.has(trigger.start)) continue;
    const at = value(trigger.at, "start_node");
    const message = `trigger points at unknown start node \`${trigger.start}\``;
    findings.add("unknown_trigger_start_node", at, message, { fixes: findings.replacement(trigger.start, starts, at) });
  }
}

function checkEntries(findings: Findings, ids: ReadonlySet<string>): void {
  for (const start of findings.graph.starts) {
    if (start.entry === null || ids.has(start.entry)) continue;
    const at = value(start.at, "entry_node");
    const message = `start node \`${start.name}\` references unknown entry node \`${start.entry}\``;
    findings.add("unknown_start_entry_node", at, message, { fixes: findings.replacement(start.entry, ids, at) });
  }
}

/** True when some edge is dangling, in which case the walk is not checked. */
function checkEdges(findings: Findings, ids: ReadonlySet<string>): boolean {
  let dangling = false;
  const report = (end: "source" | "target", key: "from" | "to", name: string, text: string, at: DocumentPath) => {
    dangling = true;
    const place = value(at, key);
    const fixes = findings.replacement(name, ids, place);
    findings.add("dangling_edge", place, `${text}: ${end} node \`${name}\` is not declared`, { fixes });
  };
  for (const edge of findings.graph.edges) {
    const text = `edge #${edge.index} \`${edge.from}\` → \`${edge.to}\``;
    if (!ids.has(edge.from)) report("source", "from", edge.from, text, edge.at);
    if (!ids.has(edge.to)) report("target", "to", edge.to, text, edge.at);
  }
  return dangling;
}

/** Checks 8 and 9. No server at all is not an issue: `--mcp-stdio` may bring one. */
function checkServers(findings: Findings): void {
  const servers = new Set(findings.graph.mcpServers.map((server) => server.name));
  const several = findings.graph.mcpServers.length > 1;
  for (const node of findings.graph.nodes) {
    if (node.kind !== "call_mcp_tool" && node.kind !== "read_mcp_resource") continue;
    const server = node.fields["server"];
    if (typeof server === "string") {
      if (servers.has(server)) continue;
      const at = value(node.at, "server");
      const message = `node \`${node.id}\` (${node.kind}) references unknown mcp_server \`${server}\``;
      findings.add("unknown_mcp_server", at, message, { fixes: findings.replacement(server, servers, at) });
    } else if (several) {
      const why = "has no `server` field but multiple mcp_servers are configured";
      findings.add("ambiguous_mcp_server", value(node.at, "type"), `node \`${node.id}\` (${node.kind}) ${why}`);
    }
  }
}
