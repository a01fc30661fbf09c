/**
 * Which receipts of a directory belong together. Pure. Each receipt goes to the tree of the topmost receipt that it
 * reaches over its parent links, whether or not that one lists it: what nobody lists is an orphan of that tree.
 */
import { receiptIdOf, type Reference } from "./model.ts";
import type { SuppliedReceipt } from "./tree.ts";

/** As much of a receipt as says where it belongs. */
export interface Placed {
  readonly receipt: {
    readonly id: string;
    readonly created_at: string;
    readonly lineage?: { readonly parent?: Reference };
  };
}

/** A root and everything that claims to be below it. */
export interface Grove<T extends Placed = SuppliedReceipt> {
  readonly root: T;
  readonly others: readonly T[];
}

/** The trees among `all`, newest first, then by id. */
export function forest<T extends Placed>(all: readonly T[]): readonly Grove<T>[] {
  const byId = new Map<string, T>();
  for (const one of all) if (!byId.has(one.receipt.id)) byId.set(one.receipt.id, one);
  const tops = new Map<string, string>();
  const groves = new Map<string, { root: T; others: T[] }>();
  for (const one of all) {
    const top = topOf(one.receipt.id, byId, tops);
    const root = byId.get(top) ?? one;
    const grove = groves.get(top) ?? { root, others: [] };
    groves.set(top, grove);
    if (one !== root) grove.others.push(one);
  }
  return [...groves.values()].sort((a, b) => newestFirst(a.root.receipt, b.root.receipt));
}

/** What is below one receipt by parent links; null when it is not among `all`. `parentKnown`: its own parent is there. */
export function groveOf<T extends Placed>(
  all: readonly T[],
  id: string,
): (Grove<T> & { readonly parentKnown: boolean }) | null {
  const below = new Map<string, T[]>();
  for (const one of all) {
    const parent = parentId(one);
    if (parent === null) continue;
    const siblings = below.get(parent);
    if (siblings === undefined) below.set(parent, [one]);
    else siblings.push(one);
  }
  const root = all.find((one) => one.receipt.id === id);
  if (root === undefined) return null;
  const others: T[] = [];
  const seen = new Set([id]);
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const child of below.get(at) ?? []) {
      if (child === root) continue;
      others.push(child);
      if (seen.has(child.receipt.id)) continue;
      seen.add(child.receipt.id);
      open.push(child.receipt.id);
    }
  }
  const parent = parentId(root);
  return { root, others, parentKnown: parent !== null && all.some((one) => one.receipt.id === parent) };
}

function parentId({ receipt }: Placed): string | null {
  const parent = receipt.lineage?.parent;
  return parent === undefined ? null : receiptIdOf(parent.uri);
}

/** Newest first; equal times by id, so that the order never depends on the disk. */
export function newestFirst(a: Placed["receipt"], b: Placed["receipt"]): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The id at the top of the parent links; of a ring of them, the least. Remembers every answer it finds. */
function topOf(id: string, byId: ReadonlyMap<string, Placed>, tops: Map<string, string>): string {
  const line: string[] = [];
  const seen = new Set<string>();
  let at = id;
  let top: string | undefined;
  while (top === undefined) {
    const known = tops.get(at);
    if (known !== undefined) {
      top = known;
    } else if (seen.has(at)) {
      const ring = line.slice(line.indexOf(at));
      top = ring.reduce((least, one) => (one < least ? one : least));
    } else {
      seen.add(at);
      line.push(at);
      const here = byId.get(at);
      const above = here === undefined ? null : parentId(here);
      if (above === null || !byId.has(above)) top = at;
      else at = above;
    }
  }
  for (const one of line) tops.set(one, top);
  return top;
}
