/**
 * Documents of a git revision, for `diff REV:path`: read with `git cat-file`, which runs no filters, hooks or pagers
 * of a repository. Nothing is checked out.
 */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { FileContent, FileSource } from "../../effects/seam.ts";
import { localFiles, MAX_DOCUMENT_BYTES } from "../files.ts";
import { refuse, type OpsResult } from "./problem.ts";

const execute = promisify(execFile);

/** A document that somebody names: a file, or a file of a revision. */
export interface NamedDocument {
  /** The file (as it is named, seen from the working directory). */
  readonly file: string;
  /** null for the file on disk. */
  readonly revision: string | null;
}

/** What `named` means: what is there as a file is one, else `REV:path`. */
export async function namedDocument(named: string, cwd: string): Promise<NamedDocument> {
  const split = /^([^:]{2,200}):(.+)$/s.exec(named);
  const [, revision, file] = split ?? [];
  if (revision === undefined || file === undefined) return { file: named, revision: null };
  const there = await stat(path.resolve(cwd, named)).then(
    () => true,
    () => false,
  );
  return there ? { file: named, revision: null } : { file, revision };
}

/** The files of a revision, as loading sees them. Refusal: `diff.revision`. */
export async function revisionFiles(revision: string, cwd: string): Promise<OpsResult<FileSource>> {
  // A word that begins with a dash would be an option of git's.
  if (revision.startsWith("-") || /\p{Cc}/u.test(revision))
    return refuse("diff.revision", `\`${revision}\` cannot be a revision`, 2);
  try {
    const top = (await git(["rev-parse", "--show-toplevel"], cwd)).toString("utf8").trimEnd();
    await git(["rev-parse", "--verify", "--quiet", `${revision}^{commit}`], cwd);
    const disk = localFiles(cwd);
    return {
      ok: true,
      value: { resolve: disk.resolve.bind(disk), read: (key) => readBlob(revision, top, key, cwd) },
    };
  } catch (problem) {
    const why = (problem as NodeJS.ErrnoException).code === "ENOENT" ? "git is not installed" : "git does not know it";
    return refuse("diff.revision", `the revision \`${revision}\` cannot be read: ${why}`, 2);
  }
}

async function readBlob(revision: string, top: string, key: string, cwd: string): Promise<FileContent> {
  const inside = path.relative(top, key).split(path.sep).join("/");
  if (inside.startsWith("../") || path.isAbsolute(inside))
    return { ok: false, reason: "missing", message: `${key}: is not in the repository` };
  try {
    return { ok: true, bytes: await git(["cat-file", "blob", `${revision}:${inside}`], cwd) };
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
      return { ok: false, reason: "too_large", message: `${key}: is larger than a document may be` };
    return { ok: false, reason: "missing", message: `${revision}:${inside}: there is no such file in that revision` };
  }
}

async function git(args: readonly string[], cwd: string): Promise<Buffer> {
  const { stdout } = await execute("git", ["--no-pager", ...args], {
    cwd,
    encoding: "buffer",
    maxBuffer: MAX_DOCUMENT_BYTES,
    timeout: 30_000,
  });
  return stdout;
}
