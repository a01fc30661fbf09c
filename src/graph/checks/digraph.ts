/**
 * Algorithms over numbered vertices: adjacency, breadth-first search, reverse post-order, dominators.
 *
 * Boundary: integers in, integers out; nothing of graphs that act. All loops are iterative, so that ten thousand
 * vertices in a row do not overflow the stack.
 */

/** Successors of vertex v: `targets[offsets[v]]` to `targets[offsets[v + 1] - 1]`, in the order they were given. */
export interface Adjacency {
  readonly size: number;
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
}

/** Adjacency of `size` vertices from edges given as two lists of equal length. */
export function adjacency(size: number, from: ArrayLike<number>, to: ArrayLike<number>): Adjacency {
  const offsets = new Int32Array(size + 2);
  // Counted two places further on, so that filling in leaves every offset where it belongs.
  for (let e = 0; e < from.length; e++) {
    const slot = (from[e] as number) + 2;
    offsets[slot] = at(offsets, slot) + 1;
  }
  for (let v = 2; v < offsets.length; v++) offsets[v] = at(offsets, v) + at(offsets, v - 1);
  const targets = new Int32Array(from.length);
  for (let e = 0; e < from.length; e++) {
    const slot = (from[e] as number) + 1;
    targets[at(offsets, slot)] = to[e] as number;
    offsets[slot] = at(offsets, slot) + 1;
  }
  return { size, offsets: offsets.subarray(0, size + 1), targets };
}

/** The same edges, turned round. */
export function reversed(graph: Adjacency): Adjacency {
  const from = new Int32Array(graph.targets.length);
  for (let v = 0; v < graph.size; v++) from.fill(v, at(graph.offsets, v), at(graph.offsets, v + 1));
  return adjacency(graph.size, graph.targets, from);
}

/** A search tree: `parent[v]` is -1 for roots and for vertices that were not reached; `order` lists those that were. */
export interface Tree {
  readonly parent: Int32Array;
  readonly reached: Uint8Array;
  readonly order: readonly number[];
  /** Edges looked at, for budgets. */
  readonly work: number;
}

/** Shortest paths from `roots`, never entering `avoid`. */
export function breadthFirst(graph: Adjacency, roots: readonly number[], avoid = -1): Tree {
  const parent = new Int32Array(graph.size).fill(-1);
  const reached = new Uint8Array(graph.size);
  const order: number[] = [];
  for (const root of roots) {
    if (reached[root] === 1 || root === avoid) continue;
    reached[root] = 1;
    order.push(root);
  }
  let work = graph.size >> 3;
  for (let i = 0; i < order.length; i++) {
    const v = order[i] as number;
    for (let e = at(graph.offsets, v); e < at(graph.offsets, v + 1); e++) {
      work++;
      const w = at(graph.targets, e);
      if (reached[w] === 1 || w === avoid) continue;
      reached[w] = 1;
      parent[w] = v;
      order.push(w);
    }
  }
  return { parent, reached, order, work };
}

/** Answers "is `a` an ancestor of `b`, or `b` itself" of a forest. Parents must come before children in `order`. */
export class Ancestry {
  private readonly first: Int32Array;
  private readonly count: Int32Array;

  constructor(parent: Int32Array, order: readonly number[]) {
    this.first = new Int32Array(parent.length).fill(-1);
    this.count = new Int32Array(parent.length);
    for (let i = order.length - 1; i >= 0; i--) {
      const v = order[i] as number;
      this.count[v] = at(this.count, v) + 1;
      const up = at(parent, v);
      if (up >= 0) this.count[up] = at(this.count, up) + at(this.count, v);
    }
    const next = new Int32Array(parent.length);
    let free = 0;
    for (const v of order) {
      const up = at(parent, v);
      const start = up < 0 ? free : at(next, up);
      this.first[v] = start;
      next[v] = start + 1;
      if (up < 0) free = start + at(this.count, v);
      else next[up] = start + at(this.count, v);
    }
  }

  /** False when either was not in `order`. */
  covers(a: number, b: number): boolean {
    const from = at(this.first, a);
    const place = at(this.first, b);
    return from >= 0 && place >= from && place < from + at(this.count, a);
  }
}

/** Depth-first reverse post-order from `root`: position of each vertex, -1 for those not reached. */
export function reversePostorder(graph: Adjacency, root: number): { order: number[]; position: Int32Array } {
  const position = new Int32Array(graph.size).fill(-1);
  const seen = new Uint8Array(graph.size);
  const next = graph.offsets.slice();
  const stack = [root];
  const order: number[] = [];
  seen[root] = 1;
  while (stack.length > 0) {
    const v = stack[stack.length - 1] as number;
    const e = at(next, v);
    if (e === at(graph.offsets, v + 1)) {
      order.push(v);
      stack.pop();
      continue;
    }
    next[v] = e + 1;
    const w = at(graph.targets, e);
    if (seen[w] === 0) {
      seen[w] = 1;
      stack.push(w);
    }
  }
  order.reverse();
  order.forEach((v, i) => (position[v] = i));
  return { order, position };
}

/**
 * Immediate dominators from `root` (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm"): -1 for the root
 * and for vertices it does not reach. One pass over graphs without loops, a few over graphs with them.
 */
export function immediateDominators(
  backward: Adjacency,
  walk: { readonly order: readonly number[]; readonly position: Int32Array },
): Int32Array {
  const { order, position } = walk;
  // In terms of positions, so that a dominator's number is always less than that of what it dominates.
  const idom = new Int32Array(order.length).fill(-1);
  idom[0] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 1; i < order.length; i++) {
      const v = order[i] as number;
      let best = -1;
      for (let e = at(backward.offsets, v); e < at(backward.offsets, v + 1); e++) {
        const p = at(position, at(backward.targets, e));
        if (p < 0 || at(idom, p) < 0) continue;
        best = best < 0 ? p : meet(idom, best, p);
      }
      if (at(idom, i) !== best) {
        idom[i] = best;
        changed = true;
      }
    }
  }
  const result = new Int32Array(position.length).fill(-1);
  for (let i = 1; i < order.length; i++) result[order[i] as number] = order[at(idom, i)] as number;
  return result;
}

function meet(idom: Int32Array, a: number, b: number): number {
  while (a !== b) {
    while (a > b) a = at(idom, a);
    while (b > a) b = at(idom, b);
  }
  return a;
}

function at(list: Int32Array, index: number): number {
  return list[index] as number;
}
