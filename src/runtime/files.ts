/**
 * Documents from the local file system, for loading (spec/workflow.md §8.3 with Decision D13).
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { FileContent, FileSource } from "../effects/seam.ts";

/** Largest document that is read, in bytes. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** A file source over the machine's files. Keys are absolute, normalised paths. */
export function localFiles(cwd: string): FileSource {
  return {
    resolve(reference, from) {
      if (path.isAbsolute(reference)) return [path.normalize(reference)];
      const beside = from === null ? null : path.resolve(path.dirname(from), reference);
      const here = path.resolve(cwd, reference);
      return beside === null || beside === here ? [here] : [beside, here];
    },
    read: readDocument,
  };
}

async function readDocument(key: string): Promise<FileContent> {
  try {
    const info = await stat(key);
    if (info.isDirectory()) return { ok: false, reason: "directory", message: `${key}: Is a directory (os error 21)` };
    if (!info.isFile()) return { ok: false, reason: "unreadable", message: `${key}: not a regular file` };
    if (info.size > MAX_DOCUMENT_BYTES) {
      return {
        ok: false,
        reason: "too_large",
        message: `${key}: ${info.size} bytes are more than a document may have (${MAX_DOCUMENT_BYTES})`,
      };
    }
    return { ok: true, bytes: await readFile(key) };
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR")
      return { ok: false, reason: "missing", message: `${key}: No such file or directory (os error 2)` };
    if (code === "EACCES")
      return { ok: false, reason: "unreadable", message: `${key}: Permission denied (os error 13)` };
    return {
      ok: false,
      reason: "unreadable",
      message: `${key}: ${problem instanceof Error ? problem.message : String(problem)}`,
    };
  }
}
