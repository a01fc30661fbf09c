/**
 * Reads a bundle, a folder or a `.tar.gz`, into memory, bounded. Nothing of it is written anywhere: whoever uses a
 * bundle reads it from the map that comes out, so no path in it ever meets this machine's file system.
 */
import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { systemCode } from "../../connect/journal/problem.ts";
import { bundlePathProblem, foldedPath } from "./bundle-path.ts";
import { refuse, type OpsResult } from "./problem.ts";
import { bundleLimits, duplicate, readTar, tooLarge, tooMany, type BundleFiles, type BundleLimits } from "./tar.ts";

/** The files of a bundle at `place` (absolute). */
export async function readBundle(place: string, limits: BundleLimits = bundleLimits): Promise<OpsResult<BundleFiles>> {
  try {
    const info = await lstat(place);
    if (info.isDirectory()) return await readFolderBundle(place, limits);
    // A link that the operator names is the operator's own.
    return await readArchive(place, limits);
  } catch (problem) {
    const code = systemCode(problem);
    if (code === null) throw problem;
    if (code === "ENOENT" || code === "ENOTDIR") return refuse("bundle.missing", `there is no bundle ${place}`, 2);
    return refuse("bundle.unreadable", `${place} cannot be read (${code})`);
  }
}

const unpack = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

async function readArchive(place: string, limits: BundleLimits): Promise<OpsResult<BundleFiles>> {
  const packed = await readPlain(place, limits, constants.O_RDONLY);
  if (!packed.ok) return packed;
  let archive: Buffer;
  try {
    archive = await unpack(packed.value, { maxOutputLength: limits.bytes });
  } catch (problem) {
    const code = systemCode(problem);
    if (code === "ERR_BUFFER_TOO_LARGE")
      return refuse("bundle.too_large", `unpacked it has more than ${limits.bytes} bytes`);
    if (code === null || !code.startsWith("Z_")) throw problem;
    return refuse("bundle.gzip", `${place} is no gzip archive, or is damaged or cut (${code})`);
  }
  return readTar(archive, limits);
}

async function readFolderBundle(root: string, limits: BundleLimits): Promise<OpsResult<BundleFiles>> {
  const files = new Map<string, Uint8Array>();
  const folded = new Map<string, string>();
  let left = limits.bytes;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const wrong = bundlePathProblem(name);
      if (wrong !== null) return refuse("bundle.path", `the path \`${name}\` is refused: ${wrong}`);
      if (entry.isDirectory()) {
        folders.push(name);
        if (folders.length > limits.files) return refuse("bundle.too_many", tooMany(limits));
        continue;
      }
      if (!entry.isFile())
        return refuse("bundle.entry_type", `\`${name}\` is no plain file; only plain files are taken`);
      const twin = folded.get(foldedPath(name));
      if (twin !== undefined) return refuse("bundle.duplicate", duplicate(twin, name));
      if (files.size >= limits.files) return refuse("bundle.too_many", tooMany(limits));
      const read = await readPlain(
        path.join(root, name),
        { ...limits, bytes: left },
        constants.O_RDONLY | constants.O_NOFOLLOW,
      );
      if (!read.ok) return read;
      left -= read.value.length;
      folded.set(foldedPath(name), name);
      files.set(name, read.value);
    }
  }
  return { ok: true, value: files };
}

/** A plain file's bytes, at most `limits.bytes`; what is no plain file by the time it is open is refused. */
async function readPlain(file: string, limits: BundleLimits, flags: number): Promise<OpsResult<Uint8Array>> {
  // Without O_NONBLOCK the opening of a pipe would wait for a writer.
  const handle = await open(file, flags | constants.O_NONBLOCK);
  try {
    const info = await handle.stat();
    if (!info.isFile()) return refuse("bundle.entry_type", `${file} is no plain file`);
    if (info.size > limits.bytes) return refuse("bundle.too_large", tooLarge(info.size, limits));
    const bytes = Buffer.alloc(info.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return { ok: true, value: bytes.subarray(0, filled) };
  } finally {
    await handle.close();
  }
}
