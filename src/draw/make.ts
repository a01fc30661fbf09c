/**
 * Graph -> Drawing. Pure; what a kind means for the picture comes as a lookup, so that this room needs no registry.
 */
import type { Graph, Node, Ports, Trigger } from "../graph/model.ts";
import { keyedByName } from "./keys.ts";
import { links } from "./text.ts";
import type {
  Drawing,
  DrawnBadge,
  DrawnEdge,
  DrawnEntry,
  DrawnFrame,
  DrawnNode,
  DrawnPort,
  DrawnReference,
  NodeFamily,
} from "./drawing.ts";

/** What the picture needs to know of a node's kind. */
export interface KindLook {
  readonly family: NodeFamily;
  readonly effect: "read" | "mutate" | "spawn" | null;
  readonly ports: Ports;
}

/** Longest summary of a node, in characters. */
const MAX_SUMMARY = 60;
/** Most arrows of the data overlay; past that it would be a black square. */
const MAX_REFERENCES = 5_000;

/** What keys of other elements begin with; no node's key does. */
const ownPrefix = /^(?:ghost|start|group|edge):/;

/** Draws a graph. `look` gives null for a kind of which nothing is known. */
export function drawGraph(graph: Graph, look: (node: Node) => KindLook | null): Drawing {
  const keys = keyedByName(graph.nodes.map((node) => (ownPrefix.test(node.id) ? `node:${node.id}` : node.id)));
  const byId = new Map<string, string>();
  graph.nodes.forEach((node, i) => {
    if (!byId.has(node.id)) byId.set(node.id, keys[i] as string);
  });
  const keyOf = (id: string): string => byId.get(id) ?? `ghost:${id}`;
  const frames = drawFrames(graph, keys);
  const frameOf = new Map(frames.flatMap((frame) => frame.nodes.map((node) => [node, frame.key] as const)));
  const edges = drawEdges(graph, keys, keyOf);
  const used = new Map<string, Set<string | null>>();
  for (const { from, port } of edges) {
    const set = used.get(from) ?? new Set();
    used.set(from, set.add(port));
  }
  const nodes = graph.nodes.map((node, i): DrawnNode => {
    const key = keys[i] as string;
    const known = look(node);
    return {
      key,
      index: node.index,
      id: node.id,
      kind: node.kind,
      family: known?.family ?? "unknown",
      label: node.label,
      summary: summaryOf(node),
      ports: portsOf(known?.ports ?? null, used.get(key) ?? new Set()),
      effect: known?.effect ?? null,
      badges: badgesOf(node),
      child: node.files.find((file) => file.role !== "schema")?.text ?? null,
      frame: frameOf.get(key) ?? null,
    };
  });
  return {
    dialect: graph.dialect,
    name: graph.name,
    nodes,
    edges,
    entries: drawEntries(graph, keys, edges, keyOf),
    frames,
    references: drawReferences(graph, keys, byId),
  };
}

/** Ports the kind has, and those that edges use although it has not, so that every edge has a place to begin. */
function portsOf(ports: Ports | null, used: ReadonlySet<string | null>): DrawnPort[] {
  const labels = new Set([...(ports?.labels ?? []), ...[...used].filter((one) => one !== null)]);
  const made: DrawnPort[] = [];
  if (ports === null || ports.plain || used.has(null)) made.push({ label: null, type: "plain" });
  for (const label of labels) made.push({ label, type: label === "error" ? "error" : "label" });
  if (ports?.open === true) made.push({ label: null, type: "open" });
  return made;
}

function drawEdges(graph: Graph, keys: readonly string[], keyOf: (id: string) => string): DrawnEdge[] {
  if (graph.dialect === "workflow") {
    return graph.edges.map(({ key, index, from, to, when, maxIterations }) => ({
      key: `edge:${key}`,
      index,
      from: keyOf(from),
      to: keyOf(to),
      port: when,
      label: when,
      loop: maxIterations,
      type: "control",
    }));
  }
  if (graph.dialect === "pipeline") {
    let dependency = 0;
    return graph.nodes.flatMap((node, i) =>
      node.after.map((before): DrawnEdge => {
        const [from, to] = [keys[before] ?? `ghost:${before}`, keys[i] as string];
        const plain = { port: null, label: null, loop: null, type: "dependency" as const };
        return { key: `edge:${from}>${to}`, index: dependency++, from, to, ...plain };
      }),
    );
  }
  return links(graph).map(({ from, to }) => {
    const [source, target] = [keyOf(from), keyOf(to)];
    const plain = { port: null, label: null, loop: null, type: "sequence" as const };
    return { key: `edge:${source}>${target}`, index: null, from: source, to: target, ...plain };
  });
}

