/**
 * The receipts of a run, for its bundle: the tree below the root that the run's folder names, in the form of names that
 * every file system takes. Salts and everything else beside them stay where they are.
 */
import { receiptFileName } from "../../connect/receipts/names.ts";
import { sealedNote } from "../../connect/receipts/run-folder.ts";
import { readReceiptFile } from "../../connect/receipts/store.ts";
import { parseReceipt } from "../../receipts/parse.ts";
import { bundleLimits, type BundleFiles } from "./tar.ts";

/** What was found, and what should be said of what was not. */
export interface RunReceipts {
  readonly files: BundleFiles;
  readonly notes: readonly string[];
}

/** The receipts of the run in `folder`; none where it is not sealed. */
export async function receiptsOfRun(folder: string): Promise<RunReceipts> {
  const note = await sealedNote(folder);
  if (note === null) return { files: new Map(), notes: ["the run has no receipts: it is not sealed"] };
  const files = new Map<string, Uint8Array>();
  const notes: string[] = [];
  const seen = new Set([note.root_receipt_id]);
  // A set hands out what is added while it is walked, so this goes down the whole tree.
  for (const id of seen) {
    if (files.size >= bundleLimits.files) break;
    const read = readReceiptFile(note.receipt_dir, id);
    const name = receiptFileName(id, "win32");
    if (!read.ok || read.value === null || !read.value.ok || name === null) {
      notes.push(`the receipt ${id} cannot be read in ${note.receipt_dir}`);
      continue;
    }
    files.set(name, read.value.bytes);
    for (const child of childrenOf(read.value.bytes)) seen.add(child);
  }
  return { files, notes };
}

/** Ids of the receipts that this one names as its children. */
function childrenOf(bytes: Uint8Array): readonly string[] {
  const parsed = parseReceipt(bytes);
  if (!parsed.ok) return [];
  return (parsed.receipt.lineage?.children ?? []).flatMap(({ uri }) => {
    const id = /^runx:receipt:(sha256:[0-9a-f]{64})$/.exec(uri)?.[1];
    return id === undefined ? [] : [id];
  });
}
