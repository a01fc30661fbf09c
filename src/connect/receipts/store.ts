/**
 * The receipt directory: writes whole receipts, durably, and reads them by exact id (spec/skill-graph.md §6.7).
 *
 * Invariants: a name appears with its whole content or not at all; what is there is never replaced by anything else;
 * `writeReceipts` returns ok only when every name is durable, and writes in the given order, so that a root comes last.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fdatasync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { FILE_MODE, FOLDER_MODE } from "../journal/layout.ts";
import { systemCode } from "../journal/problem.ts";
import { writeIndex } from "./index-file.ts";
import { keyFileName, receiptFileName, receiptIdOfName } from "./names.ts";

/** Most bytes of a receipt's file. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Files that are open at once while they are made durable together. */
const BATCH = 128;

/** A receipt to store: its id and the text of its file. */
export interface StoredText {
  readonly id: string;
  readonly createdAt: string;
  readonly text: string;
}

/** A public key to keep beside the receipts that it signed. */
export interface StoredKeyText {
  readonly fingerprint: string;
  readonly text: string;
}

/** `receipts.divergent`: another content has the same id. `receipts.io`: the disk. `receipts.missing`, `receipts.id`. */
export interface StoreProblem {
  readonly code: "receipts.divergent" | "receipts.io" | "receipts.missing" | "receipts.id";
  readonly message: string;
  readonly file: string;
}

export type Stored<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: StoreProblem };

/** Stores receipts; the count of those that were not there yet. The directory is created where it is not there. */
export async function writeReceipts(
  directory: string,
  receipts: readonly StoredText[],
  keys: readonly StoredKeyText[] = [],
): Promise<Stored<number>> {
  try {
    mkdirSync(directory, { recursive: true, mode: FOLDER_MODE });
    writeKeys(directory, keys);
    const fresh: { readonly file: string; readonly text: string }[] = [];
    for (const { id, text } of receipts) {
      const name = receiptFileName(id);
      if (name === null) return refused("receipts.id", `${id} is no receipt id`, directory);
      const file = join(directory, name);
      const there = textThere(file);
      if (there === null) fresh.push({ file, text });
      else if (there !== text) {
        return refused("receipts.divergent", `receipt already exists with different content: ${id}`, file);
      }
    }
    for (let from = 0; from < fresh.length; from += BATCH) await writeBatch(fresh.slice(from, from + BATCH));
    // Also where nothing was fresh: another process may have died between the last name and this.
    syncFolder(directory);
    writeIndex(directory, receipts);
    return { ok: true, value: fresh.length };
  } catch (error) {
    return ioProblem(error, "store receipts", directory);
  }
}

/** Writes, waits for the disk once for all of them, and only then gives the names. */
async function writeBatch(batch: readonly { readonly file: string; readonly text: string }[]): Promise<void> {
  const nonce = randomBytes(8).toString("hex");
  const drafts: { readonly draft: string; readonly file: string; readonly handle: number }[] = [];
  try {
    for (const { file, text } of batch) {
      const draft = `${file}.${nonce}.tmp`;
      const handle = openSync(draft, "wx", FILE_MODE);
      drafts.push({ draft, file, handle });
      writeWhole(handle, text);
    }
    await Promise.all(drafts.map(({ handle }) => durable(handle)));
  } catch (error) {
    for (const { draft, handle } of drafts) {
      closeSync(handle);
      rmSync(draft, { force: true });
    }
    throw error;
  }
  for (const { handle } of drafts) closeSync(handle);
  for (const { draft, file } of drafts) renameSync(draft, file);
}

function writeWhole(handle: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let from = 0; from < bytes.length;) from += writeSync(handle, bytes, from);
}

function durable(handle: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(handle, (error) => (error === null ? resolve() : reject(error)));
  });
}

function syncFolder(folder: string): void {
  // Windows opens no folders; there names are durable with their file.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeKeys(directory: string, keys: readonly StoredKeyText[]): void {
  if (keys.length === 0) return;
  const folder = join(directory, "keys");
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  for (const { fingerprint, text } of keys) {
    const name = keyFileName(fingerprint);
    if (name === null || textThere(join(folder, name)) === text) continue;
    const draft = join(folder, `${name}.${randomBytes(8).toString("hex")}.tmp`);
    const handle = openSync(draft, "wx", FILE_MODE);
    try {
      writeWhole(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, join(folder, name));
  }
  syncFolder(folder);
}

/** What a file holds; null for none, which is the rule and must cost little. */
function textThere(file: string): string | null {
  return statSync(file, { throwIfNoEntry: false }) === undefined ? null : readFileSync(file, "utf8");
}

/** One file of a directory: a receipt's bytes, or why they cannot be had. */
export type ReceiptFile =
  | { readonly ok: true; readonly id: string; readonly file: string; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly id: string; readonly file: string; readonly message: string };

/** Every receipt's file in a directory, in the order of their names. Other files are not looked at. */
export function readReceiptFiles(directory: string): Stored<Iterable<ReceiptFile>> {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") return ioProblem(error, "read the receipt directory", directory);
    return refused("receipts.missing", `there is no receipt directory ${directory}`, directory);
  }
  return { ok: true, value: filesOf(directory, names) };
}

function* filesOf(directory: string, names: readonly string[]): Generator<ReceiptFile> {
  for (const name of names) {
    const id = receiptIdOfName(name);
    if (id !== null) yield readFileOf(join(directory, name), id);
  }
}

function readFileOf(file: string, id: string): ReceiptFile {
  try {
    const stat = statSync(file);
    // A pipe would keep us waiting for whoever writes into it.
    if (!stat.isFile()) return { ok: false, id, file, message: "it is not a plain file" };
    if (stat.size > MAX_BYTES) return { ok: false, id, file, message: `it has more than ${MAX_BYTES} bytes` };
    return { ok: true, id, file, bytes: readFileSync(file) };
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return { ok: false, id, file, message: `it cannot be read (${code})` };
  }
}

/** The file of one receipt, by its whole id; null when there is none. */
export function readReceiptFile(directory: string, id: string): Stored<ReceiptFile | null> {
  const names = [receiptFileName(id, "linux"), receiptFileName(id, "win32")];
  for (const name of names) {
    if (name === null) return refused("receipts.id", `${JSON.stringify(id)} is no receipt id`, directory);
    const file = join(directory, name);
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) return { ok: true, value: readFileOf(file, id) };
  }
  return { ok: true, value: null };
}

function refused(code: StoreProblem["code"], message: string, file: string): Stored<never> {
  return { ok: false, problem: { code, message, file } };
}

function ioProblem(error: unknown, doing: string, file: string): Stored<never> {
  const code = systemCode(error);
  if (code === null) throw error;
  return refused("receipts.io", `cannot ${doing}: ${code}`, file);
}
