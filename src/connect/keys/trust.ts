/**
 * The user's trust store: one `signing_keys.json` of public keys that this user's programs believe.
 *
 * Invariant: changes are read, made and written under a lock, so that two commands at once cannot lose each other's
 * work, above all not a revocation.
 */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileRules, prepareFolder, readKeyFile, writeKeyFile, type FileRule } from "./files.ts";
import { refuse, systemCode, type KeyResult } from "./problem.ts";

/** Longest wait for another command, in milliseconds. */
const LOCK_WAIT_MS = 5000;
const LOCK_STEP_MS = 20;

/** How a file of public keys is turned into a set and back. Given by the composition root. */
export interface SetCodec<T> {
  readonly empty: T;
  /** Largest file, in bytes. */
  readonly most: number;
  parse(bytes: Uint8Array): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };
  serialize(set: T): string;
}

/** Reads a set; the empty one when there is no file. */
export async function readSet<T>(
  file: string,
  codec: SetCodec<T>,
  rule: FileRule = fileRules.trust,
): Promise<KeyResult<T>> {
  const bytes = await readKeyFile(file, rule, codec.most);
  if (!bytes.ok) return bytes;
  if (bytes.value === null) return { ok: true, value: codec.empty };
  const read = codec.parse(bytes.value);
  return read.ok ? { ok: true, value: read.value } : refuse("keys.file_format", `${file}: ${read.message}`, file);
}

/** Changes a set: what `change` makes of it is written as a whole. A problem that `change` gives leaves the file alone. */
export async function changeSet<T>(
  file: string,
  codec: SetCodec<T>,
  change: (set: T) => KeyResult<T>,
  waitMs: number = LOCK_WAIT_MS,
): Promise<KeyResult<T>> {
  const folder = await prepareFolder(path.dirname(file));
  if (!folder.ok) return folder;
  const lock = await takeLock(`${file}.lock`, waitMs);
  if (!lock.ok) return lock;
  try {
    const before = await readSet(file, codec);
    if (!before.ok) return before;
    const after = change(before.value);
    if (!after.ok) return after;
    const bytes = new TextEncoder().encode(codec.serialize(after.value));
    // What cannot be read back must not be written: it would take all trust away.
    const again =
      bytes.length > codec.most ? { ok: false as const, message: "it would be too large" } : codec.parse(bytes);
    if (!again.ok) return refuse("keys.write_failed", `${file} was left as it is: ${again.message}`, file);
    const written = await writeKeyFile(file, bytes, { mode: 0o644, create: false });
    return written.ok ? after : written;
  } finally {
    await lock.value();
  }
}

/** Holds a lock file that names this process; the result gives it back. A dead process's lock is taken over. */
async function takeLock(file: string, waitMs: number): Promise<KeyResult<() => Promise<void>>> {
  const until = Date.now() + waitMs;
  for (;;) {
    try {
      const handle = await open(file, "wx", 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return { ok: true, value: () => unlink(file).catch(() => undefined) };
    } catch (error) {
      const code = systemCode(error);
      if (code !== "EEXIST") return refuse("keys.write_failed", `${file} cannot be made (${code})`, file);
    }
    if (await abandoned(file)) {
      const aside = `${file}.${randomBytes(6).toString("hex")}`;
      await rename(file, aside).then(
        () => unlink(aside),
        // Another command was faster.
        () => undefined,
      );
      continue;
    }
    if (Date.now() > until) {
      return refuse("keys.busy", `another command holds ${file}; try again, or remove it if none runs`, file);
    }
    await pause(LOCK_STEP_MS);
  }
}

/** True when the process that holds a lock is certainly gone. */
async function abandoned(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8").catch(() => "");
  // Empty: just made, or its maker died in between; the wait ends in `keys.busy`.
  if (!/^[0-9]{1,10}$/.test(text)) return false;
  try {
    process.kill(Number(text), 0);
    return false;
  } catch (error) {
    return systemCode(error) === "ESRCH";
  }
}
