/**
 * One writer at a time, over all processes that share a state directory.
 *
 * Each contender puts a file of its own beside the log (`audit.lock.<nonce>`, born whole, naming its owner) and then
 * looks who else stands there: whoever sees no other living one holds the log, everybody else takes his file away and
 * tries again after a random while. Of two that overlap, the later one's look comes after the earlier one's file, so
 * two can never hold it. No file is ever taken over, so the races of taking over do not exist: a dead owner's file
 * is nobody's, and whoever holds the log next clears it away.
 */
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { isOwner, type Owner, type Ownership } from "../journal/owner.ts";
import { ioProblem, systemCode } from "../journal/problem.ts";
import type { Audited, AuditFiles } from "./file.ts";

const lockForm = /^audit\.(lock|draft)\.([0-9a-zA-Z]+)$/;

/** How the log is waited for. */
export interface LockOptions {
  readonly files: AuditFiles;
  readonly ownership: Ownership;
  /** Milliseconds after which a log that others hold is given up. */
  readonly patienceMs: number;
}

/** Calls `work` while no other process does so for this folder. `work` rejects with the system's error or not at all. */
export async function withAuditLock<T>(
  folder: string,
  options: LockOptions,
  work: () => Promise<Audited<T>>,
): Promise<Audited<T>> {
  const { files, ownership, patienceMs } = options;
  const until = performance.now() + patienceMs;
  const owner = await ownership.claim();
  const own = join(folder, `audit.lock.${owner.nonce}`);
  try {
    for (let tries = 0; ; tries++) {
      const holder = (await others(folder, owner, options)).living ?? (await enter(folder, own, owner, options));
      if (holder === null) break;
      if (performance.now() > until) return locked(folder, holder);
      await new Promise((resolve) => setTimeout(resolve, 1 + randomInt(4 << Math.min(tries, 4))));
    }
    try {
      return await work();
    } finally {
      await gone(files, own);
    }
  } catch (error) {
    const problem = ioProblem(error, "lock the audit log", folder);
    return { ok: false, problem: { code: "audit.io", message: problem.message, file: folder } };
  } finally {
    ownership.release(owner);
  }
}

/** Puts our file there and looks again; null when the log is ours, else who holds it or wants it too. */
async function enter(folder: string, own: string, owner: Owner, options: LockOptions): Promise<Owner | null> {
  const { files } = options;
  const draft = join(folder, `audit.draft.${owner.nonce}`);
  const file = await files.create(draft);
  try {
    await file.append(Buffer.from(JSON.stringify(owner), "utf8"));
  } finally {
    await file.close();
  }
  await files.rename(draft, own);
  const { living, dead } = await others(folder, owner, options);
  if (living !== null) {
    await gone(files, own);
    return living;
  }
  for (const name of dead) await gone(files, join(folder, name));
  return null;
}

/** Who else stands there. What cannot be judged from here counts as living; a file without an owner as dead. */
async function others(
  folder: string,
  self: Owner,
  { files, ownership }: LockOptions,
): Promise<{ readonly living: Owner | null; readonly dead: readonly string[] }> {
  const dead: string[] = [];
  for (const name of await files.names(folder)) {
    const [, kind, nonce] = lockForm.exec(name) ?? [];
    if (nonce === undefined || nonce === self.nonce) continue;
    const owner = await ownerIn(files, join(folder, name));
    // A draft is nobody's claim yet; one without an owner is being written.
    if (owner === "gone" || (kind === "draft" && (owner === null || (await ownership.judge(owner)) !== "dead")))
      continue;
    if (owner === null || (await ownership.judge(owner)) === "dead") dead.push(name);
    else return { living: owner, dead };
  }
  return { living: null, dead };
}

/** The owner that a lock names; null when it names none (a loss of power), "gone" when it is not there any more. */
async function ownerIn(files: AuditFiles, path: string): Promise<Owner | null | "gone"> {
  try {
    const file = await files.openRead(path);
    try {
      const text = Buffer.from(await file.read(0, 4096)).toString("utf8");
      const data: unknown = JSON.parse(text);
      return isOwner(data) ? data : null;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if (systemCode(error) === "ENOENT") return "gone";
    throw error;
  }
}

async function gone(files: AuditFiles, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    // Somebody who held the log cleared it away.
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

function locked(folder: string, { pid, host, nonce }: Owner): Audited<never> {
  const message = `process ${pid} on host ${host} holds the audit log; when it is certain that it has ended, remove audit.lock.${nonce} and try again`;
  return { ok: false, problem: { code: "audit.locked", message, file: folder } };
}
