/**
 * How a workflow is walked: one node at a time, along exactly one edge (spec/workflow.md §5).
 *
 * Pure; every rule reads the graph and what the walk has done so far.
 */
import { ambiguousEdges, workflowFailure, type Failure } from "../../graph/failure.ts";
import type { Edge, Graph } from "../../graph/model.ts";
import { isObject, object, type Value } from "../../graph/value.ts";
import type { EndedNode, WalkAction, WalkRules, WalkState } from "../document.ts";

/** Node visits that one walk may make (spec/workflow.md §5.1). */
export const MAX_STEPS = 10_000;

export const rules: WalkRules = {
  trigger: (walk) => triggerValue(walk.triggerKind, walk.input),
  next(graph, walk) {
    if (walk.active.length > 0) return [];
    if (walk.pending === null) return walk.steps === 0 ? [entry(graph, walk)] : [];
    const ended = walk.ended.get(walk.pending);
    return ended === undefined ? [] : [follow(graph, walk, walk.pending, ended)];
  },
};

/** The value of `trigger`: an object payload laid over `{kind}`, anything else as `{kind, input}` (§4.2). */
export function triggerValue(kind: string, input: Value): Value {
  const base = object({ kind });
  return isObject(input) ? Object.assign(base, input) : Object.assign(base, { input });
}

function entry(graph: Graph, walk: WalkState): WalkAction {
  const failed = (detail: string): WalkAction => stop(workflowFailure(graph.name, detail), null);
  if (graph.starts.length === 0) return failed("child workflow declares no start nodes");
  const start = walk.start === null ? graph.starts[0] : graph.starts.find((one) => one.name === walk.start);
  if (start === undefined) {
    const what = walk.frame === "" ? "unknown start node" : "child start node";
    return failed(walk.frame === "" ? `${what} \`${walk.start}\`` : `${what} \`${walk.start}\` not found`);
  }
  if (start.entry !== null) return { type: "enter", node: start.entry, edge: null };
  const roots = graph.nodes.filter((node) => !index(graph).targets.has(node.id));
  const root = roots[0];
  if (root !== undefined && roots.length === 1) return { type: "enter", node: root.id, edge: null };
  return failed(`start node \`${start.name}\` has no \`entry_node\` and the workflow has ${roots.length} root nodes`);
}

function follow(graph: Graph, walk: WalkState, from: string, ended: EndedNode): WalkAction {
  if (ended.failure !== null) return stop(ended.failure, from);
  if (ended.outcome === "terminate") return completed(null, false, from);
  if (ended.outcome === "fail") {
    return {
      type: "finish",
      status: "failed",
      value: null,
      partial: false,
      reason: ended.reason,
      failure: null,
      lastNode: from,
    };
  }
  let edge: Edge | undefined;
  let open = 0;
  for (const one of index(graph).out.get(from) ?? none) {
    if (!isOpen(walk, one, ended.label)) continue;
    edge ??= one;
    open++;
  }
  if (edge === undefined) return completed(ended.output, ended.partial, from);
  if (open > 1) return stop(ambiguousEdges(graph.name, from, open, ended.label), from);
  if (walk.steps >= MAX_STEPS) {
    const detail = `safety cap hit: engine walked ${MAX_STEPS} nodes without reaching a terminal outcome (is a loop edge's max_iterations too large?)`;
    return stop(workflowFailure(graph.name, detail), from);
  }
  return { type: "enter", node: edge.to, edge: edge.key };
}

const none: readonly Edge[] = [];

/** True for an edge that carries exactly this label and has loop budget left (§5.2). */
function isOpen(walk: WalkState, edge: Edge, label: string | null): boolean {
  if (edge.when !== label) return false;
  return edge.maxIterations === null || (walk.loops.get(edge.key) ?? 0) < edge.maxIterations;
}

function completed(value: Value, partial: boolean, lastNode: string): WalkAction {
  return { type: "finish", status: "completed", value, partial, reason: null, failure: null, lastNode };
}

function stop(failure: Failure, lastNode: string | null): WalkAction {
  return { type: "finish", status: "failed", value: null, partial: false, reason: failure.message, failure, lastNode };
}

interface EdgeIndex {
  readonly out: ReadonlyMap<string, readonly Edge[]>;
  readonly targets: ReadonlySet<string>;
}

/** Remembered per graph: a graph never changes, so this is only speed. */
const indexes = new WeakMap<Graph, EdgeIndex>();

function index(graph: Graph): EdgeIndex {
  const known = indexes.get(graph);
  if (known !== undefined) return known;
  const out = new Map<string, Edge[]>();
  for (const edge of graph.edges) {
    const list = out.get(edge.from);
    if (list === undefined) out.set(edge.from, [edge]);
    else list.push(edge);
  }
  const made = { out, targets: new Set(graph.edges.map((edge) => edge.to)) };
  indexes.set(graph, made);
  return made;
}
