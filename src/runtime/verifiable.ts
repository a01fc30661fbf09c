/**
 * What a person names to be verified -> receipts: a file, standard input, a receipt directory, or an id
 * (spec/skill-graph.md §6.5). Reads only; judges nothing.
 */
import { statSync } from "node:fs";
import path from "node:path";
import { systemCode } from "../connect/journal/problem.ts";
import { fingerprintOf, isSha256, oneOf, readDirectory, readReceiptAt, type VerifiableResult } from "./receipts.ts";

/** What was named, and where. */
export interface VerifyTarget {
  readonly named: string;
  readonly cwd: string;
  /** Where ids are looked up; null: nowhere. */
  readonly directory: string | null;
  /** All receipts that belong to the named one are wanted, not only it. */
  readonly tree: boolean;
  readInput(): Promise<Uint8Array>;
}

/** Reads a file that is no receipt but holds some, e.g. a bundle; null: it is not one of that kind. */
export type FileReader = (file: string) => Promise<VerifiableResult | null>;

/** Finds what was named. Codes: `receipts.missing`, `receipts.io`, `receipts.too_large`, `receipts.directory`. */
export async function readVerifiable(
  target: VerifyTarget,
  readers: readonly FileReader[] = [],
): Promise<VerifiableResult> {
  const { named, directory } = target;
  if (named === "-") {
    const hints = directory === null ? [] : [directory];
    return { ok: true, value: oneOf(await target.readInput(), null, hints) };
  }
  const file = path.resolve(target.cwd, named);
  const kind = kindOf(file);
  if (kind === "folder") return readDirectory(file);
  if (kind === "file") {
    for (const read of readers) {
      const found = await read(file);
      if (found !== null) return found;
    }
    return readFile(file, target.tree);
  }
  const id = isSha256(named) ? named : fingerprintOf(named);
  if (id === null) {
    const message = `there is no file or folder ${named}, and it is no receipt id (sha256: and 64 hex digits)`;
    return { ok: false, problem: { code: "receipts.missing", message } };
  }
  if (directory === null) {
    const message =
      "nothing says where receipts are kept: pass --receipt-dir DIR, or set RUNX_RECEIPT_DIR or a state directory";
    return { ok: false, problem: { code: "receipts.directory", message } };
  }
  const read = readDirectory(directory, id);
  if (!read.ok) return read;
  const { receipts, unreadable } = read.value;
  if (receipts.some((one) => one.receipt.id === id) || unreadable.some((one) => one.id === id)) return read;
  return { ok: false, problem: { code: "receipts.missing", message: `there is no receipt ${id} in ${directory}` } };
}

/** A receipt's file; with its tree, all of its folder too. */
function readFile(file: string, tree: boolean): VerifiableResult {
  const single = readReceiptAt(file);
  if (!single.ok || !tree || single.value.wanted === null) return single;
  const all = readDirectory(path.dirname(file), single.value.wanted);
  if (!all.ok) return single;
  // The file may have a name of its own, e.g. when it was copied out of a store.
  const there = all.value.receipts.some((one) => one.file === file);
  const receipts = there ? all.value.receipts : [...single.value.receipts, ...all.value.receipts];
  return { ok: true, value: { ...all.value, receipts } };
}

function kindOf(file: string): "file" | "folder" | "nothing" {
  try {
    const info = statSync(file, { throwIfNoEntry: false });
    return info === undefined ? "nothing" : info.isDirectory() ? "folder" : "file";
  } catch (error) {
    // A name that cannot be looked at is read, and its reason told, as a file.
    if (systemCode(error) === null) throw error;
    return systemCode(error) === "ENOTDIR" || systemCode(error) === "ENAMETOOLONG" ? "nothing" : "file";
  }
}
