/**
 * Which approvals have been used up, per state directory (spec/runtime.md §7, `cred.replayed`):
 *
 *     <state dir>/approvals/uses/<SHA-256 of the approval's id>/<n>      n from 1, content: what used it
 *
 * Invariants: a use is a name that can be created once, so of two takers one wins, in one process or in several; it
 * appears whole or not at all; it is durable, name and all, before {@link takeUse} returns. Nothing is ever given back:
 * a crash between a use and its effect leaves the use with that effect, which may take it again.
 */
import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { failure, type Failure } from "../../graph/failure.ts";
import { ensureFolder } from "../journal/create.ts";
import { nodeFiles, readWhole, writeDurably, type JournalFiles } from "../journal/file.ts";
import { ioProblem, journalFailure, systemCode } from "../journal/problem.ts";

/** How a use is known: who it was for, as one text. */
export type Use = string;

/** The uses of one state directory. */
export interface UseBook {
  others(approvalId: string, use: Use): Promise<number | Failure>;
  take(approvalId: string, use: Use, allowed: number): Promise<"taken" | "used_up" | Failure>;
}

/** The ledger of a state directory. */
export function useBook(stateDir: string, files: JournalFiles = nodeFiles): UseBook {
  const folderOf = (approvalId: string): string => join(stateDir, "approvals", "uses", hex(approvalId));
  return {
    others: (approvalId, use) => guarded(folderOf(approvalId), (folder) => countOthers(files, folder, use)),
    take: (approvalId, use, allowed) => guarded(folderOf(approvalId), (folder) => takeUse(files, folder, use, allowed)),
  };
}

/** A ledger that lives as long as the process: for runs that are kept nowhere. */
export function memoryUseBook(): UseBook {
  const taken = new Map<string, Set<Use>>();
  const usesOf = (approvalId: string): Set<Use> => {
    const known = taken.get(approvalId) ?? new Set<Use>();
    taken.set(approvalId, known);
    return known;
  };
  return {
    others: (approvalId, use) => {
      const uses = usesOf(approvalId);
      return Promise.resolve(uses.size - (uses.has(use) ? 1 : 0));
    },
    take: (approvalId, use, allowed) => {
      const uses = usesOf(approvalId);
      if (!uses.has(use) && uses.size >= allowed) return Promise.resolve("used_up" as const);
      uses.add(use);
      return Promise.resolve("taken" as const);
    },
  };
}

async function countOthers(files: JournalFiles, folder: string, use: Use): Promise<number> {
  const names = await slots(files, folder);
  for (const name of names) if ((await readUse(files, join(folder, name))) === hex(use)) return names.length - 1;
  return names.length;
}

async function takeUse(files: JournalFiles, folder: string, use: Use, allowed: number): Promise<"taken" | "used_up"> {
  await ensureFolder(files, folder);
  // Another process may have made these folders and died before their names were durable.
  for (let depth = 0, at = dirname(folder); depth < 3; depth++, at = dirname(at)) await files.syncFolder(at);
  const draft = join(folder, `${randomBytes(8).toString("hex")}.tmp`);
  let drafted = false;
  try {
    for (let tries = 0; ; tries++) {
      const names = await slots(files, folder);
      for (const name of names) {
        if ((await readUse(files, join(folder, name))) !== hex(use)) continue;
        // Whoever made it may have died before the name was durable.
        await files.syncFolder(folder);
        return "taken";
      }
      if (names.length >= allowed) return "used_up";
      if (!drafted) {
        await writeDurably(files, draft, Buffer.from(hex(use), "utf8"));
        drafted = true;
      }
      try {
        await files.link(draft, join(folder, String(firstFree(names))));
      } catch (error) {
        // Somebody was faster; bounded by the uses that there may be.
        if (systemCode(error) !== "EEXIST" || tries > allowed) throw error;
        continue;
      }
      await files.syncFolder(folder);
      return "taken";
    }
  } finally {
    if (drafted) await files.unlink(draft);
  }
}

/** The uses that there are, as names; drafts that a crash left behind do not count. */
async function slots(files: JournalFiles, folder: string): Promise<readonly string[]> {
  try {
    return (await files.names(folder)).filter((name) => /^[1-9][0-9]{0,6}$/.test(name));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

function firstFree(names: readonly string[]): number {
  const taken = new Set(names);
  for (let n = 1; ; n++) if (!taken.has(String(n))) return n;
}

async function readUse(files: JournalFiles, file: string): Promise<string> {
  return Buffer.from(await readWhole(files, file)).toString("utf8");
}

function hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function guarded<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T | Failure> {
  try {
    return await work(folder);
  } catch (error) {
    if (systemCode(error) === null)
      return failure("internal", `cannot use ${folder}: ${error instanceof Error ? error.message : String(error)}`);
    return journalFailure(ioProblem(error, "keep account of used approvals", folder));
  }
}
