/**
 * Writes a bundle: a folder, or a `.tar.gz` whose bytes depend on the files alone. It appears whole or not at all,
 * under a name that nothing had before; folders have mode 0700, files 0600, since a bundle holds a run's values.
 */
import { randomBytes } from "node:crypto";
import { link, lstat, mkdir, open, rename, rm, unlink } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gzip, type ZlibOptions } from "node:zlib";
import { systemCode } from "../../connect/journal/problem.ts";
import { bundlePathProblem } from "./bundle-path.ts";
import { refuse, type OpsResult } from "./problem.ts";
import { writeTar, type BundleFiles } from "./tar.ts";

/** True for a place whose name says archive. */
export function isArchiveName(place: string): boolean {
  return /\.(?:tar\.gz|tgz)$/i.test(place);
}

const pack = promisify<Uint8Array, ZlibOptions, Buffer>(gzip);

/** The bytes of the archive. The gzip header names no time and no system, so equal files give equal bytes. */
export async function packBundle(files: BundleFiles): Promise<Uint8Array> {
  const packed = await pack(writeTar(files), { level: 9 });
  // RFC 1952: byte 9 is the system that packed; 255 is "unknown".
  packed[9] = 255;
  return packed;
}

/** Writes the bundle to `place` (absolute), where there must be nothing yet. */
export async function writeBundle(files: BundleFiles, place: string): Promise<OpsResult<null>> {
  for (const name of files.keys()) {
    const wrong = bundlePathProblem(name);
    if (wrong !== null) throw new TypeError(`a bundle cannot hold ${name}: ${wrong}`);
  }
  const draft = path.join(path.dirname(place), `.${path.basename(place)}.${randomBytes(8).toString("hex")}.tmp`);
  try {
    if (await stands(place)) return refuse("bundle.exists", `${place} is there already; choose another name`, 2);
    await (isArchiveName(place) ? writeArchive(files, draft, place) : writeFolder(files, draft, place));
    return { ok: true, value: null };
  } catch (problem) {
    const code = systemCode(problem);
    await rm(draft, { recursive: true, force: true });
    if (code === null) throw problem;
    if (code === "EEXIST" || code === "ENOTEMPTY")
      return refuse("bundle.exists", `${place} is there already; choose another name`, 2);
    const usage = code === "ENOENT" || code === "EACCES" || code === "ENOTDIR" || code === "EROFS";
    return refuse("bundle.write", `${place} cannot be written (${code})`, usage ? 2 : 5);
  }
}

async function stands(place: string): Promise<boolean> {
  try {
    await lstat(place);
    return true;
  } catch (problem) {
    if (systemCode(problem) === "ENOENT") return false;
    throw problem;
  }
}

/** The file system knows no links. */
const withoutLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

async function writeArchive(files: BundleFiles, draft: string, place: string): Promise<void> {
  await writeDurably(draft, await packBundle(files));
  try {
    // A link never replaces what somebody else has put there in between.
    await link(draft, place);
  } catch (problem) {
    if (!withoutLinks.has(systemCode(problem) ?? "")) throw problem;
    return rename(draft, place);
  }
  await unlink(draft);
}

async function writeFolder(files: BundleFiles, draft: string, place: string): Promise<void> {
  await mkdir(draft, { mode: 0o700 });
  for (const [name, bytes] of files) {
    const file = path.join(draft, ...name.split("/"));
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(file, bytes);
  }
  await rename(draft, place);
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
