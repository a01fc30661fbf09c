/**
 * The order in which nodes can run, per dialect, and what can be missing when a node reads another's output
 * (DESIGN.md "Diagnostics", order-aware references).
 *
 * - workflow: a walk from any start along edges (spec/workflow.md §5.2); loop edges are edges, edges that can never
 *   be followed are not;
 * - skill graph: steps in the order of declaration; a step with `when` may be skipped, the steps of a group run side
 *   by side, and a group that tolerates failures may go on without one of them (spec/skill-graph.md §2.5, §2.6);
 * - pipeline: a stage runs after all stages it depends on (spec/pipeline.md §3).
 */
import { equal, type Value } from "../value.ts";
import { nodeIndex, type Condition, type Edge, type FanoutGroup, type Graph } from "../model.ts";
import {
  adjacency,
  Ancestry,
  breadthFirst,
  immediateDominators,
  reversed,
  reversePostorder,
  type Adjacency,
  type Tree,
} from "./digraph.ts";

/** One step of a possible walk: a node runs, is skipped, or fails while its group goes on. */
export interface FlowStep {
  readonly node: number;
  readonly how: "run" | "skip" | "fail";
}

/** Why an output may be missing. */
export interface Miss {
  /** No walk lets the source run before the reader. */
  readonly certain: boolean;
  /** `parallel`: both stand in one group or in independent stages. `self`: the reader is the source. */
  readonly why: "path" | "parallel" | "self";
  /** A walk to the reader on which the source has not run; null when none was searched for (see {@link WORK}). */
  readonly path: readonly FlowStep[] | null;
}

/** Answers order questions about one graph. */
export interface Flow {
  /** Vertices and edges: nodes by index, then skipped and failed steps; `root` is before every start. */
  readonly moves: Adjacency;
  readonly root: number;
  /** What a vertex stands for; null for the root. */
  step(vertex: number): FlowStep | null;
  /** So many paths have been searched for that a new search may end without one: of no use to later versions. */
  readonly isWorn: boolean;
  /** True when some walk runs the node. */
  reachable(node: number): boolean;
  /** How `source` can be missing when `reader` reads it; null when it has always run. */
  miss(source: number, reader: number): Miss | null;
}

/** Positions of nodes by id. */
type NodeIndex = ReadonlyMap<string, number>;

/** Edges that all path searches of one graph may look at together; beyond, findings come without a path. */
const WORK = 3_000_000;

/** The flow of a graph. `followable` tells which edges of a workflow can be followed at all. */
export function flowOf(graph: Graph, followable: (edge: Edge) => boolean, byId: NodeIndex = nodeIndex(graph)): Flow {
  switch (graph.dialect) {
    case "workflow":
      return workflowFlow(graph, followable, byId);
    case "skill":
      return skillFlow(graph);
    case "pipeline":
      return new StageFlow(graph);
  }
}

/** Nodes that a walk can begin with. A document without starts is taken to begin at its roots. */
export function entries(graph: Graph, byId: NodeIndex = nodeIndex(graph)): number[] {
  if (graph.starts.length === 0) return rootNodes(graph);
  const found = new Set<number>();
  let only: number | undefined;
  for (const start of graph.starts) {
    const entry = start.entry === null ? (only ??= onlyRoot(graph)) : byId.get(start.entry);
    if (entry !== undefined && entry >= 0) found.add(entry);
  }
  return [...found];
}

/** Nodes that no edge leads to. */
function rootNodes(graph: Graph): number[] {
  const entered = new Set(graph.edges.map((edge) => edge.to));
  return graph.nodes.filter((node) => !entered.has(node.id)).map((node) => node.index);
}

/** The single root; -1 when there is none or more than one. */
function onlyRoot(graph: Graph): number {
  const roots = rootNodes(graph);
  return roots.length === 1 ? (roots[0] ?? -1) : -1;
}

function workflowFlow(graph: Graph, followable: (edge: Edge) => boolean, byId: NodeIndex): Flow {
  const root = graph.nodes.length;
  const from: number[] = [];
  const to: number[] = [];
  for (const entry of entries(graph, byId)) {
    from.push(root);
    to.push(entry);
  }
  for (const edge of graph.edges) {
    const source = byId.get(edge.from);
    const target = byId.get(edge.to);
    if (source === undefined || target === undefined || !followable(edge)) continue;
    from.push(source);
    to.push(target);
  }
  const steps = graph.nodes.map((node): FlowStep => ({ node: node.index, how: "run" }));
  return new WalkFlow(adjacency(root + 1, from, to), root, steps, () => null);
}

