/**
 * Graphs as words: the ways through a graph, one line for each stretch without a choice. Pure; made for `describe`,
 * which breaks long lines itself. Every node stands once; what is met again is named with a note.
 */
import type { Condition, Graph, Node } from "../graph/model.ts";
import { toText } from "../graph/value.ts";

/** One line: steps that follow each other. */
export interface PathLine {
  /** How many choices stand above it. */
  readonly depth: number;
  /** The start's name or the label that leads here; null where there is none. */
  readonly label: string | null;
  readonly steps: readonly string[];
  /** What comes behind the last step, e.g. `ends the run`; null when further lines say it. */
  readonly note: string | null;
}

/** The ways through a graph. */
export function pathsInWords(graph: Graph): PathLine[] {
  switch (graph.dialect) {
    case "workflow":
      return workflowPaths(graph);
    case "skill":
      return [{ depth: 0, label: null, steps: skillSteps(graph), note: null }];
    case "pipeline":
      return stageLines(graph);
  }
}

interface Task {
  readonly depth: number;
  readonly label: string | null;
  readonly node: string | null;
}

function workflowPaths(graph: Graph): PathLine[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const out = new Map<string, Graph["edges"][number][]>();
  for (const edge of graph.edges) {
    const list = out.get(edge.from);
    if (list === undefined) out.set(edge.from, [edge]);
    else list.push(edge);
  }
  const entered = new Set(graph.edges.map((edge) => edge.to));
  const roots = graph.nodes.filter((node) => !entered.has(node.id));
  const only = roots.length === 1 ? (roots[0] as Node).id : null;
  const todo: Task[] = graph.starts
    .map((start) => ({ depth: 0, label: `${start.name} (${start.source})`, node: start.entry ?? only }))
    .reverse();
  const shown = new Set<string>();
  const lines: PathLine[] = [];
  for (let task = todo.pop(); task !== undefined; task = todo.pop()) {
    const steps: string[] = [];
    let note: string | null = null;
    let at = task.node;
    while (at !== null) {
      const node = nodes.get(at);
      steps.push(at);
      if (node === undefined) note = "which is not there";
      else if (shown.has(at)) note = "as above";
      if (node === undefined || shown.has(at)) break;
      shown.add(at);
      const edges: readonly Graph["edges"][number][] = out.get(at) ?? [];
      const [first] = edges;
      if (first === undefined) note = endOf(node);
      if (edges.length === 1 && first?.when === null && first.maxIterations === null) {
        at = first.to;
        continue;
      }
      const depth = task.depth + 1;
      for (const edge of [...edges].reverse()) todo.push({ depth, label: edgeLabel(edge), node: edge.to });
      break;
    }
    if (task.node === null) note = "no single node to begin with";
    lines.push({ depth: task.depth, label: task.label, steps, note });
  }
  return lines;
}

function endOf(node: Node): string {
  if (node.kind === "fail") return "fails the run";
  return node.kind === "terminate" ? "ends the run" : "the end";
}

function edgeLabel(edge: Graph["edges"][number]): string {
  const label = edge.when ?? "then";
  if (edge.maxIterations === null) return label;
  return `${label}, at most ${edge.maxIterations} ${edge.maxIterations === 1 ? "time" : "times"}`;
}

/** Steps of a skill graph in their order; a fan-out group is one of them. */
function skillSteps(graph: Graph): string[] {
  const strategies = new Map(
    graph.groups.map(({ id, strategy, minSuccess }) => [
      id,
      strategy === "quorum" ? `quorum of ${minSuccess ?? 1}` : strategy,
    ]),
  );
  const guards = new Map(graph.guards.map((guard) => [guard.step, guard]));
  const word = (node: Node): string => {
    const guard = guards.get(node.id);
    const when = node.when === null ? "" : ` (if ${conditionText(node.when)})`;
    return `${node.id}${when}${guard === undefined ? "" : ` (needs ${conditionText(guard)})`}`;
  };
  const steps: string[] = [];
  for (let i = 0; i < graph.nodes.length; i++) {
    const node = graph.nodes[i] as Node;
    const { group } = node;
    if (group === null) {
      steps.push(word(node));
      continue;
    }
    const members: string[] = [];
    for (; graph.nodes[i]?.group === group; i++) members.push(word(graph.nodes[i] as Node));
    i--;
    steps.push(`[${members.join(" | ")}] ${strategies.get(group) ?? "all"}`);
  }
  return steps;
}

/** `review.ok is true`. */
function conditionText({ field, equals, notEquals }: Condition): string {
  if (equals !== undefined) return `${field} is ${toText(equals)}`;
  return `${field} is not ${notEquals === undefined ? "set" : toText(notEquals)}`;
}

/** A straight pipeline is one line; any other is told stage by stage. */
function stageLines(graph: Graph): PathLine[] {
  const id = (index: number): string => graph.nodes[index]?.id ?? String(index);
  const straight = graph.nodes.every(({ after, index }) =>
    index === 0 ? after.length === 0 : after.length === 1 && after[0] === index - 1,
  );
  if (straight) return [{ depth: 0, label: null, steps: graph.nodes.map((node) => node.id), note: null }];
  return graph.nodes.map((node) => ({
    depth: 0,
    label: null,
    steps: [node.id],
    note: node.after.length === 0 ? "gets the input" : `after ${node.after.map(id).join(", ")}`,
  }));
}
