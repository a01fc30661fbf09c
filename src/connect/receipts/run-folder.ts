/**
 * What sealing keeps in a run's folder: `receipts.salt`, the secret under all salts of the run's commitments, made
 * before anything is sealed, so that sealing again after a crash gives the same receipts; and `sealed.json`, which says
 * that the receipts are durable and where.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeFiles, writeDurably, type JournalFiles } from "../journal/file.ts";
import { keptSecret } from "../journal/marker-key.ts";
import { systemCode } from "../journal/problem.ts";
import { randomBytes } from "node:crypto";

const SALT_BYTES = 32;

/** The note that a run is sealed. */
export interface SealedNote {
  readonly root_receipt_id: string;
  readonly root_digest: string;
  /** The directory that holds the receipts (absolute). */
  readonly receipt_dir: string;
  readonly receipts: number;
  /** The journal's last line when it was sealed: a run that went on since has another. */
  readonly journal_head: string;
  /** It was sealed because nobody worked on it any more, not because it had ended. */
  readonly abandoned: boolean;
}

/** The secret under a run's salts. Rejects with the system's error; a damaged file is one of code EBADMSG. */
export async function runSalt(folder: string, files: JournalFiles = nodeFiles): Promise<Uint8Array> {
  const file = join(folder, "receipts.salt");
  const salt = await keptSecret(files, folder, file, SALT_BYTES);
  if (salt.length === SALT_BYTES) return salt;
  throw Object.assign(new Error(`${file} is damaged`), { code: "EBADMSG" });
}

/** The note of a run's folder; null when it is not sealed, or the note cannot be read as one. */
export async function sealedNote(folder: string): Promise<SealedNote | null> {
  try {
    const data: unknown = JSON.parse(await readFile(join(folder, "sealed.json"), "utf8"));
    return isNote(data) ? data : null;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== null) return null;
    throw error;
  }
}

/** Writes the note, durably. */
export async function writeSealedNote(
  folder: string,
  note: SealedNote,
  files: JournalFiles = nodeFiles,
): Promise<void> {
  const file = join(folder, "sealed.json");
  const draft = `${file}.${randomBytes(8).toString("hex")}.tmp`;
  await writeDurably(files, draft, Buffer.from(`${JSON.stringify(note)}\n`, "utf8"));
  await files.rename(draft, file);
  await files.syncFolder(folder);
}

function isNote(value: unknown): value is SealedNote {
  if (typeof value !== "object" || value === null) return false;
  const note = value as Partial<Record<keyof SealedNote, unknown>>;
  const texts = [note.root_receipt_id, note.root_digest, note.receipt_dir, note.journal_head];
  return (
    texts.every((text) => typeof text === "string") &&
    typeof note.receipts === "number" &&
    typeof note.abandoned === "boolean"
  );
}
