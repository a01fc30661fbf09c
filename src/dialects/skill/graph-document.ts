/** A graph document: `graph.yaml`, or the `graph` of a skill (spec/skill-graph.md §2.1). */
import {
  edgeKeys,
  noOperation,
  type DeclaredInput,
  type Edge,
  type Graph,
  type Guard,
  type Node,
  type NodeReference,
} from "../../graph/model.ts";
import { readGroups, readGuards } from "./fanout.ts";
import { absent, at, declares, type Cursor, type Reader } from "./reader.ts";
import { compileStep, type Kinds, type StepCompiler } from "./step.ts";

/** Every key that a graph may have. */
export const graphKeys: readonly string[] = [
  "name",
  "owner",
  "steps",
  "fanout",
  "policy",
  "sync",
  "schedule",
  "schedules",
];

/** Most edges between two neighbouring groups. */
const MAX_JOIN_EDGES = 4_096;

/** What a skill adds to its graph. */
export interface SkillFrame {
  readonly name: string;
  readonly description: string | null;
  readonly inputs: readonly DeclaredInput[];
}

/** Compiles the graph at `cursor` as far as it can be made out; `skill` null for a bare `graph.yaml`. */
export function compileGraph(
  reader: Reader,
  cursor: Cursor,
  file: string,
  kinds: Kinds,
  skill: SkillFrame | null,
  compile: StepCompiler = compileStep,
): Graph {
  reader.closed(cursor, graphKeys);
  for (const key of ["sync", "schedule", "schedules"]) {
    if (!declares(cursor, key)) continue;
    const place = at(cursor, key);
    const message = `${place.label} is not supported by the local sequential graph runner.`;
    reader.error("unsupported", message, { path: place.path, part: "key" });
  }
  const name = reader.requiredString(at(cursor, "name"));
  reader.string(at(cursor, "owner"));
  const nodes = readSteps(reader, at(cursor, "steps"), kinds, compile);
  const groups = readGroups(reader, at(cursor, "fanout"), nodes);
  const guards = readGuards(reader, at(cursor, "policy"), nodes);
  return {
    ...emptyGraph(name ?? skill?.name ?? "", file),
    description: skill?.description ?? null,
    nodes: withGuards(nodes, guards),
    edges: edgesOf(nodes),
    groups,
    guards,
    ...(skill === null ? {} : { inputs: skill.inputs }),
  };
}

/** A graph of this dialect that holds nothing yet. */
export function emptyGraph(name: string, file: string): Graph {
  return {
    dialect: "skill",
    name,
    description: null,
    file,
    starts: [],
    nodes: [],
    edges: [],
    groups: [],
    guards: [],
    policy: null,
    budget: null,
    secrets: [],
    mcpServers: [],
    backends: [],
    operation: noOperation,
  };
}

function readSteps(reader: Reader, cursor: Cursor, kinds: Kinds, compile: StepCompiler): Node[] {
  if (absent(cursor)) reader.missing(cursor);
  const list = reader.array(cursor) ?? [];
  if (list.length === 0 && Array.isArray(cursor.value)) {
    reader.error("required", `${cursor.label} must contain at least one step.`, { path: cursor.path, part: "value" });
  }
  const earlier = new Map<string, string | null>();
  const nodes: Node[] = [];
  for (const place of list) {
    const step = compile(reader, place, earlier, kinds);
    if (step === null) continue;
    if (!earlier.has(step.id)) earlier.set(step.id, step.group);
    nodes.push(numbered(step, nodes.length));
  }
  return nodes;
}

/** Nodes made of steps that are used again while somebody types, so that what is known of a node stays known. */
const numberedNodes = new WeakMap<Omit<Node, "index">, Node>();

/** A step with its position. */
function numbered(step: Omit<Node, "index">, index: number): Node {
  const known = numberedNodes.get(step);
  if (known?.index === index) return known;
  const node = { ...step, index };
  numberedNodes.set(step, node);
  return node;
}

/** A guard is read when its step is about to run, so its field is one of that step's references. */
function withGuards(nodes: readonly Node[], guards: readonly Guard[]): readonly Node[] {
  if (guards.length === 0) return nodes;
  const references = new Map<string, NodeReference[]>();
  for (const guard of guards) {
    if (!guard.field.includes(".")) continue;
    const place = { path: [...guard.at, "field"], part: "value" } as const;
    const one = { role: "context", text: guard.field, at: place, optional: true } as const;
    const known = references.get(guard.step);
    if (known === undefined) references.set(guard.step, [one]);
    else known.push(one);
  }
  return nodes.map((node) => {
    const own = references.get(node.id);
    return own === undefined ? node : { ...node, references: [...node.references, ...own] };
  });
}

/** Edges of lists of nodes that are drawn again while somebody types, by their first and by their last node. */
const knownEdges = new WeakMap<Node, { readonly nodes: readonly Node[]; readonly edges: readonly Edge[] }>();

/** Edges follow from ids, groups and places of nodes, which seldom change. */
function edgesOf(nodes: readonly Node[]): readonly Edge[] {
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first === undefined || last === undefined) return [];
  const known = [knownEdges.get(first), knownEdges.get(last)].find((one) => one && isSameOrder(nodes, one.nodes));
  const edges = known?.edges ?? newEdges(nodes);
  const made = { nodes, edges };
  knownEdges.set(first, made).set(last, made);
  return edges;
}

function isSameOrder(a: readonly Node[], b: readonly Node[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const node = a[i] as Node;
    const other = b[i] as Node;
    if (node === other) continue;
    if (node.id !== other.id || node.group !== other.group || node.at.length !== other.at.length) return false;
    if (!node.at.every((name, depth) => name === other.at[depth])) return false;
  }
  return true;
}

/** Declaration order as edges: each step, or each branch of a group, after all of what stands before it. */
function newEdges(nodes: readonly Node[]): Edge[] {
  const pairs: { from: string; to: string; when: null; at: Node["at"] }[] = [];
  let before: readonly Node[] = [];
  for (const unit of units(nodes)) {
    // Two very wide groups would make a square of edges; there the first branch stands for all.
    const sources = unit.length * before.length > MAX_JOIN_EDGES ? before.slice(0, 1) : before;
    for (const to of unit) for (const from of sources) pairs.push({ from: from.id, to: to.id, when: null, at: to.at });
    before = unit;
  }
  const names = edgeKeys(pairs);
  return pairs.map((pair, index) => ({ ...pair, index, maxIterations: null, key: names[index] as string }));
}

/** Steps as the planner takes them: one sequential step, or all branches of a fan-out group. */
export function units(nodes: readonly Node[]): Node[][] {
  const made: Node[][] = [];
  for (const node of nodes) {
    const last = made.at(-1);
    if (last !== undefined && node.group !== null && last[0]?.group === node.group) last.push(node);
    else made.push([node]);
  }
  return made;
}
