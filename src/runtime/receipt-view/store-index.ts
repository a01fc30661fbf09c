/**
 * What a receipt directory holds, for lists: little of each receipt, read once for as long as its file stays the same.
 *
 * Invariants: at most {@link MAX_FILES} files are read, the newest; reading lets others work in between; what cannot be
 * read is listed with its reason and never left out silently. Judges nothing.
 */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { setImmediate as others } from "node:timers/promises";
import { systemCode } from "../../connect/journal/problem.ts";
import { receiptIdOfName } from "../../connect/receipts/names.ts";
import { forest, type Grove } from "../../receipts/forest.ts";
import type { Disposition, Receipt, Reference } from "../../receipts/model.ts";
import { readById, type UnreadableFile } from "../receipts.ts";

/** Files of a directory that are read. */
export const MAX_FILES = 5000;
/** Files that are read before others may work. */
const AT_ONCE = 25;

/** A receipt as lists show it. */
export interface ListedReceipt {
  readonly receipt: {
    readonly id: string;
    readonly created_at: string;
    readonly lineage?: { readonly parent?: Reference };
  };
  readonly file: string;
  /** The id that its file is named for. */
  readonly named: string;
  /** What it is of: a run's name, a step. */
  readonly label: string;
  readonly kind: string;
  readonly disposition: Disposition;
  readonly summary: string;
  readonly actor: string;
  /** The run whose journal it names; the run's own receipt does. */
  readonly runId: string | null;
}

/** A run's receipt and all below it. */
export interface ListedTree extends Grove<ListedReceipt> {
  /** Equal as long as no file of the tree has changed. */
  readonly stamp: string;
}

/** See the header. */
export interface ReceiptList {
  readonly directory: string;
  /** Newest first. */
  readonly trees: readonly ListedTree[];
  readonly unreadable: readonly UnreadableFile[];
  /** Older files that were not read. */
  readonly left: number;
  /** Why the directory could not be read; null: it could, or is not there yet. */
  readonly problem: string | null;
}

type Entry = { readonly stamp: string } & (
  { readonly listed: ListedReceipt } | { readonly unreadable: UnreadableFile }
);

/** One directory. Not for several users at once: {@link ReceiptIndex.list} is asked for again when the last is there. */
export class ReceiptIndex {
  readonly directory: string;
  private entries = new Map<string, Entry>();
  private reading: Promise<ReceiptList> | null = null;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** What is there now. */
  list(): Promise<ReceiptList> {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async read(): Promise<ReceiptList> {
    const { directory } = this;
    let names: readonly string[];
    try {
      names = (await readdir(directory)).filter((name) => receiptIdOfName(name) !== null);
    } catch (error) {
      const code = systemCode(error);
      if (code === null) throw error;
      this.entries.clear();
      const gone = code === "ENOENT" || code === "ENOTDIR";
      const problem = gone ? null : `${directory} cannot be read (${code})`;
      return { directory, trees: [], unreadable: [], left: 0, problem };
    }
    const newest = await this.newest(names);
    const entries = new Map<string, Entry>();
    let since = 0;
    for (const { name, stamp } of newest) {
      const known = this.entries.get(name);
      if (known?.stamp === stamp) {
        entries.set(name, known);
        continue;
      }
      const named = receiptIdOfName(name) ?? "";
      const read = readById(directory, named);
      // It went away in between.
      if (read === null) continue;
      if ("receipt" in read) {
        const file = read.file ?? path.join(directory, name);
        entries.set(name, { stamp, listed: listedReceipt(read.receipt, file, named) });
      } else entries.set(name, { stamp, unreadable: read });
      if (++since % AT_ONCE === 0) await others();
    }
    this.entries = entries;
    return this.gathered(names.length - newest.length, await stampOf(path.join(directory, "keys")));
  }

  /** The newest files with what tells one state of a file from another. */
  private async newest(
    names: readonly string[],
  ): Promise<readonly { readonly name: string; readonly stamp: string; readonly at: number }[]> {
    const found: { name: string; stamp: string; at: number }[] = [];
    for (let from = 0; from < names.length; from += 64) {
      const some = names.slice(from, from + 64).map(async (name) => {
        const stamp = await stampOf(path.join(this.directory, name));
        if (stamp !== "") found.push({ name, stamp, at: Number(stamp.split(" ")[0]) });
      });
      await Promise.all(some);
    }
    return found.sort((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1)).slice(0, MAX_FILES);
  }

  private gathered(left: number, keys: string): ReceiptList {
    const listed: (ListedReceipt & { readonly stamp: string })[] = [];
    const unreadable: UnreadableFile[] = [];
    for (const entry of this.entries.values()) {
      if ("listed" in entry) listed.push({ ...entry.listed, stamp: entry.stamp });
      else unreadable.push(entry.unreadable);
    }
    const trees = forest(listed).map(({ root, others: below }) => ({
      root,
      others: below,
      stamp: [keys, ...[root, ...below].map(({ named, stamp }) => `${named} ${stamp}`)].join("\n"),
    }));
    return { directory: this.directory, trees, unreadable, left, problem: null };
  }
}

/** What tells one state of a file or folder from another, its time in milliseconds first; empty for what is not there. */
async function stampOf(file: string): Promise<string> {
  const info = await stat(file, { bigint: true }).catch(() => null);
  return info === null ? "" : `${info.mtimeMs} ${info.mtimeNs} ${info.ctimeNs} ${info.size} ${info.ino}`;
}

/** Little of a receipt. */
function listedReceipt(receipt: Receipt, file: string, named: string): ListedReceipt {
  const { subject, seal, authority, lineage } = receipt;
  const parent = lineage?.parent;
  return {
    receipt: {
      id: receipt.id,
      created_at: receipt.created_at,
      ...(parent === undefined ? {} : { lineage: { parent } }),
    },
    file,
    named,
    label: subject.ref.label ?? subject.ref.uri,
    kind: subject.kind,
    disposition: seal.disposition,
    summary: seal.summary,
    actor: authority.actor_ref.uri,
    runId: runIdOf(receipt),
  };
}

const JOURNAL = "countersign:journal:";

/** The run that a receipt names in its evidence; null for a receipt of less than a run. */
export function runIdOf({ seal }: Pick<Receipt, "seal">): string | null {
  for (const { evidence_refs: refs } of seal.criteria)
    for (const { type, uri } of refs)
      if (type === "artifact" && uri.startsWith(JOURNAL)) return uri.slice(JOURNAL.length);
  return null;
}
