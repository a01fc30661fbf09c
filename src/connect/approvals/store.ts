/**
 * The credentials of a run, in its folder (spec/runtime.md §7):
 *
 *     <run folder>/approvals/<SHA-256 of the text>.cred      mode 0600
 *
 * Kept so that a resume and a verifier can check them again. A file whose content is not what its name says is not
 * there: it was never one of this run's credentials.
 */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { ensureFolder } from "../journal/create.ts";
import { nodeFiles, readWhole, writeDurably, type JournalFiles } from "../journal/file.ts";
import { digestHex } from "../journal/layout.ts";
import { ioProblem, refused, systemCode, type Checked } from "../journal/problem.ts";

/** Longest file that is looked at, in bytes; a credential has at most 16 KiB. */
const MAX_FILE = 64 * 1024;
/** Most credentials of one run that are looked at. */
const MAX_FILES = 1000;
const fileName = /^([0-9a-f]{64})\.cred$/;

/** The folder of a run's credentials. */
export function approvalsFolder(runFolder: string): string {
  return join(runFolder, "approvals");
}

/** Keeps a credential, durably; one that is there already stays as it is. Gives its file. */
export async function keepCredential(
  runFolder: string,
  text: string,
  files: JournalFiles = nodeFiles,
): Promise<Checked<string>> {
  const folder = approvalsFolder(runFolder);
  const file = join(folder, `${sha256(text)}.cred`);
  try {
    await ensureFolder(files, folder);
    if ((await readText(files, file)) === text) return { ok: true, value: file };
    const draft = join(folder, `${randomBytes(8).toString("hex")}.tmp`);
    await writeDurably(files, draft, Buffer.from(text, "utf8"));
    await files.rename(draft, file);
    await files.syncFolder(folder);
    return { ok: true, value: file };
  } catch (error) {
    return refused(ioProblem(error, "keep the approval", folder));
  }
}

/** The text of one credential; null when it is not there, or not what its name says. Rejects with the system's error. */
export async function readCredentialText(
  runFolder: string,
  digest: string,
  files: JournalFiles = nodeFiles,
): Promise<string | null> {
  const hex = digestHex(digest);
  return hex === null ? null : readText(files, join(approvalsFolder(runFolder), `${hex}.cred`));
}

/** All credentials of a run, in the order of their digests. */
export async function listCredentialTexts(
  runFolder: string,
  files: JournalFiles = nodeFiles,
): Promise<Checked<readonly string[]>> {
  const folder = approvalsFolder(runFolder);
  try {
    const names = (await files.names(folder)).filter((name) => fileName.test(name)).sort();
    const texts: string[] = [];
    for (const name of names.slice(0, MAX_FILES)) {
      const text = await readText(files, join(folder, name));
      if (text !== null) texts.push(text);
    }
    return { ok: true, value: texts };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { ok: true, value: [] };
    return refused(ioProblem(error, "read the approvals", folder));
  }
}

async function readText(files: JournalFiles, file: string): Promise<string | null> {
  try {
    const read = await files.openRead(file);
    try {
      if ((await read.size()) > MAX_FILE) return null;
    } finally {
      await read.close();
    }
    const text = Buffer.from(await readWhole(files, file)).toString("utf8");
    return file.endsWith(`${sha256(text)}.cred`) ? text : null;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
