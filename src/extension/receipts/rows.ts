/** Rows of the view of receipts as data: what they say, and which of them pass a filter. Knows nothing of VS Code. */
import path from "node:path";
import type { Standing } from "../../protocol/receipt.ts";
import type { ListedReceipt, ListedTree, TreeStanding } from "../../runtime/receipt-view/index.ts";

/** A run's receipts as the view holds them. */
export interface ShownTree {
  readonly directory: string;
  readonly stateDir: string;
  /** The store's name; null where there is only one. */
  readonly store: string | null;
  readonly tree: ListedTree;
  /** The document of the run (absolute); null where nothing tells. */
  readonly document: string | null;
  /** null until it is verified. */
  readonly verdict: TreeStanding | null;
}

/** The icon of a verdict and its colour, by the names of VS Code. */
export const standingIcons: Readonly<Record<Standing, readonly [icon: string, colour: string | null]>> = {
  verified: ["verified-filled", "testing.iconPassed"],
  untrusted: ["unverified", "editorWarning.foreground"],
  refused: ["error", "testing.iconFailed"],
  broken: ["error", "testing.iconFailed"],
  unchecked: ["question", null],
};

/** The name of a document for a list; the receipt's own where nothing tells the document. */
export function nameOf({ tree, document }: ShownTree): string {
  return document === null ? tree.root.label : path.basename(document);
}

/** Whether every word of the filter is somewhere in what is known of the run and its receipts. Case does not matter. */
export function passes(shown: ShownTree, filter: string, verdict: string): boolean {
  const wanted = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (wanted.length === 0) return true;
  const { tree, document, store } = shown;
  const texts = [document ?? "", store ?? "", verdict, ...[tree.root, ...tree.others].flatMap(textsOf)];
  const all = texts.join("\n").toLowerCase();
  return wanted.every((word) => all.includes(word));
}

function textsOf({ receipt, label, disposition, summary, actor, runId }: ListedReceipt): readonly string[] {
  return [receipt.id, label, disposition.replace("_", " "), summary, actor, runId ?? ""];
}

/** Children by their parent's id, for as long as a list is held. */
const families = new WeakMap<ListedTree, ReadonlyMap<string, readonly ListedReceipt[]>>();

/** The receipts right below one, by their names. */
export function childrenOf({ tree }: ShownTree, id: string): readonly ListedReceipt[] {
  const known = families.get(tree) ?? familiesOf(tree);
  families.set(tree, known);
  return known.get(id) ?? [];
}

function familiesOf({ root, others }: ListedTree): ReadonlyMap<string, readonly ListedReceipt[]> {
  const found = new Map<string, ListedReceipt[]>();
  for (const one of others) {
    const parent = one.receipt.lineage?.parent?.uri.replace(/^runx:receipt:/, "");
    // A ring of parents has no end; below the root its receipts are listed once.
    if (parent === undefined || one.receipt.id === root.receipt.id) continue;
    const siblings = found.get(parent);
    if (siblings === undefined) found.set(parent, [one]);
    else siblings.push(one);
  }
  for (const siblings of found.values()) siblings.sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  return found;
}
