/**
 * Verdicts on listed trees, one after the other, kept for as long as neither a file of the tree nor the trusted keys
 * have changed.
 */
import type { Standing } from "../../protocol/receipt.ts";
import { readById } from "../receipts.ts";
import { readTree, verifyRead } from "./read-tree.ts";
import { aboutTrust, standingOf } from "./standing.ts";
import { shown } from "./shown.ts";
import type { ListedTree } from "./store-index.ts";
import type { Trust } from "./trust.ts";

/** Larger trees are verified when they are opened. */
export const MAX_LISTED_TREE = 3000;
/** Verdicts that are kept; the oldest goes first. */
const MAX_KEPT = 2000;

/** What a list says of a tree. */
export interface TreeStanding {
  readonly standing: Standing;
  /** The first thing that is wrong, or why nothing can be said; null: nothing is. */
  readonly why: string | null;
  /** What is wrong at each receipt, by its id: how much. */
  readonly wrong: ReadonlyMap<string, number>;
}

/** See the header. */
export class Verdicts {
  private readonly kept = new Map<string, { readonly stamp: string; readonly verdict: TreeStanding }>();
  private last: Promise<unknown> = Promise.resolve();

  /** The verdict if it is known and still holds. */
  known(directory: string, tree: ListedTree, trust: Trust): TreeStanding | null {
    const kept = this.kept.get(keyOf(directory, tree));
    return kept?.stamp === stampOf(tree, trust) ? kept.verdict : null;
  }

  /** The verdict, once all that were asked for before are there. `givenUp` answers whether nobody wants it any more. */
  ask(directory: string, tree: ListedTree, trust: Trust, givenUp: () => boolean): Promise<TreeStanding | null> {
    const mine = this.last.then(async () => {
      if (givenUp()) return null;
      const verdict = this.known(directory, tree, trust) ?? (await verdictOn(directory, tree, trust));
      this.keep(keyOf(directory, tree), stampOf(tree, trust), verdict);
      return verdict;
    });
    this.last = mine.catch(() => null);
    return mine;
  }

  private keep(key: string, stamp: string, verdict: TreeStanding): void {
    this.kept.delete(key);
    this.kept.set(key, { stamp, verdict });
    for (const oldest of [...this.kept.keys()].slice(0, Math.max(0, this.kept.size - MAX_KEPT)))
      this.kept.delete(oldest);
  }
}

function keyOf(directory: string, { root }: ListedTree): string {
  return `${directory}\n${root.receipt.id}\n${root.file}`;
}

function stampOf(tree: ListedTree, trust: Trust): string {
  return `${trust.stamp}\n${tree.stamp}`;
}

async function verdictOn(directory: string, tree: ListedTree, trust: Trust): Promise<TreeStanding> {
  const unchecked = (why: string): TreeStanding => ({ standing: "unchecked", why, wrong: new Map() });
  if (trust.problem !== null) return unchecked(shown(trust.problem));
  const count = tree.others.length + 1;
  if (count > MAX_LISTED_TREE) return unchecked(`${count} receipts: open it to verify them`);
  const root = readById(directory, tree.root.named);
  if (root === null || !("receipt" in root)) return unchecked("the file cannot be read any more");
  const claim = tree.others.map(({ named }) => named);
  const read = await readTree(directory, root, claim, MAX_LISTED_TREE);
  if (read.cut) return unchecked(`more than ${MAX_LISTED_TREE} receipts: open it to verify them`);
  const verified = verifyRead(read, false, await trust.optionsFor(directory, []));
  const wrong = new Map<string, number>();
  const standing = standingOf(verified);
  for (const { receiptId, code } of verified.findings)
    if (receiptId !== undefined && !aboutTrust.has(code)) wrong.set(receiptId, (wrong.get(receiptId) ?? 0) + 1);
  const [first] = verified.findings;
  return { standing, why: first === undefined ? null : shown(first.message, 300), wrong };
}
