/**
 * What the checks found out about one version of a graph, and how much of it holds for the next: after a keystroke
 * nearly all nodes are the same objects as before, so what was said of them need not be thought of again.
 *
 * Invariants: what is taken over is what would be found again; it is held by the nodes themselves, weakly, and only
 * for the last version that was looked at.
 */
import type { Diagnostic } from "../diagnostic.ts";
import type { Edge, Graph, KindTable, LiteralEffect, Node, Ports } from "../model.ts";
import { headOf } from "../reference.ts";
import type { Shape } from "../shape.ts";
import type { Flow } from "./flow.ts";

/** What the kinds say of one node, and whom it speaks of. */
export interface NodeFacts {
  readonly ports: Ports | null;
  readonly output: Shape;
  readonly effects: readonly LiteralEffect[];
  /** Heads of its references. */
  readonly heads: readonly string[];
}

/** What one check found in one node. */
export interface Recorded {
  readonly found: readonly Diagnostic[];
  /** Names that were compared for its suggestions. */
  readonly comparisons: number;
}

/** One version of a graph, as far as the checks have come. */
export interface Kept {
  readonly graph: Graph;
  readonly byId: ReadonlyMap<string, number>;
  readonly out: ReadonlyMap<number, readonly Edge[]>;
  /** By position of the node; empty where nobody has asked. */
  readonly facts: (NodeFacts | undefined)[];
  /** By check, by position of the node. */
  readonly records: Map<string, (Recorded | undefined)[]>;
  flowMade: Flow | null;
}

/** The check whose findings follow from the order of all nodes. */
export const ORDER = "order";

const noNames: readonly string[] = [];

/** The names that begin a node's references, each once. */
export function headsOf({ references }: Node): readonly string[] {
  const heads = references.flatMap(({ role, text }) => (role === "secret" ? [] : [headOf(text)]));
  return heads.length === 0 ? noNames : [...new Set(heads)];
}

const versions = new WeakMap<KindTable, WeakMap<Node, Kept>>();

/** The last version of a graph that was looked at; null for a new one. */
export function versionBefore(graph: Graph, kinds: KindTable): Kept | null {
  const known = versions.get(kinds);
  const [first] = graph.nodes;
  const last = graph.nodes.at(-1);
  if (known === undefined || first === undefined || last === undefined) return null;
  // An edit seldom touches both ends.
  return known.get(first) ?? known.get(last) ?? null;
}

/** Makes this the version that the next one is compared with. */
export function keepVersion(kept: Kept, kinds: KindTable): void {
  const known = versions.get(kinds) ?? new WeakMap<Node, Kept>();
  versions.set(kinds, known);
  const ends = [kept.graph.nodes[0], kept.graph.nodes.at(-1)];
  for (const node of ends) if (node !== undefined) known.set(node, kept);
}

/** The same nodes under the same names at the same positions, whatever else is in them. */
export function sameNames(a: readonly Node[], b: readonly Node[]): boolean {
  if (a.length !== b.length) return false;
  return a === b || a.every((node, i) => node === b[i] || node.id === b[i]?.id);
}

/** The same edges, as the readers keep them. */
export function sameEdges(a: readonly Edge[], b: readonly Edge[]): boolean {
  return a === b || (a.length === b.length && a.every((edge, i) => edge === b[i]));
}

/** Facts of the nodes that did not change, at their positions. */
export function factsBefore(before: Kept | null, { nodes }: Graph): (NodeFacts | undefined)[] {
  return nodes.map((node, i) => (before?.graph.nodes[i] === node ? before.facts[i] : undefined));
}

/**
 * Takes over what was recorded of nodes that did not change, read of none that did, and have the same ways out. What
 * follows from the order of all nodes counts only when `isOrdered`, what was suggested only among the same names.
 */
export function recordsBefore(before: Kept, now: Kept, isOrdered: boolean): Kept["records"] {
  const records: Kept["records"] = new Map();
  if (around(before.graph) !== around(now.graph)) return records;
  const { nodes } = now.graph;
  const changed = new Set<string>();
  nodes.forEach((node, i) => {
    const was = before.graph.nodes[i];
    if (node === was) return;
    changed.add(node.id);
    if (was !== undefined) changed.add(was.id);
  });
  for (const node of before.graph.nodes.slice(nodes.length)) changed.add(node.id);
  const isStale = nodes.map((node, i) => {
    const heads = now.facts[i]?.heads;
    if (heads === undefined || node !== before.graph.nodes[i] || heads.some((head) => changed.has(head))) return true;
    const [a, b] = [before.out.get(i), now.out.get(i)];
    return a !== b && (a === undefined || b === undefined || !sameEdges(a, b));
  });
  const isNamed = now.byId === before.byId;
  for (const [check, list] of before.records) {
    if (check === ORDER && !isOrdered) continue;
    const kept = list.map((one, i) => {
      if (one === undefined || isStale[i] !== false) return undefined;
      return isNamed || one.comparisons === 0 ? one : undefined;
    });
    records.set(check, kept);
  }
  return records;
}

/** The same order of nodes: same ways in, same ways out of each node, same groups. `facts` are those of one node. */
export function sameOrder(before: Kept, now: Graph, facts: (node: Node) => NodeFacts): boolean {
  if (around(before.graph) !== around(now)) return false;
  return now.nodes.every((node, i) => {
    const was = before.graph.nodes[i];
    if (was === node) return true;
    const known = before.facts[i];
    if (was === undefined || known === undefined || was.group !== node.group) return false;
    if (was.when !== null || node.when !== null || was.after.join() !== node.after.join()) return false;
    return JSON.stringify(known.ports) === JSON.stringify(facts(node).ports);
  });
}

/** What findings about single nodes say of the rest of a graph. */
function around({ dialect, file, starts, groups, inputs, secrets, nodes }: Graph): string {
  return JSON.stringify([
    dialect,
    file,
    starts.map(({ name, entry }) => [name, entry]),
    groups.map(({ id, strategy, minSuccess, onBranchFailure }) => [id, strategy, minSuccess, onBranchFailure]),
    inputs?.map(({ name }) => name) ?? null,
    secrets.map(({ name }) => name),
    // Where failures are led to: the first two, for the first one itself looks for another.
    nodes
      .filter(({ kind }) => kind === "fail")
      .slice(0, 2)
      .map(({ id, index }) => [id, index]),
  ]);
}
