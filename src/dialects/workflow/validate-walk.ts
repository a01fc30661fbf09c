/**
 * Checks 22 to 24 of spec/workflow.md §3: cycles, ambiguous starts, unreachable nodes. Nodes with the same id count
 * as one (Decision D24). Called only when no edge is dangling.
 */
import type { Place } from "../../graph/diagnostic.ts";
import type { Edge, Node } from "../../graph/model.ts";
import { compareKeys } from "../../graph/value.ts";
import type { Findings } from "./findings.ts";

/** Distinct nodes and the edges between them, by position. */
interface Adjacency {
  readonly nodes: readonly Node[];
  readonly index: ReadonlyMap<string, number>;
  /** The node that each edge enters. */
  readonly target: Int32Array;
  /** The first edge out of each node, and the next of the same node after each edge; -1 for none. */
  readonly firstOut: Int32Array;
  readonly nextOut: Int32Array;
}

export function checkWalk(findings: Findings): void {
  const adjacency = adjacencyOf(findings);
  checkCycle(findings, adjacency);
  checkReachability(findings, adjacency);
}

function adjacencyOf(findings: Findings): Adjacency {
  const nodes: Node[] = [];
  const index = new Map<string, number>();
  for (const node of findings.graph.nodes) {
    if (index.has(node.id)) continue;
    index.set(node.id, nodes.length);
    nodes.push(node);
  }
  const { edges } = findings.graph;
  const target = new Int32Array(edges.length);
  const firstOut = new Int32Array(nodes.length).fill(-1);
  const nextOut = new Int32Array(edges.length);
  for (let i = edges.length - 1; i >= 0; i--) {
    const edge = edges[i] as Edge;
    const from = index.get(edge.from) as number;
    target[i] = index.get(edge.to) as number;
    nextOut[i] = firstOut[from] as number;
    firstOut[from] = i;
  }
  return { nodes, index, target, firstOut, nextOut };
}

/** Kahn's algorithm over the edges that are no loop edges. */
function checkCycle(findings: Findings, { nodes, target, firstOut, nextOut }: Adjacency): void {
  const { edges } = findings.graph;
  const degree = new Int32Array(nodes.length);
  for (let e = 0; e < edges.length; e++) {
    const to = target[e] as number;
    if (edges[e]?.maxIterations === null) degree[to] = (degree[to] as number) + 1;
  }
  const ready: number[] = [];
  for (let i = 0; i < degree.length; i++) if (degree[i] === 0) ready.push(i);
  for (let i = 0; i < ready.length; i++) {
    for (let e = firstOut[ready[i] as number] as number; e >= 0; e = nextOut[e] as number) {
      if (edges[e]?.maxIterations !== null) continue;
      const to = target[e] as number;
      const left = (degree[to] as number) - 1;
      degree[to] = left;
      if (left === 0) ready.push(to);
    }
  }
  if (ready.length === nodes.length) return;
  const left = nodes.filter((_, i) => (degree[i] as number) > 0);
  const names = left.map((node) => node.id).sort(compareKeys);
  const message = `workflow contains a cycle; nodes involved or downstream: ${names.join(", ")}`;
  const cycle = oneCycle(edges, new Set(names));
  const first = cycle[0] as Edge;
  const last = cycle[cycle.length - 1] as Edge;
  const place = (edge: Edge): Place => ({ path: [...edge.at, "to"], part: "value" });
  findings.add("cycle", place(first), message, {
    related: cycle.map((edge) =>
      findings.related(`edge #${edge.index} \`${edge.from}\` → \`${edge.to}\``, place(edge)),
    ),
    fixes: [
      {
        type: "set",
        title: `Make \`${last.from}\` → \`${last.to}\` a loop edge`,
        at: { path: last.at, part: "construct" },
        key: "max_iterations",
        value: 3n,
      },
    ],
  });
}

/**
 * One concrete cycle among the nodes that Kahn's algorithm left over, as its edges in order of travel. Each of them
 * is entered from another of them, so walking backwards must come round; it begins at the cycle's earliest edge.
 */
function oneCycle(edges: readonly Edge[], left: ReadonlySet<string>): Edge[] {
  const into = new Map<string, Edge>();
  for (const edge of edges) {
    if (edge.maxIterations === null && left.has(edge.from) && !into.has(edge.to)) into.set(edge.to, edge);
  }
  const seen = new Map<string, number>();
  const walked: Edge[] = [];
  let at = left.values().next().value ?? "";
  for (;;) {
    const before = seen.get(at);
    if (before !== undefined) return rotated(walked.slice(before).reverse());
    seen.set(at, walked.length);
    const edge = into.get(at) as Edge;
    walked.push(edge);
    at = edge.from;
  }
}

function rotated(cycle: readonly Edge[]): Edge[] {
  let first = 0;
  for (let i = 1; i < cycle.length; i++) {
    if ((cycle[i] as Edge).index < (cycle[first] as Edge).index) first = i;
  }
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}

/**
 * Loop edges count as ways in and as ways on. Without nodes or starts nothing is asked; a start whose entry is
 * unknown or ambiguous reaches nothing.
 */
function checkReachability(findings: Findings, { nodes, index, target, firstOut, nextOut }: Adjacency): void {
  const { starts } = findings.graph;
  if (nodes.length === 0 || starts.length === 0) return;
  const entered = new Uint8Array(nodes.length);
  for (const to of target) entered[to] = 1;
  const roots = nodes.filter((_, i) => entered[i] === 0);
  const reached = new Uint8Array(nodes.length);
  const queue: number[] = [];
  const reach = (i: number | undefined): void => {
    if (i === undefined || reached[i] === 1) return;
    reached[i] = 1;
    queue.push(i);
  };
  for (const start of starts) {
    if (start.entry !== null) reach(index.get(start.entry));
    else if (roots.length === 1) reach(index.get((roots[0] as Node).id));
    else {
      const why = "has no `entry_node` and the workflow has !=1 root nodes; specify `entry_node` explicitly";
      findings.add(
        "ambiguous_start_entry",
        { path: [...start.at, "name"], part: "value" },
        `start node \`${start.name}\` ${why}`,
        { related: roots.slice(0, 5).map((root) => findings.related(`\`${root.id}\` is a root node`, idOf(root))) },
      );
    }
  }
  for (let i = 0; i < queue.length; i++) {
    for (let e = firstOut[queue[i] as number] as number; e >= 0; e = nextOut[e] as number) reach(target[e]);
  }
  nodes.forEach((node, i) => {
    if (reached[i] === 1) return;
    const message = `node \`${node.id}\` is not reachable from any start node`;
    findings.add("unreachable_node", idOf(node), message);
  });
}

const idOf = (node: Node): Place => ({ path: [...node.at, "id"], part: "value" });