function skillFlow(graph: Graph): Flow {
  const count = graph.nodes.length;
  const groups = new Map(graph.groups.map((group) => [group.id, group]));
  const sizes = new Map<string, number>();
  for (const node of graph.nodes) if (node.group !== null) sizes.set(node.group, (sizes.get(node.group) ?? 0) + 1);
  const steps = graph.nodes.map((node): FlowStep => ({ node: node.index, how: "run" }));
  for (const node of graph.nodes) {
    if (node.group === null) {
      if (node.when !== null) steps.push({ node: node.index, how: "skip" });
    } else if (toleratesFailure(groups.get(node.group), sizes.get(node.group) ?? 0)) {
      steps.push({ node: node.index, how: "fail" });
    }
  }
  const root = steps.length;
  const other = new Map(steps.slice(count).map((step, i) => [step.node, count + i]));
  const from: number[] = [];
  const to: number[] = [];
  let before = [root];
  for (const node of graph.nodes) {
    const here = other.has(node.index) ? [node.index, other.get(node.index) as number] : [node.index];
    for (const a of before) {
      for (const b of here) {
        from.push(a);
        to.push(b);
      }
    }
    before = here;
  }
  const exception = (source: number, reader: number): "parallel" | "never" | null => {
    const a = graph.nodes[source];
    const b = graph.nodes[reader];
    if (a === undefined || b === undefined || source === reader) return null;
    if (a.group !== null && a.group === b.group) return "parallel";
    // The reader is skipped whenever the source is.
    return source < reader && a.group === null && sameCondition(a.when, b.when) ? "never" : null;
  };
  return new WalkFlow(adjacency(root + 1, from, to), root, steps, exception);
}

function toleratesFailure(group: FanoutGroup | undefined, size: number): boolean {
  if (group === undefined || group.onBranchFailure === "halt") return false;
  const required = group.strategy === "all" ? size : group.strategy === "any" ? 1 : (group.minSuccess ?? size);
  return required < size;
}

function sameCondition(a: Condition | null, b: Condition | null): boolean {
  if (a === null || b === null || a.field !== b.field) return false;
  return same(a.equals, b.equals) && same(a.notEquals, b.notEquals);
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b);
}

/** One thing after another: what dominates has run. */
class WalkFlow implements Flow {
  readonly moves: Adjacency;
  readonly root: number;
  private readonly steps: readonly FlowStep[];
  /** Pairs that the moves alone do not describe: side by side, or never missing. */
  private readonly exception: (source: number, reader: number) => "parallel" | "never" | null;
  private readonly position: Int32Array;
  private readonly dominators: Ancestry;
  private readonly shortest: Tree;
  private readonly shortestAbove: Ancestry;
  private readonly clusters: Int32Array;
  private readonly loops: boolean;
  private work = 0;
  private avoiding: { readonly source: number; readonly tree: Tree } | null = null;
  private after: { readonly source: number; readonly tree: Tree } | null = null;

  constructor(
    moves: Adjacency,
    root: number,
    steps: readonly FlowStep[],
    exception: (source: number, reader: number) => "parallel" | "never" | null,
  ) {
    this.moves = moves;
    this.root = root;
    this.steps = steps;
    this.exception = exception;
    const walk = reversePostorder(moves, root);
    this.position = walk.position;
    this.dominators = new Ancestry(immediateDominators(reversed(moves), walk), walk.order);
    this.shortest = breadthFirst(moves, [root]);
    this.shortestAbove = new Ancestry(this.shortest.parent, this.shortest.order);
    const { clusters, loops } = loopClusters(moves, walk.order, walk.position);
    this.clusters = clusters;
    this.loops = loops;
  }

  get isWorn(): boolean {
    return this.work > WORK / 16;
  }

  step(vertex: number): FlowStep | null {
    return this.steps[vertex] ?? null;
  }

  reachable(node: number): boolean {
    return (this.position[node] ?? -1) >= 0;
  }

