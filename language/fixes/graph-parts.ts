/** Nodes, edges and starts of a workflow that are missing, or are too many. */
import type { Edge, Node, Start } from "../../src/graph/model.ts";
import { labelsOf } from "../completion/labels.ts";
import { rootPath } from "../schema/names.ts";
import { viewOf } from "../schema/where.ts";
import { freeName, idsOf, remove, replace, set, type About, type Family, type Offer } from "./about.ts";
import type { Change } from "./change.ts";

/** Most labels, nodes or names that one finding offers. */
const MAX_CHOICES = 4;

function intent(about: About, change: Extract<Change, { type: "intent" }>["intent"]): Change {
  return { type: "intent", intent: { ...change, graph: about.graphIndex } };
}

/** An end of an edge that is no node: a new node for a way in; the edge may go. */
export const danglingEdge: Family = (about) => {
  const { edge, graph, path } = about;
  if (edge === null || graph === null) return [];
  const gone = remove(`Remove the edge \`${edge.from}\` → \`${edge.to}\``, edge.at);
  const name = edge[path.at(-1) === "from" ? "from" : "to"];
  // A node that nothing leads to would be the next mistake.
  if (path.at(-1) !== "to" || name === "" || !idsOf(graph).includes(edge.from)) return [gone];
  const kind = edge.when === "error" ? "fail" : "merge";
  const node = { type: "add-node", id: name, kind, fields: [], after: edge.from } as const;
  return [{ title: `Add a node \`${name}\` (${kind})`, change: intent(about, node) }, gone];
};

/** A start whose entry is no node. */
export const unknownEntry: Family = (about) => {
  const start = startAt(about);
  if (start?.entry === null || start?.entry === undefined || start.entry === "") return [];
  const node = { type: "add-node", id: start.entry, kind: "merge", fields: [] } as const;
  return [{ title: `Add a node \`${start.entry}\` (merge)`, change: intent(about, node) }];
};

function startAt({ graph, path }: About): Start | undefined {
  return graph?.starts.find(({ at }) => at.every((key, i) => path[i] === key));
}

/** A start that does not say where it begins. */
export const startEntry: Family = (about) => {
  const { graph } = about;
  const start = startAt(about);
  if (graph === null || start === undefined) return [];
  const entered = new Set(graph.edges.map(({ to }) => to));
  const roots = graph.nodes.filter(({ id }) => id !== "" && !entered.has(id));
  const ids = (roots.length > 0 ? roots : graph.nodes.slice(0, 1)).slice(0, MAX_CHOICES).map(({ id }) => id);
  return ids.map((id) => set(`Begin \`${start.name}\` at \`${id}\``, start.at, "entry_node", id));
};

/** A route, a trigger or a caller names a start that is not there. */
export const missingStart: Family = (about) => {
  const { graph, live, path } = about;
  const name = live.source.element(path)?.text;
  if (graph === null || typeof name !== "string" || name === "") return [];
  const source = about.finding.code === "unknown_http_start_node" ? "http" : "event";
  return [{ title: `Add a start \`${name}\``, change: intent(about, newStart(about, name, source)) }];
};

function newStart({ graph }: Pick<About, "graph">, name: string, source: "http" | "event") {
  const entered = new Set(graph?.edges.map(({ to }) => to));
  const entry = graph?.nodes.find(({ id }) => !entered.has(id))?.id ?? graph?.nodes[0]?.id;
  return { type: "add-start", name, source, ...(entry === undefined || entry === "" ? {} : { entry }) } as const;
}

/** An outcome of a node that no edge takes: an edge to a node that ends the run, failed or not. */
export const missingEdge: Family = (about) => {
  const { graph, node, finding } = about;
  if (graph === null || node === null) return [];
  // The sentence names the label; a node may lack edges for several.
  const label = labelsOf(graph, node).find((one) => finding.message.startsWith(`no edge takes \`${one}\` of`));
  if (label === undefined) return [];
  const kind = finding.code === "unhandled_outcome" ? "fail" : "terminate";
  const target = graph.nodes.find((one) => one.kind === kind && one.id !== "" && one.index !== node.index);
  const way = { type: "add-edge", from: node.id, when: label } as const;
  const offers: Offer[] = [];
  const offered = finding.fixes?.some(({ type }) => type === "append") === true;
  if (target !== undefined && !offered)
    offers.push({
      title: `Lead \`${label}\` to \`${target.id}\``,
      change: intent(about, { ...way, to: target.id }),
    });
  const id = freeName(`${node.id}_${label.replace(/[^A-Za-z0-9_-]+/g, "_")}`, idsOf(graph));
  const added = intent(about, { type: "add-node", id, kind, fields: [], after: node.index });
  offers.push({
    title: `Lead \`${label}\` to a new node \`${id}\` (${kind})`,
    change: { type: "all", changes: [added, intent(about, { ...way, to: id })] },
  });
  return offers;
};

