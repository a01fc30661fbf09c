/**
 * Starts a run's folder (spec/runtime.md §3, "Start"): the folder, the pinned documents and the first segment, all
 * durable before the run does anything.
 */
import { dirname, join } from "node:path";
import { encodeHeader, FIRST_PREV, sha256 } from "./codec.ts";
import { nodeFiles, writeDurably, type JournalFiles } from "./file.ts";
import { blobsFolder, digestHex, documentsFolder, runFolder, runsFolder } from "./layout.ts";
import { processOwnership } from "./owner.ts";
import { ioProblem, refused, systemCode, type Checked } from "./problem.ts";
import { createSegment } from "./segment.ts";
import { RunJournal, type JournalOptions } from "./writer.ts";

/** A document to pin: its bytes under their SHA-256 (with or without the prefix `sha256:`). */
export interface RunDocument {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/**
 * Creates run `runId` in a state directory, which is created too where it is not there. Refusals: `journal.run_id`,
 * `journal.exists`, `journal.io`. Throws TypeError when a digest is not that of its bytes.
 */
export async function createRun(
  stateDir: string,
  runId: string,
  documents: readonly RunDocument[],
  options: JournalOptions = {},
): Promise<Checked<RunJournal>> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return folder;
  const files = options.files ?? nodeFiles;
  const ownership = options.ownership ?? processOwnership;
  const names = new Map(documents.map((document) => [documentName(document), document.bytes]));
  try {
    await ensureFolder(files, stateDir);
    await ensureFolder(files, runsFolder(stateDir));
    await files.syncFolder(stateDir);
    await files.makeFolder(folder.value);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") return refused(ioProblem(error, "create the run's folder", folder.value));
    return refused({
      code: "journal.exists",
      message: `there is a run "${runId}" already; choose another id`,
      file: folder.value,
    });
  }
  const owner = await ownership.claim();
  try {
    await pin(files, folder.value, names);
    await files.makeFolder(blobsFolder(folder.value));
    const header = encodeHeader({ epoch: 1, after: 0, run: runId, owner }, FIRST_PREV);
    const file = await createSegment(files, folder.value, 1, owner.nonce, [header]);
    if (file === null) throw new TypeError("a new folder holds a segment");
    await files.syncFolder(runsFolder(stateDir));
    const length = Buffer.byteLength(header) + 1;
    const start = { folder: folder.value, runId, epoch: 1, file, owner, head: sha256(header), seq: 0, length };
    return { ok: true, value: new RunJournal(start, options) };
  } catch (error) {
    ownership.release(owner);
    // Nothing was begun; a folder that holds no run would only be in the way of the next try.
    await files.removeFolder(folder.value).catch((second: unknown) => {
      if (systemCode(second) === null) throw second;
    });
    return refused(ioProblem(error, "create the run's folder", folder.value));
  }
}

function documentName({ digest, bytes }: RunDocument): string {
  const hex = digestHex(digest);
  if (hex === null || hex !== sha256(bytes)) throw new TypeError(`${digest} is not the SHA-256 of its document`);
  return hex;
}

async function pin(files: JournalFiles, folder: string, documents: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await files.makeFolder(documentsFolder(folder));
  for (const [name, bytes] of documents) await writeDurably(files, join(documentsFolder(folder), name), bytes);
  await files.syncFolder(documentsFolder(folder));
}

/**
 * Pins documents in a run that exists already, durable before anything names them. `nonce` tells writers apart.
 * Rejects with the system's error; throws TypeError when a digest is not that of its bytes.
 */
export async function pinDocuments(
  folder: string,
  documents: readonly RunDocument[],
  nonce: string,
  files: JournalFiles = nodeFiles,
): Promise<void> {
  const target = documentsFolder(folder);
  const there = new Set(await files.names(target));
  for (const document of documents) {
    const name = documentName(document);
    if (there.has(name)) continue;
    const draft = join(target, `${name}.${nonce}.tmp`);
    await writeDurably(files, draft, document.bytes);
    await files.rename(draft, join(target, name));
    there.add(name);
  }
  await files.syncFolder(target);
}

/** Makes a folder and those above it where they are not there, their names durable. Rejects with the system's error. */
export async function ensureFolder(files: JournalFiles, path: string): Promise<void> {
  try {
    await files.makeFolder(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await ensureFolder(files, dirname(path));
    await files.makeFolder(path).catch((second: unknown) => {
      // Somebody made it at the same time.
      if (systemCode(second) !== "EEXIST") throw second;
    });
  }
  await files.syncFolder(dirname(path));
}
