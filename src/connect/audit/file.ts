/**
 * The file layer under the audit log: that of the journal, and what an append-only file that many processes share needs
 * besides. Tests put a disk of their own here.
 */
import { fdatasync } from "node:fs";
import { open, truncate } from "node:fs/promises";
import { join } from "node:path";
import { nodeFiles, type AppendFile, type JournalFiles } from "../journal/file.ts";
import { FILE_MODE } from "../journal/layout.ts";

/** What the audit log needs of a file system. All functions reject with the system's error. */
export interface AuditFiles extends JournalFiles {
  /** Opens a file for appending (O_APPEND); makes it (mode 0600) when there is none. */
  openAppend(path: string): Promise<AppendFile>;
  /** Shortens a file. */
  truncate(path: string, length: number): Promise<void>;
}

/** The real file system. */
export const nodeAuditFiles: AuditFiles = {
  ...nodeFiles,
  openAppend: async (path) => {
    const handle = await open(path, "a", FILE_MODE);
    return {
      append: async (bytes) => {
        for (let from = 0; from < bytes.length;) {
          from += (await handle.write(bytes, from, bytes.length - from, null)).bytesWritten;
        }
      },
      datasync: () =>
        new Promise((resolve, reject) => {
          fdatasync(handle.fd, (error) => (error === null ? resolve() : reject(error)));
        }),
      close: () => handle.close(),
    };
  },
  truncate,
};

/** The audit log of a state directory. */
export function auditFile(stateDir: string): string {
  return join(stateDir, "audit.jsonl");
}

/** What is wrong: a stable code, a sentence, and the place. */
export interface AuditProblem {
  /**
   * - `audit.io`: the file system refused;
   * - `audit.locked`: another process holds the log, or one that cannot be judged from here;
   * - `audit.missing`: there is no log;
   * - `audit.broken`: a line is not what the line before and its form make it;
   * - `audit.signature`: a signature does not agree with what stands above it;
   * - `audit.absent`: the log does not hold a line that was asked for.
   */
  readonly code: "audit.io" | "audit.locked" | "audit.missing" | "audit.broken" | "audit.signature" | "audit.absent";
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line?: number;
}

/** A value or the problem that stands in its way. */
export type Audited<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: AuditProblem };
