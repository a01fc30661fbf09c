/**
 * The state directory's key for secret markers (spec/runtime.md §3, "Secrets"): 32 random bytes in `markers.key`,
 * mode 0600, made on first use. It appears whole or not at all, and of two processes that make it one wins.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ensureFolder } from "./create.ts";
import { nodeFiles, readWhole, writeDurably, type JournalFiles } from "./file.ts";
import { ioProblem, refused, systemCode, type Checked } from "./problem.ts";

const KEY_BYTES = 32;

/** The key of a state directory, which is created where it is not there. Refusal: `journal.io`. */
export async function markerKey(stateDir: string, files: JournalFiles = nodeFiles): Promise<Checked<Uint8Array>> {
  const file = join(stateDir, "markers.key");
  try {
    await ensureFolder(files, stateDir);
    const key = await keptSecret(files, stateDir, file, KEY_BYTES);
    if (key.length === KEY_BYTES) return { ok: true, value: key };
  } catch (error) {
    return refused(ioProblem(error, "use the state directory", stateDir));
  }
  const message = `the key of this state directory is damaged (${KEY_BYTES} bytes are expected); without it secrets of paused runs cannot be checked: restore it, or delete it and start those runs again`;
  return refused({ code: "journal.corrupt", message, file });
}

/**
 * The random bytes in `file` of `folder` (mode 0600), made on first use. They appear whole or not at all, durable, and
 * of two processes that make them one wins. Rejects with the system's error.
 */
export async function keptSecret(
  files: JournalFiles,
  folder: string,
  file: string,
  length: number,
): Promise<Uint8Array> {
  if (!(await files.exists(file))) await makeSecret(files, folder, file, length);
  return readWhole(files, file);
}

async function makeSecret(files: JournalFiles, folder: string, file: string, length: number): Promise<void> {
  const draft = `${file}.${randomBytes(8).toString("hex")}.tmp`;
  await writeDurably(files, draft, randomBytes(length));
  try {
    await files.link(draft, file);
  } catch (error) {
    const code = systemCode(error);
    // Somebody was faster, or the file system knows no links; then the name is taken over as it is.
    if (code !== "EEXIST") {
      await files.rename(draft, file);
      return files.syncFolder(folder);
    }
  }
  await files.unlink(draft);
  await files.syncFolder(folder);
}
