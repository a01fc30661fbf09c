/**
 * Opening a path that has been checked, without following any link on the way (spec/runtime.md §2, "Files").
 *
 * On Linux every folder is opened relative to the one before, by way of `/proc/self/fd`, with O_NOFOLLOW: a link
 * that took a folder's place since the check cannot lead anywhere. Elsewhere (or without /proc) the whole path is
 * opened with O_NOFOLLOW and resolved once more before and after.
 *
 * Residual risk elsewhere: between the second look and the open a folder can be swapped for a link; the third
 * look reports it, after a new file may have been created outside. Hard links and mounts are not seen anywhere.
 */
import { constants } from "node:fs";
import { access, lstat, mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname, join, parse, sep } from "node:path";
import { errorCode } from "./errno.ts";
import { resolveRealPath } from "./paths.ts";

/** A link stands where preparation saw none. `place` is where. */
export class Swapped extends Error {
  readonly place: string;
  constructor(place: string) {
    super(`refused: \`${place}\` became a symbolic link after the path was checked`);
    this.name = "Swapped";
    this.place = place;
  }
}

// Node does not name it; the value is Linux's on every architecture that Node is built for.
const O_PATH = 0o10000000;
const DIRECTORY = constants.O_DIRECTORY | constants.O_NOFOLLOW | O_PATH;

/** How folders are reached. `descriptors` needs /proc. */
export type WalkMode = "descriptors" | "recheck";

let known: Promise<WalkMode> | undefined;

/** The mode that this system supports. */
export function walkMode(): Promise<WalkMode> {
  known ??=
    process.platform === "linux"
      ? access("/proc/self/fd").then(
          (): WalkMode => "descriptors",
          (): WalkMode => "recheck",
        )
      : Promise.resolve<WalkMode>("recheck");
  return known;
}

/**
 * Opens `realPath` (as resolveRealPath gave it). System errors pass through; a link on the way is {@link Swapped}.
 * The caller closes the handle.
 */
export async function openChecked(
  realPath: string,
  flags: number,
  options: { readonly mode?: WalkMode } = {},
): Promise<FileHandle> {
  const mode = options.mode ?? (await walkMode());
  const name = lastPiece(realPath);
  if (mode === "descriptors" && name !== "") {
    return withFolder(dirname(realPath), false, (folder) => openHere(`${folder}/${name}`, realPath, flags));
  }
  await stillReal(realPath);
  const handle = await openHere(realPath, realPath, flags);
  try {
    await stillReal(realPath);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Makes the folder `realPath` and its parents where they are missing. Existing folders are fine; a file there is EEXIST. */
export async function makeFolders(realPath: string, options: { readonly mode?: WalkMode } = {}): Promise<void> {
  const mode = options.mode ?? (await walkMode());
  if (mode === "descriptors") {
    await withFolder(realPath, true, () => Promise.resolve());
    return;
  }
  await stillReal(realPath);
  await mkdir(realPath, { recursive: true });
  await stillReal(realPath);
}

async function openHere(path: string, shown: string, flags: number): Promise<FileHandle> {
  try {
    // O_NONBLOCK: opening a pipe must not wait for its other end, out of reach of any time-out.
    return await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o666);
  } catch (error) {
    if (errorCode(error) === "ELOOP") throw new Swapped(shown);
    throw error;
  }
}

/** Walks to the folder `realPath` and calls `use` with a path that means it, whatever happens to its names. */
async function withFolder<T>(realPath: string, make: boolean, use: (folder: string) => Promise<T>): Promise<T> {
  let handle = await open(parse(realPath).root, DIRECTORY);
  try {
    let shown = parse(realPath).root;
    for (const piece of realPath.slice(shown.length).split(sep)) {
      if (piece === "") continue;
      shown = join(shown, piece);
      const next = await step(`/proc/self/fd/${handle.fd}/${piece}`, shown, make);
      const before = handle;
      handle = next;
      await before.close();
    }
    return await use(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
}

async function step(path: string, shown: string, make: boolean): Promise<FileHandle> {
  try {
    return await open(path, DIRECTORY);
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") {
      if ((await lstat(path)).isSymbolicLink()) throw new Swapped(shown);
      // As mkdir would say of a file in the way.
      if (make) await mkdir(path);
    }
    if (errorCode(error) !== "ENOENT" || !make) throw error;
  }
  try {
    await mkdir(path);
  } catch (error) {
    // Another writer was quicker; what it made is opened, and refused if it is no folder.
    if (errorCode(error) !== "EEXIST") throw error;
  }
  return step(path, shown, false);
}

async function stillReal(realPath: string): Promise<void> {
  if ((await resolveRealPath(realPath, parse(realPath).root)) !== realPath) throw new Swapped(realPath);
}

function lastPiece(path: string): string {
  return path.slice(parse(path).root.length).split(sep).at(-1) ?? "";
}
