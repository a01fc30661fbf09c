/** The history of a receipt directory (spec/skill-graph.md §6.8). Reads every receipt; the index is not relied on. */
import { newestFirst } from "../receipts/forest.ts";
import { HISTORY_PROJECTOR, historyEntry, passes, type HistoryEntry, type HistoryFilter } from "../receipts/history.ts";
import { verifyOne, type VerifyOptions } from "../receipts/verify-one.ts";
import { readDirectory } from "./receipts.ts";

export type { HistoryEntry, HistoryFilter } from "../receipts/history.ts";

/** What was found. */
export interface History {
  readonly projector_id: typeof HISTORY_PROJECTOR;
  readonly store_label: string;
  readonly entries: readonly HistoryEntry[];
  /** Files that hold no readable receipt. */
  readonly unreadable: number;
}

/** Receipts that pass a filter, newest first; of those of one time, a run before what is below it. */
export function readHistory(
  directory: string,
  filter: HistoryFilter,
  options: VerifyOptions,
):
  | { readonly ok: true; readonly history: History }
  | { readonly ok: false; readonly problem: { readonly code: string; readonly message: string } } {
  const read = readDirectory(directory);
  if (!read.ok) return read;
  const { receipts, unreadable } = read.value;
  const sorted = [...receipts].sort((a, b) => {
    const sameTime = a.receipt.created_at === b.receipt.created_at;
    const [above, below] = [a, b].map(({ receipt }) => (receipt.lineage?.parent === undefined ? 0 : 1));
    return sameTime && above !== below ? (above ?? 0) - (below ?? 0) : newestFirst(a.receipt, b.receipt);
  });
  const entries = sorted
    .map(({ receipt, findings }) => historyEntry(receipt, verifyOne(receipt, options), findings.length > 0))
    .filter((entry) => passes(entry, filter));
  const history = {
    projector_id: HISTORY_PROJECTOR,
    store_label: directory,
    entries,
    unreadable: unreadable.length,
  } as const;
  return { ok: true, history };
}
