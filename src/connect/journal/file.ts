/**
 * The file layer under the journal: the only place of this room that touches a disk. Tests put a disk of their own
 * here, which tears writes, runs out of space, fails and loses power.
 *
 * All functions reject with the system's error (a `code` such as ENOSPC); none is retried.
 */
import { fdatasync, statSync, watch, writeSync } from "node:fs";
import { link, mkdir, open, readdir, rename, rm, unlink, type FileHandle } from "node:fs/promises";
import { FILE_MODE, FOLDER_MODE } from "./layout.ts";
import { systemCode } from "./problem.ts";

/** A file that is being written, at its end only. */
export interface AppendFile {
  /** Writes all of `bytes`, or rejects with an unknown part of them written. */
  append(bytes: Uint8Array): Promise<void>;
  /** Returns when everything appended is durable (fdatasync). */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** A file that is being read. */
export interface ReadFile {
  /** Bytes in the file now. */
  size(): Promise<number>;
  /** Up to `length` bytes from `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Makes durable what others have written (fdatasync). */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** What the journal needs of a file system. */
export interface JournalFiles {
  /** Creates one folder (mode 0700); EEXIST when there is something of that name. */
  makeFolder(path: string): Promise<void>;
  /** Creates a file (mode 0600) for appending; EEXIST when there is something of that name. */
  create(path: string): Promise<AppendFile>;
  openRead(path: string): Promise<ReadFile>;
  /** A second name for a file; EEXIST when there is something of that name. */
  link(from: string, to: string): Promise<void>;
  /** Renames, replacing a file of that name. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Removes a folder with all it holds; nothing to remove is no error. */
  removeFolder(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** False only when there is certainly nothing of that name. */
  exists(path: string): Promise<boolean>;
  /** Names in a folder. */
  names(path: string): Promise<readonly string[]>;
  /** Calls back when something in the folder may have changed; the returned function ends it. */
  watch(path: string, changed: () => void): () => void;
}

/**
 * Writes of up to so many bytes are done at once: they only copy into the system's cache, which takes microseconds,
 * while a trip to another thread takes longer than that. What waits for the disk, `datasync`, never blocks.
 */
const SMALL_WRITE = 16 * 1024;

/** How often a watched folder counts as changed even when the system says nothing (network file systems). */
const POLL_MS = 500;

/** The real file system. */
export const nodeFiles: JournalFiles = {
  makeFolder: (path) => mkdir(path, { mode: FOLDER_MODE }),
  create: async (path) => new NodeAppendFile(await open(path, "ax", FILE_MODE)),
  openRead: async (path) => new NodeReadFile(await open(path, "r")),
  link,
  rename,
  unlink,
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
  syncFolder: async (path) => {
    // Windows opens no folders; there names are durable with their file.
    if (process.platform === "win32") return;
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  // Asked before every effect, and a look at a name is many times cheaper than a trip to another thread.
  exists: (path) => new Promise((resolve) => resolve(stands(path))),
  names: (path) => readdir(path),
  watch: (path, changed) => {
    const timer = setInterval(changed, POLL_MS);
    const watcher = watch(path, { persistent: true }, changed);
    // A watch that breaks (folder gone, too many watches) leaves the timer, which finds out what there is to find.
    watcher.on("error", () => watcher.close());
    return () => {
      clearInterval(timer);
      watcher.close();
    };
  },
};

function stands(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (systemCode(error) === "ENOTDIR") return false;
    throw error;
  }
}

class NodeAppendFile implements AppendFile {
  private readonly handle: FileHandle;
  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let from = 0;
    if (bytes.length <= SMALL_WRITE) from = writeSync(this.handle.fd, bytes, 0, bytes.length, null);
    while (from < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, from, bytes.length - from, null);
      from += bytesWritten;
    }
  }

  datasync(): Promise<void> {
    // As `handle.datasync()`, whose own bookkeeping costs more than a line of the journal.
    return new Promise((resolve, reject) => {
      fdatasync(this.handle.fd, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

class NodeReadFile implements ReadFile {
  private readonly handle: FileHandle;
  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.handle.read(bytes, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  datasync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Everything a file holds. */
export async function readWhole(files: JournalFiles, path: string): Promise<Uint8Array> {
  const file = await files.openRead(path);
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

/** Creates a file with these bytes, durable; the folder's names are the caller's to sync. */
export async function writeDurably(files: JournalFiles, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.create(path);
  try {
    await file.append(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
