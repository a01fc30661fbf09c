/**
 * A tree of receipts out of its directory, verified: the receipts that are listed below a root, and those that the tree
 * names beyond the list, each looked up by its id (spec/runtime.md §8). Lets others work in between.
 */
import { setImmediate as others } from "node:timers/promises";
import { receiptIdOf, type Receipt } from "../../receipts/model.ts";
import { MAX_TREE_BREADTH, verifyTree, type SuppliedReceipt, type TreeVerified } from "../../receipts/tree.ts";
import type { VerifyOptions } from "../../receipts/verify-one.ts";
import { readById, type UnreadableFile } from "../receipts.ts";

/** Receipts of one tree that are read; more are refused. */
export const MAX_TREE = 25_000;
const AT_ONCE = 25;

/** A tree that was read. */
export interface ReadTree {
  readonly root: SuppliedReceipt;
  readonly others: readonly SuppliedReceipt[];
  readonly unreadable: readonly UnreadableFile[];
  /** There were more than {@link MAX_TREE}. */
  readonly cut: boolean;
}

/**
 * Reads a tree. `claim` are ids of receipts that claim to be below `root`; what the root and its children name is read
 * besides. Null when the root itself cannot be read.
 */
export async function readTree(
  directory: string,
  root: SuppliedReceipt,
  claim: readonly string[],
  most = MAX_TREE,
): Promise<ReadTree> {
  const found: SuppliedReceipt[] = [];
  const unreadable: UnreadableFile[] = [];
  const seen = new Set([root.receipt.id]);
  const wanted = [...claim, ...childrenOf(root.receipt)];
  for (let at = 0; at < wanted.length; at++) {
    const id = wanted[at] ?? "";
    if (seen.has(id)) continue;
    if (seen.size > most) return { root, others: found, unreadable, cut: true };
    seen.add(id);
    const read = readById(directory, id);
    if (read === null) continue;
    if ("receipt" in read) {
      found.push(read);
      wanted.push(...childrenOf(read.receipt));
    } else unreadable.push(read);
    if (at % AT_ONCE === 0) await others();
  }
  return { root, others: found, unreadable, cut: false };
}

function childrenOf({ lineage }: Receipt): readonly string[] {
  return (lineage?.children ?? []).slice(0, MAX_TREE_BREADTH).flatMap(({ uri }) => receiptIdOf(uri) ?? []);
}

/** Verifies it. `parentKnown`: the root's own parent is at hand. */
export function verifyRead(tree: ReadTree, parentKnown: boolean, options: VerifyOptions): TreeVerified {
  const unreadable = new Map(
    tree.unreadable.flatMap(({ id, finding }) => (id === null ? [] : [[id, finding.message] as const])),
  );
  return verifyTree({ root: tree.root, others: tree.others, parentKnown, unreadable }, options);
}
