/**
 * DSSE envelopes beside receipts: `<hex of the root's id>.dsse.json`, written whole and durably when a run is sealed
 * (spec/runtime.md §8). Sealing again gives the same bytes, so writing one again changes nothing.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { nodeFiles, writeDurably, type JournalFiles } from "../journal/file.ts";
import { digestHex } from "../journal/layout.ts";
import { systemCode } from "../journal/problem.ts";

/** Most bytes of an envelope that is read. */
const MAX_BYTES = 128 * 1024 * 1024;

/** The file of the envelope over the tree of a root; null for a text that is no receipt id. */
export function envelopeFile(directory: string, rootId: string): string | null {
  const hex = digestHex(rootId);
  return hex === null ? null : join(directory, `${hex}.dsse.json`);
}

/** Writes an envelope. Rejects with the system's error. */
export async function writeEnvelope(
  directory: string,
  rootId: string,
  text: string,
  files: JournalFiles = nodeFiles,
): Promise<void> {
  const file = envelopeFile(directory, rootId);
  if (file === null) throw new TypeError(`${rootId} is no receipt id`);
  const draft = `${file}.${randomBytes(8).toString("hex")}.tmp`;
  await writeDurably(files, draft, Buffer.from(text, "utf8"));
  await files.rename(draft, file);
  await files.syncFolder(directory);
}

/** The bytes of an envelope; null when there is none, it is too large or cannot be read. */
export function readEnvelope(directory: string, rootId: string): Uint8Array | null {
  const file = envelopeFile(directory, rootId);
  if (file === null) return null;
  try {
    const stat = statSync(file);
    return !stat.isFile() || stat.size > MAX_BYTES ? null : readFileSync(file);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return null;
  }
}
