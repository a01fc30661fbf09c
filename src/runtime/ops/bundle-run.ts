/** The run in a bundle: the manifest checked first, then read like any run, without a file being written. */
import type { JournalEvent } from "../../effects/events.ts";
import { isRunId } from "../../connect/journal/layout.ts";
import { readBundle } from "./bundle-read.ts";
import { checkManifest, type FindKey, type ManifestAuthenticity } from "./manifest.ts";
import { bundleJournalFiles } from "./memory-files.ts";
import { refuse, type OpsResult } from "./problem.ts";
import type { RunSource } from "./run-source.ts";
import { bundleLimits, type BundleFiles, type BundleLimits } from "./tar.ts";

/** A checked bundle. */
export interface OpenedBundle {
  readonly files: BundleFiles;
  readonly authenticity: ManifestAuthenticity;
  /** `sha256:` of MANIFEST.json. */
  readonly manifestDigest: string;
}

/** Reads a bundle at `place` (absolute) and checks its manifest. */
export async function openBundle(
  place: string,
  findKey: FindKey | null,
  limits: BundleLimits = bundleLimits,
): Promise<OpsResult<OpenedBundle>> {
  const read = await readBundle(place, limits);
  if (!read.ok) return read;
  const checked = checkManifest(read.value, findKey);
  if (!checked.ok) return checked;
  const { authenticity, digest } = checked.value;
  return { ok: true, value: { files: read.value, authenticity, manifestDigest: digest } };
}

/** The run of a bundle. */
export function runInBundle({ files }: OpenedBundle): OpsResult<RunSource> {
  const runId = runIdOf(files.get("runtime.json"));
  if (runId === null) return refuse("bundle.no_run", "the bundle holds no run, only a document", 2);
  const own = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) if (path.startsWith("run/")) own.set(path.slice("run/".length), bytes);
  const folder = `bundle:/${runId}`;
  return { ok: true, value: { runId, folder, files: bundleJournalFiles(own, folder) } };
}

function runIdOf(bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null;
  try {
    const data = JSON.parse(Buffer.from(bytes).toString("utf8")) as {
      readonly x_countersign?: { readonly run_id?: unknown } | null;
    } | null;
    const id = data?.x_countersign?.run_id;
    return typeof id === "string" && isRunId(id) ? id : null;
  } catch (problem) {
    if (problem instanceof SyntaxError) return null;
    throw problem;
  }
}

/** The two events that a replay begins from; null for what has not been seen. */
export interface Beginning {
  started: Extract<JournalEvent, { type: "run.started" }> | null;
  resumed: Extract<JournalEvent, { type: "run.resumed" }> | null;
}