  miss(source: number, reader: number): Miss | null {
    if (!this.reachable(reader)) return null;
    const exception = this.exception(source, reader);
    if (exception === "never") return null;
    if (exception === "parallel") return { certain: true, why: "parallel", path: null };
    if (source !== reader && this.dominators.covers(source, reader)) return null;
    return {
      certain: this.cannotPrecede(source, reader),
      why: source === reader ? "self" : "path",
      path: this.pathWithout(source, reader),
    };
  }

  /** True when no walk goes from `source` on to `reader`. Says false when the work is used up. */
  private cannotPrecede(source: number, reader: number): boolean {
    if (!this.reachable(source)) return true;
    const back = (this.position[source] as number) >= (this.position[reader] as number);
    if (back && (!this.loops || this.clusters[source] !== this.clusters[reader])) return true;
    if (this.after?.source !== source) {
      if (this.work > WORK) return false;
      const { offsets, targets } = this.moves;
      const next = Array.from(targets.subarray(offsets[source], offsets[source + 1]));
      this.after = { source, tree: breadthFirst(this.moves, next) };
      this.work += this.after.tree.work;
    }
    return this.after.tree.reached[reader] !== 1;
  }

  private pathWithout(source: number, reader: number): FlowStep[] | null {
    if (this.work > WORK) return null;
    let tree = this.shortest;
    if (source !== reader && this.shortestAbove.covers(source, reader)) {
      if (this.avoiding?.source !== source) {
        this.avoiding = { source, tree: breadthFirst(this.moves, [this.root], source) };
        this.work += this.avoiding.tree.work;
      }
      tree = this.avoiding.tree;
    }
    const path: FlowStep[] = [];
    for (let v = reader; v !== this.root && v >= 0; v = tree.parent[v] as number) path.push(this.steps[v] as FlowStep);
    this.work += path.length;
    return path.reverse();
  }
}

/**
 * Groups vertices so that no walk leads from a later group back to an earlier one: a cheap "cannot be reached" for
 * nearly all pairs of a graph with few loops.
 */
function loopClusters(
  moves: Adjacency,
  order: readonly number[],
  position: Int32Array,
): { clusters: Int32Array; loops: boolean } {
  const open = new Int32Array(order.length + 1);
  let loops = false;
  order.forEach((v, from) => {
    for (let e = moves.offsets[v] as number; e < (moves.offsets[v + 1] as number); e++) {
      const to = position[moves.targets[e] as number] as number;
      if (to > from) continue;
      loops = true;
      open[to] = (open[to] as number) + 1;
      open[from] = (open[from] as number) - 1;
    }
  });
  const clusters = new Int32Array(position.length).fill(-1);
  let cluster = 0;
  let depth = 0;
  order.forEach((v, i) => {
    clusters[v] = cluster;
    depth += open[i] as number;
    if (depth === 0) cluster++;
  });
  return { clusters, loops };
}

/** Many things at once: a stage has run when it is among those that the reader waits for, directly or not. */
class StageFlow implements Flow {
  readonly isWorn = false;
  readonly moves: Adjacency;
  readonly root: number;
  private readonly waits: Adjacency;
  private before: { readonly reader: number; readonly tree: Tree } | null = null;
  private after: { readonly source: number; readonly tree: Tree } | null = null;

  constructor(graph: Graph) {
    const count = graph.nodes.length;
    const from: number[] = [];
    const to: number[] = [];
    for (const node of graph.nodes) {
      const after = node.after.filter((index) => index >= 0 && index < count);
      for (const index of after.length === 0 ? [count] : after) {
        from.push(index);
        to.push(node.index);
      }
    }
    this.root = count;
    this.moves = adjacency(count + 1, from, to);
    this.waits = reversed(this.moves);
  }

  step(vertex: number): FlowStep | null {
    return vertex === this.root ? null : { node: vertex, how: "run" };
  }

  reachable(): boolean {
    return true;
  }

  miss(source: number, reader: number): Miss | null {
    if (source === reader) return { certain: true, why: "self", path: null };
    if (this.before?.reader !== reader) this.before = { reader, tree: breadthFirst(this.waits, [reader]) };
    if (this.before.tree.reached[source] === 1) return null;
    if (this.after?.source !== reader) this.after = { source: reader, tree: breadthFirst(this.moves, [reader]) };
    const certain = this.after.tree.reached[source] === 1;
    return { certain, why: certain ? "path" : "parallel", path: null };
  }
}
