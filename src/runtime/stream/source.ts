/**
 * Where a stream's records come from: chunks of bytes with their framing, or the files of a folder
 * (spec/pipeline.md §1, `--source=dir:PATH`).
 *
 * A folder's files are records in the order of their names. A file is taken when it is not hidden and has not changed
 * for a while, and moved to `done/` below the folder when its record has ended; so a folder can be worked off again
 * after a stop without doing anything twice that was finished. Nothing that lies in `done/` is ever written over.
 */
import { watch } from "node:fs";
import { mkdir, open, readdir, rename, stat } from "node:fs/promises";
import path from "node:path";
import { MAX_RECORD_BYTES, Unframer, type Framing, type FramingProblem } from "./framing.ts";

/** One record, and what is to be done when it has ended well. */
export interface SourceRecord {
  readonly bytes: Uint8Array;
  readonly done?: () => Promise<void>;
}

/** Records as they come. `stop` ends the waiting for more; what was read already is still given. */
export interface RecordSource {
  /** As it stands in the journal: `stdin lines`, `dir`. */
  readonly name: string;
  /** Batches of records that are there at once. */
  batches(stop: AbortSignal): AsyncIterable<readonly SourceRecord[]>;
  /** Why reading ended before its end. */
  problem(): { readonly code: string; readonly message: string } | null;
}

/** Records in a stream of bytes, e.g. standard input. */
export function byteSource(chunks: AsyncIterable<Uint8Array>, framing: Framing): RecordSource {
  const unframer = new Unframer(framing);
  let problem: FramingProblem | null = null;
  return {
    name: `stdin ${framing}`,
    problem: () => problem,
    async *batches(stop) {
      const iterator = chunks[Symbol.asyncIterator]();
      for (;;) {
        const next = await unlessAborted(iterator.next(), stop);
        if (next === null) return;
        const records = next.done === true ? unframer.end() : unframer.push(next.value);
        if (records.length > 0) yield records.map((bytes) => ({ bytes }));
        problem = unframer.problem;
        if (next.done === true || problem !== null) return;
      }
    },
  };
}

/** What `wanted` gives; null when the signal comes first. The listener goes with the answer. */
function unlessAborted<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    // Also when nobody waits any more: an input that is closed then must not end the program.
    wanted.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** How a folder is looked at. */
export interface FolderOptions {
  /** End when the folder is empty, instead of waiting for more. */
  readonly once: boolean;
  /** Milliseconds between two looks, and for which a file must have stood as it is; a change is looked at sooner. */
  readonly everyMs?: number;
  /** Milliseconds from any origin. */
  readonly now?: () => number;
}

/** Records in the files of a folder. */
export function folderSource(folder: string, options: FolderOptions): RecordSource {
  let problem: { code: string; message: string } | null = null;
  const refuse = (code: string, message: string): void => {
    problem ??= { code, message };
  };
  return {
    name: "dir",
    problem: () => problem,
    async *batches(stop) {
      const done = path.join(folder, "done");
      try {
        await mkdir(done, { recursive: true });
      } catch (error) {
        return refuse("source.folder", `${folder}: cannot be used as a source (${systemWord(error)})`);
      }
      const { everyMs = 500, now: clock = () => performance.now() } = options;
      const looks = new Looks(folder, everyMs, stop);
      try {
        let before: ReadonlyMap<string, Standing> = new Map();
        while (!stop.aborted) {
          const present = await stateOf(folder).catch((error: unknown) => {
            refuse("source.folder", `${folder}: cannot be listed (${systemWord(error)})`);
            return null;
          });
          if (present === null) return;
          const now = clock();
          const standing = new Map(
            [...present].map(([name, state]): [string, Standing] => {
              const known = before.get(name);
              return [name, known?.state === state ? known : { state, since: now }];
            }),
          );
          const ready = [...standing].filter(([, { since }]) => now - since >= everyMs).map(([name]) => name);
          for (const name of ready.sort()) {
            if (stop.aborted) return;
            const file = path.join(folder, name);
            const read = await readRecordFile(file);
            if (typeof read === "string") return refuse("source.file", `${file}: ${read}`);
            yield [{ bytes: read, done: () => putAway(file, path.join(done, name)) }];
          }
          if (options.once && present.size === 0) return;
          before = new Map([...standing].filter(([name]) => !ready.includes(name)));
          if (ready.length === 0) await looks.next();
        }
      } finally {
        looks.close();
      }
    },
  };
}

/** How a file was when it was last looked at, and since when it is so. */
interface Standing {
  readonly state: string;
  readonly since: number;
}

/** Most files of one name in `done/`. */
const MAX_SAME_NAME = 10_000;

/** Moves a file to `target`, or to `target.2` and so on where files of that name lie already. */
async function putAway(file: string, target: string): Promise<void> {
  for (let n = 1; ; n++) {
    const place = n === 1 ? target : `${target}.${n}`;
    try {
      // The name is taken first, so that of two movers neither writes over the other's file.
      await (await open(place, "wx")).close();
    } catch (error) {
      if (systemWord(error) !== "EEXIST" || n === MAX_SAME_NAME) throw error;
      continue;
    }
    return rename(file, place);
  }
}

/** Files that may be records, with what shows a change. */
async function stateOf(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith(".")) continue;
    const at = await stat(path.join(folder, entry.name)).catch((error: unknown) => {
      if (systemWord(error) === "ENOENT") return null;
      throw error;
    });
    if (at !== null) found.set(entry.name, `${at.size} ${at.mtimeMs} ${at.ino}`);
  }
  return found;
}

/** A file's bytes, or why they are no record. */
async function readRecordFile(file: string): Promise<Uint8Array | string> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      if (size > MAX_RECORD_BYTES) return `is longer than ${MAX_RECORD_BYTES} bytes`;
      return new Uint8Array(await handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (error) {
    return `cannot be read (${systemWord(error)})`;
  }
}

function systemWord(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined) return code;
  return error instanceof Error ? error.message : String(error);
}

/** Waits for a change of the folder, or for a while, whichever comes first. */
class Looks {
  private readonly everyMs: number;
  private readonly stop: AbortSignal;
  private readonly watcher: ReturnType<typeof watch> | null;
  private wake: () => void = () => undefined;

  constructor(folder: string, everyMs: number, stop: AbortSignal) {
    this.everyMs = everyMs;
    this.stop = stop;
    this.watcher = this.watchFolder(folder);
  }

  private watchFolder(folder: string): ReturnType<typeof watch> | null {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.wake());
      // Where changes cannot be reported, the regular looks find them.
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return null;
    }
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.stop.removeEventListener("abort", finish);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, this.everyMs);
      if (this.stop.aborted) return finish();
      this.stop.addEventListener("abort", finish, { once: true });
      // A file that is being written changes many times; the next regular look is soon enough for it.
      this.wake = () => setTimeout(finish, Math.min(50, this.everyMs));
    });
  }

  close(): void {
    this.watcher?.close();
  }
}
