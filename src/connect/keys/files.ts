/**
 * Files that hold keys: read only when nobody else could have written them, replaced only as a whole.
 *
 * Invariants: a file is judged by its open descriptor, never by its name, so it cannot be exchanged between check and
 * use; a reader sees the old bytes or the new ones, never a part, also after a crash at any instant.
 * Windows has neither modes nor owners here: what the user's profile folder protects is protected, no more.
 */
import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { link, mkdir, open, rename, unlink, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { refuse, systemCode, type KeyResult } from "./problem.ts";

/** What must hold of a file before it is believed. */
export interface FileRule {
  /** The final name may be a symbolic link (mounted configuration is made of them). */
  readonly follow: boolean;
  /** Whom it may belong to; null: anybody. */
  readonly owner: "user" | "user or root" | null;
  /** Mode bits that may not be set. */
  readonly forbidden: number;
}

/** The rules, by what a file holds and who chose it. */
export const fileRules = {
  /** Private keys and passphrases: nobody else may even read them. */
  private: { follow: false, owner: "user", forbidden: 0o077 },
  /** The user's own trust: nobody else may write it. */
  trust: { follow: false, owner: "user or root", forbidden: 0o022 },
  /** Files that the user's configuration names. */
  named: { follow: true, owner: "user or root", forbidden: 0o022 },
  /** Files that came with a document or on the command line: what they say is judged by other means. */
  open: { follow: true, owner: null, forbidden: 0 },
} as const satisfies Readonly<Record<string, FileRule>>;

/** How the file system is asked; tests put a failing one here. */
export interface KeyFiles {
  readonly rename: (from: string, to: string) => Promise<void>;
}

const nodeFiles: KeyFiles = { rename };

/** The bytes of a file of at most `most` bytes; null when there is none. */
export async function readKeyFile(file: string, rule: FileRule, most: number): Promise<KeyResult<Uint8Array | null>> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a pipe of that name would keep us waiting.
    const noFollow = rule.follow ? 0 : optional(constants.O_NOFOLLOW);
    handle = await open(file, constants.O_RDONLY | noFollow | optional(constants.O_NONBLOCK));
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { ok: true, value: null };
    if (code === "ELOOP")
      return refuse("keys.file_kind", `${file} is a symbolic link; keys are read from plain files only`, file);
    return refuse("keys.unreadable", `${file} cannot be read (${code})`, file);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return refuse("keys.file_kind", `${file} is not a plain file`, file);
    const wrong = ruleProblem(file, rule, stat);
    if (wrong !== null) return wrong;
    if (stat.size > most) return refuse("keys.file_size", `${file} is larger than ${most} bytes`, file);
    // One byte more than allowed shows a file that grows while it is read.
    const bytes = Buffer.alloc(most + 1);
    let filled = 0;
    for (;;) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled === bytes.length) break;
    }
    if (filled > most) return refuse("keys.file_size", `${file} is larger than ${most} bytes`, file);
    return { ok: true, value: new Uint8Array(bytes.subarray(0, filled)) };
  } catch (error) {
    return refuse("keys.unreadable", `${file} cannot be read (${systemCode(error)})`, file);
  } finally {
    await handle.close();
  }
}

/** A flag of `open` that this system may not have. */
function optional(flag: number | undefined): number {
  return flag ?? 0;
}

function ruleProblem(file: string, rule: FileRule, stat: Stats): ReturnType<typeof refuse> | null {
  if (process.platform === "win32") return null;
  const owned = stat.uid === process.getuid?.() || (rule.owner === "user or root" && stat.uid === 0);
  if (rule.owner !== null && !owned) {
    return refuse("keys.file_owner", `${file} belongs to another user (uid ${stat.uid})`, file);
  }
  if ((stat.mode & rule.forbidden) === 0) return null;
  const mode = (stat.mode & 0o777).toString(8).padStart(4, "0");
  const [what, wanted] = (rule.forbidden & 0o044) === 0 ? ["write", "go-w"] : ["read or write", "600"];
  return refuse("keys.file_mode", `${file} has mode ${mode}: others can ${what} it; chmod ${wanted} it`, file);
}

/** Makes the folder (mode 0700) and those above it, and makes sure that nobody else may write into it. */
export async function prepareFolder(folder: string): Promise<KeyResult<null>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(folder, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
    try {
      const stat = await handle.stat();
      if (process.platform === "win32") return { ok: true, value: null };
      if (stat.uid !== process.getuid?.()) {
        return refuse("keys.file_owner", `${folder} belongs to another user (uid ${stat.uid})`, folder);
      }
      if ((stat.mode & 0o022) !== 0) {
        return refuse("keys.file_mode", `others can write into ${folder}; chmod go-w it`, folder);
      }
      return { ok: true, value: null };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return refuse("keys.write_failed", `${folder} cannot be made (${systemCode(error)})`, folder);
  }
}

/**
 * Writes a file as a whole and durably: a draft beside it, fsync, a new name, fsync of the folder. `create` refuses
 * a name that is taken (`keys.exists`). A draft that a crash leaves behind is never read.
 */
export async function writeKeyFile(
  file: string,
  bytes: Uint8Array,
  how: { readonly mode: 0o600 | 0o644; readonly create: boolean },
  files: KeyFiles = nodeFiles,
): Promise<KeyResult<null>> {
  const folder = path.dirname(file);
  const ready = await prepareFolder(folder);
  if (!ready.ok) return ready;
  const draft = path.join(folder, `.${path.basename(file)}.${randomBytes(8).toString("hex")}.tmp`);
  try {
    const handle = await open(draft, "wx", how.mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (how.create) {
      // A link, other than a rename, never replaces.
      await link(draft, file);
      await unlink(draft);
    } else {
      await files.rename(draft, file);
    }
    await syncFolder(folder);
    return { ok: true, value: null };
  } catch (error) {
    await unlink(draft).catch(() => null);
    const code = systemCode(error);
    if (code === "EEXIST") return refuse("keys.exists", `${file} is there already`, file);
    return refuse("keys.write_failed", `${file} cannot be written (${code === "" ? "no system code" : code})`, file);
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; there names are durable with their file.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
