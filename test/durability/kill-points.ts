/**
 * Kill points: every place where a process can die that matters to a run, counted in the order in which they come.
 *
 * Around the journal's file layer (before, inside and after each append; after each sync and each change of a name)
 * and around the performer (between the durable start and the effect, and between the effect and its end).
 */
import type { AppendFile, JournalFiles } from "../../src/connect/journal/file.ts";
import type { Performer } from "../../src/effects/seam.ts";

/** Called at each point; kills the process at the one it was made for. */
export type Point = (what: string) => void | Promise<void>;

/** A point that kills this process at the n-th call (from 1; 0 never) and counts. */
export function killingPoint(at: number): { readonly point: Point; count(): number } {
  let count = 0;
  return {
    point: () => {
      if (++count === at) process.kill(process.pid, "SIGKILL");
    },
    count: () => count,
  };
}

/** A file layer with a point at every step. */
export function pointedFiles(files: JournalFiles, point: Point): JournalFiles {
  const after = async <T>(what: string, done: Promise<T>): Promise<T> => {
    const result = await done;
    await point(what);
    return result;
  };
  return {
    ...files,
    makeFolder: (path) => after("makeFolder", files.makeFolder(path)),
    create: async (path) => pointedAppend(await after("create", files.create(path)), point),
    link: (from, to) => after("link", files.link(from, to)),
    rename: (from, to) => after("rename", files.rename(from, to)),
    unlink: (path) => after("unlink", files.unlink(path)),
    syncFolder: (path) => after("syncFolder", files.syncFolder(path)),
  };
}

function pointedAppend(file: AppendFile, point: Point): AppendFile {
  return {
    append: async (bytes) => {
      await point("before append");
      const half = halfALine(bytes);
      await file.append(bytes.subarray(0, half));
      await point("inside append");
      await file.append(bytes.subarray(half));
      await point("after append");
    },
    datasync: async () => {
      await file.datasync();
      await point("datasync");
    },
    close: () => file.close(),
  };
}

/** A length that ends within a line. */
function halfALine(bytes: Uint8Array): number {
  const half = Math.floor(bytes.length / 2);
  return half > 0 && bytes[half - 1] === 10 ? half - 1 : half;
}

/** A performer with a point before and after each effect. */
export function pointedPerformer(performer: Performer, point: Point): Performer {
  return {
    prepare: (effect, scope) => performer.prepare(effect, scope),
    perform: async (prepared, scope, signal) => {
      await point("before effect");
      const result = await performer.perform(prepared, scope, signal);
      await point("after effect");
      return result;
    },
  };
}