/** A node that nothing leads to: an edge from the node before it that still has a way out. */
export const unreachable: Family = (about) => {
  const { graph, node } = about;
  if (graph === null || node === null) return [];
  const without: Offer = {
    title: `Remove the node \`${node.id}\` and its edges`,
    change: intent(about, { type: "remove-node", node: node.index, withEdges: true }),
  };
  const from = sourceFor(about, node);
  if (from === null) return [without];
  const when = from.label === null ? {} : { when: from.label };
  const title = `Lead \`${from.id}\` here${from.label === null ? "" : ` on \`${from.label}\``}`;
  return [{ title, change: intent(about, { type: "add-edge", from: from.id, to: node.id, ...when }) }, without];
};

/** Most nodes before an unreachable one that are looked at. */
const MAX_BEFORE = 200;

function sourceFor({ graph }: About, node: Node): { readonly id: string; readonly label: string | null } | null {
  if (graph === null) return null;
  const view = viewOf(graph);
  const below = reachedFrom(graph.edges, node.id);
  for (let i = node.index - 1; i >= Math.max(0, node.index - MAX_BEFORE); i--) {
    const one = view.node(i);
    const ports = view.ports(one);
    if (ports === null || one.id === "" || below.has(one.id) || !view.flow.reachable(i)) continue;
    const taken = new Set((view.out.get(i) ?? []).map(({ when }) => when));
    if (ports.plain && !taken.has(null)) return { id: one.id, label: null };
    const label = ports.plain ? undefined : labelsOf(graph, one).find((text) => !taken.has(text));
    if (label !== undefined) return { id: one.id, label };
  }
  return null;
}

/** Ids of all nodes that can be walked to, the first included. */
function reachedFrom(edges: readonly Edge[], first: string): ReadonlySet<string> {
  const out = new Map<string, string[]>();
  for (const { from, to } of edges) out.set(from, [...(out.get(from) ?? []), to]);
  const reached = new Set([first]);
  for (const id of reached) for (const to of out.get(id) ?? []) reached.add(to);
  return reached;
}

/** An edge whose label is wrong or missing: the labels that its source gives and no other edge takes. */
export const edgeLabel: Family = ({ graph, edge, finding }) => {
  if (graph === null || edge === null) return [];
  const view = viewOf(graph);
  const index = view.byId.get(edge.from);
  const gone = remove(`Remove the edge \`${edge.from}\` → \`${edge.to}\``, edge.at);
  if (index === undefined) return [gone];
  const node = view.node(index);
  const taken = new Set((view.out.get(index) ?? []).map(({ when }) => when));
  const named = finding.fixes?.some(({ type }) => type === "replace") === true;
  const free = named ? [] : labelsOf(graph, node).filter((label) => !taken.has(label));
  const labels = free
    .slice(0, MAX_CHOICES)
    .map((label) => set(`Take this edge on \`${label}\``, edge.at, "when", label));
  const plain = edge.when !== null && view.ports(node)?.plain === true && !taken.has(null);
  const bare = plain ? [remove("Remove `when`", [...edge.at, "when"])] : [];
  return [...labels, ...bare, gone];
};

/** An edge that no walk follows, or one of several that match together. */
export const removeEdge: Family = ({ edge, finding, path }) => {
  if (edge === null) return [];
  const gone = remove(`Remove the edge \`${edge.from}\` → \`${edge.to}\``, edge.at);
  const never = finding.code === "edge_never_followed" && path.at(-1) === "max_iterations";
  return never ? [replaceNumber(edge), gone] : [gone];
};

function replaceNumber(edge: Edge): Offer {
  return set("Follow this edge up to 3 times", edge.at, "max_iterations", 3n);
}

/** A second node, start or route under one name. */
export const duplicate: Family = (about) => {
  const { graph, path, live, node } = about;
  const name = live.source.element(path)?.text;
  if (graph === null || typeof name !== "string") return [];
  const at = path.slice(0, -1);
  const renamed = (names: Iterable<string>, what: string): Offer => {
    const free = freeName(name, names);
    return replace(`Rename this ${what} to \`${free}\``, path, free);
  };
  switch (path.at(-1)) {
    case "id":
      return [renamed(idsOf(graph), "node"), ...(node === null ? [] : [remove("Remove this node", at)])];
    case "name": {
      const names = graph.starts.map((start) => start.name);
      return [renamed(names, "start"), remove("Remove this start", at)];
    }
    default:
      return [remove("Remove this route", at)];
  }
};

/** A child without the start that a caller needs: it is put into the child. */
export const childStart: Family = async ({ session, document, node, path, live }) => {
  const field =
    path.at(-1) === "start" ? live.source.element([...path.slice(0, -1), "workflow"]) : live.source.element(path);
  const file = field?.text;
  if (node === null || typeof file !== "string") return [];
  const [key] = session.workspace.files.resolve(file, document.key);
  const child = key === undefined ? null : await session.workspace.document(key);
  const graph = child?.live.graphs[0]?.graph;
  if (child === null || graph?.dialect !== "workflow" || graph.nodes.length === 0) return [];
  const wanted = path.at(-1) === "start" ? live.source.element(path)?.text : null;
  const name = wanted === null || wanted === undefined || wanted === "" ? "main" : wanted;
  const change: Change = { type: "intent", intent: newStart({ graph }, name, "event") };
  return [{ title: `Add a start \`${name}\` to \`${file}\``, change: { type: "elsewhere", document: child, change } }];
};

/** The root table of a document's workflow, for tables beside its nodes. */
export function rootTable({ live }: About): readonly (string | number)[] {
  return rootPath(live);
}
