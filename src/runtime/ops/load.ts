/** Loads a document from disk or from a git revision. */
import { loadBundle as loadFrom, type LoadResult } from "../../dialects/load.ts";
import { loadDocument, loading } from "../documents.ts";
import { revisionFiles } from "./git-files.ts";
import type { OpsResult } from "./problem.ts";

/** The document with everything it names; a refusal only where the revision itself cannot be read. */
export async function loadBundle(file: string, revision: string | null, cwd: string): Promise<OpsResult<LoadResult>> {
  if (revision === null) return { ok: true, value: await loadDocument(file, cwd) };
  const files = await revisionFiles(revision, cwd);
  if (!files.ok) return files;
  return { ok: true, value: await loadFrom(file, { ...loading, files: files.value }) };
}
