/** A kept run in files for somebody else: how it stands as JSON, or everything about it as an incident bundle. */
import { randomBytes } from "node:crypto";
import { readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "../../connect/journal/problem.ts";
import {
  incidentOfRun,
  isArchiveName,
  runOnDisk,
  takeSnapshot,
  thisProcess,
  writeBundle,
  type RunSource,
} from "../ops/index.ts";
import { receiptsOfRun } from "../ops/receipts.ts";
import type { RedactingKey } from "../ops/redact.ts";
import type { Operator } from "../operator.ts";
import { runFolder } from "../runs.ts";
import { refused, type Kept, type KeptPlace } from "./past.ts";

/** The key under which digests of one state directory can be compared; one of its own where there is none. */
export async function redactingKey(stateDir: string | null): Promise<RedactingKey> {
  const key = stateDir === null ? null : await readFile(path.join(stateDir, "markers.key")).catch(() => null);
  return key?.length === 32 ? { key, scope: "state directory" } : { key: randomBytes(32), scope: "this bundle" };
}

/** How the run stands, as JSON. */
export async function snapshotText(place: KeptPlace): Promise<Kept<string>> {
  const source = sourceOf(place);
  if (!source.ok) return source;
  const taken = await takeSnapshot(source.value);
  return taken.ok ? { ok: true, value: `${JSON.stringify(taken.value, null, 2)}\n` } : taken;
}

/** What was written. */
export interface WrittenBundle {
  readonly files: number;
  /** What whoever made it should know, in sentences. */
  readonly notes: readonly string[];
}

/** Writes the unsigned incident bundle of a run to a `.tar.gz`, in the place of what is there. */
export async function exportBundle(
  place: KeptPlace,
  file: string,
  operator: Pick<Operator, "governance" | "severities">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Kept<WrittenBundle>> {
  const source = sourceOf(place);
  if (!source.ok) return source;
  if (!isArchiveName(file)) return refused("bundle.write", "the name of a bundle ends in .tar.gz or .tgz");
  const { cwd, stateDir } = place;
  const made = await incidentOfRun(source.value, {
    ...{ operator, cwd, signer: null },
    process: await thisProcess({ cwd, args: [], env }),
    key: await redactingKey(stateDir),
    receipts: await receiptsOfRun(source.value.folder),
  });
  if (!made.ok) return made;
  // Nothing is written over what is there before all of it stands on the disk.
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tar.gz`);
  const written = await writeBundle(made.value.files, draft);
  if (!written.ok) return written;
  try {
    await rename(draft, file);
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    await rm(draft, { force: true });
    return refused("bundle.write", `${file} cannot be written (${code})`);
  }
  return { ok: true, value: { files: made.value.files.size, notes: made.value.notes } };
}

function sourceOf({ stateDir, runId }: KeptPlace): Kept<RunSource> {
  const folder = runFolder(stateDir, runId);
  return folder.ok ? runOnDisk(folder.value) : refused(folder.problem.code, folder.problem.message);
}
