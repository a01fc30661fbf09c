/**
 * `index.json` of a receipt directory (spec/skill-graph.md §6.7): the newest receipts, for readers that do not want to
 * open every file. A convenience: a lost, old or damaged index is written anew and changes no answer of ours.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FILE_MODE } from "../journal/layout.ts";
import { systemCode } from "../journal/problem.ts";
import { receiptFileName, receiptIdOfName } from "./names.ts";

const INDEX_SCHEMA = "runx.receipt_store_index.v1";

/** Most entries. Older ones leave the index, not the directory. */
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly receipt_id: string;
  readonly file_name: string;
  readonly created_at: string;
}

/** Adds receipts to the index. `generated_at` is the newest receipt's time, so that writing it twice is writing it once. */
export function writeIndex(
  directory: string,
  receipts: readonly { readonly id: string; readonly createdAt: string }[],
): void {
  const file = join(directory, "index.json");
  const entries = new Map(readEntries(file).map((entry) => [entry.receipt_id, entry]));
  for (const { id, createdAt } of receipts) {
    const name = receiptFileName(id);
    if (name !== null) entries.set(id, { receipt_id: id, file_name: name, created_at: createdAt });
  }
  const newest = [...entries.values()].sort(newestFirst).slice(0, MAX_ENTRIES);
  const index = { schema: INDEX_SCHEMA, generated_at: newest[0]?.created_at ?? "", entries: newest };
  const draft = `${file}.${randomBytes(8).toString("hex")}.tmp`;
  writeFileSync(draft, `${JSON.stringify(index)}\n`, { mode: FILE_MODE, flag: "wx" });
  renameSync(draft, file);
}

function newestFirst(a: Entry, b: Entry): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.receipt_id < b.receipt_id ? -1 : 1;
}

/** What an earlier index holds; nothing when there is none or it is not one. */
function readEntries(file: string): readonly Entry[] {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === "ENOENT") return [];
    throw error;
  }
  const entries = typeof data === "object" && data !== null && "entries" in data ? data.entries : null;
  return Array.isArray(entries) ? entries.filter(isEntry) : [];
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { receipt_id: id, file_name: name, created_at: at } = value as Partial<Record<keyof Entry, unknown>>;
  return typeof id === "string" && typeof name === "string" && typeof at === "string" && receiptIdOfName(name) === id;
}