function drawEntries(
  graph: Graph,
  nodeKeys: readonly string[],
  edges: readonly DrawnEdge[],
  keyOf: (id: string) => string,
): DrawnEntry[] {
  if (graph.dialect !== "workflow") {
    const [to, ...rest] = nodeKeys;
    const name = graph.starts[0]?.name ?? "main";
    if (to === undefined) return [];
    const reached = new Set(edges.map((edge) => edge.to));
    // Of steps with one name the order of the text leads to the first only.
    const also = rest.filter((key, i) => !reached.has(key) && keyOf(graph.nodes[i + 1]?.id ?? "") === key);
    return [{ key: `start:${name}`, name, source: "manual", triggers: [], to, also }];
  }
  const entered = new Set(graph.edges.map((edge) => edge.to));
  const roots = graph.nodes.filter((node) => !entered.has(node.id));
  const [root] = roots;
  const only = root !== undefined && roots.length === 1 ? keyOf(root.id) : null;
  const keys = keyedByName(graph.starts.map((start) => start.name));
  return graph.starts.map((start, i) => ({
    key: `start:${keys[i] as string}`,
    name: start.name,
    source: start.source,
    triggers: [
      ...graph.operation.routes.filter((one) => one.start === start.name).map((one) => `${one.method} ${one.path}`),
      ...graph.operation.triggers.filter((one) => one.start === start.name).map(triggerText),
    ],
    to: start.entry === null ? only : keyOf(start.entry),
    also: [],
  }));
}

function triggerText(trigger: Trigger): string {
  switch (trigger.type) {
    case "cron":
      return `cron ${trigger.schedule}`;
    case "interval":
      return `every ${trigger.every}`;
    case "fs_watch":
      return `changes of ${trigger.path}`;
    case "internal.event":
      return `event ${trigger.name}`;
    default:
      return `${trigger.type} ${trigger.resource}`;
  }
}

function drawFrames(graph: Graph, keys: readonly string[]): DrawnFrame[] {
  return graph.groups.map((group) => {
    const nodes = graph.nodes.flatMap((node, i) => (node.group === group.id ? [keys[i] as string] : []));
    const rule =
      group.strategy === "quorum"
        ? `quorum ${group.minSuccess ?? "?"} of ${nodes.length}`
        : `${group.strategy} must succeed`;
    return { key: `group:${group.id}`, title: group.id, rule, nodes };
  });
}

function drawReferences(graph: Graph, keys: readonly string[], byId: ReadonlyMap<string, string>): DrawnReference[] {
  const found = new Map<string, DrawnReference>();
  graph.nodes.forEach((node, i) => {
    for (const { role, text } of node.references) {
      if (role !== "context" || found.size >= MAX_REFERENCES) continue;
      const dot = text.indexOf(".");
      const from = byId.get(dot < 0 ? text : text.slice(0, dot));
      const to = keys[i] as string;
      if (from !== undefined && from !== to)
        found.set(`data:${from}>${to}:${text}`, { key: `data:${from}>${to}:${text}`, from, to, text });
    }
  });
  return [...found.values()];
}

function badgesOf(node: Node): DrawnBadge[] {
  const badges: DrawnBadge[] = [];
  if (node.retry !== null && node.retry.maxAttempts > 1)
    badges.push({ type: "retry", text: `up to ${node.retry.maxAttempts} attempts` });
  if (node.onError === "branch") badges.push({ type: "on_error", text: "an error takes the branch `error`" });
  if (node.when !== null) badges.push({ type: "when", text: `only when ${node.when.field} is as asked` });
  if (node.fields["mutation"] === true) badges.push({ type: "mutation", text: "changes the outside world" });
  if (node.idempotencyKey !== null) badges.push({ type: "idempotency", text: "has an idempotency key" });
  return badges;
}

/** The first texts of its fields, which kinds declare in the order of their weight. */
function summaryOf(node: Node): string {
  const texts: string[] = [];
  for (const value of Object.values(node.fields)) {
    const text = typeof value === "string" ? value.split("\n", 1)[0] : undefined;
    if (text !== undefined && text !== "") texts.push(text);
    if (texts.length === 2) break;
  }
  const joined = texts.join(" ");
  return joined.length > MAX_SUMMARY ? `${joined.slice(0, MAX_SUMMARY - 1)}…` : joined;
}
