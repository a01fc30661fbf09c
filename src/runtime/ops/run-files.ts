/** The files of a run that go into a bundle: its segments as far as they belong to the run, its values, its documents. */
import { readWhole } from "../../connect/journal/file.ts";
import { blobsFolder, documentsFolder, segmentEpoch } from "../../connect/journal/layout.ts";
import { ioProblem, systemCode } from "../../connect/journal/problem.ts";
import { readEvents, opsProblem, type RunSource } from "./run-source.ts";
import type { OpsResult } from "./problem.ts";
import { refuse } from "./problem.ts";
import { bundleLimits, tooLarge, tooMany, type BundleFiles } from "./tar.ts";

const digestName = /^[0-9a-f]{64}$/;

/**
 * The files by their path in the run's folder. Of a run under way the last segment is cut where the reader stopped;
 * a damaged journal is taken as it is.
 */
export async function runFiles(source: RunSource): Promise<OpsResult<BundleFiles>> {
  const { files, folder } = source;
  const made = new Map<string, Uint8Array>();
  let size = 0;
  try {
    const read = await readEvents(source, () => undefined);
    const lists: readonly (readonly [string, string, readonly string[]])[] = [
      ["", folder, (await files.names(folder)).filter((name) => segmentEpoch(name) !== null)],
      ["blobs/", blobsFolder(folder), await namesIn(source, blobsFolder(folder))],
      ["documents/", documentsFolder(folder), await namesIn(source, documentsFolder(folder))],
    ];
    for (const [prefix, place, names] of lists) {
      for (const name of names) {
        const file = `${place}/${name}`;
        const bytes = await readWhole(files, file);
        const mine = read.ok && sameFile(read.value.path, file) ? bytes.subarray(0, read.value.length) : bytes;
        size += mine.length;
        if (size > bundleLimits.bytes) return refuse("bundle.too_large", tooLarge(size, bundleLimits));
        if (made.size >= bundleLimits.files) return refuse("bundle.too_many", tooMany(bundleLimits));
        made.set(`${prefix}${name}`, mine);
      }
    }
    return { ok: true, value: made };
  } catch (problem) {
    if (systemCode(problem) === null) throw problem;
    return { ok: false, problem: opsProblem(ioProblem(problem, "read the run", folder)) };
  }
}

async function namesIn({ files }: RunSource, folder: string): Promise<readonly string[]> {
  if (!(await files.exists(folder))) return [];
  return (await files.names(folder)).filter((name) => digestName.test(name));
}

function sameFile(a: string, b: string): boolean {
  return a.split(/[\\/]/).pop() === b.split(/[\\/]/).pop();
}
