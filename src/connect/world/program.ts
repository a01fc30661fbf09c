/**
 * Which program an effect would start: its real path and the SHA-256 of its bytes (spec/workflow.md §8.5,
 * spec/runtime.md §2). The digest is taken in preparation and again right before the start.
 *
 * Residual risk: the file can change between the second look and the system's own open; and a script's
 * interpreter is not part of the digest.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { errorText } from "./errno.ts";
import { resolveRealPath } from "./paths.ts";
import { openChecked } from "./walk.ts";

/** A program that was found. */
export interface Program {
  readonly realPath: string;
  /** What the program sees as its own name. */
  readonly argv0: string;
  readonly sha256: string;
}

/** How a program is looked for. */
export interface ProgramQuery {
  /** Who asks, for messages. */
  readonly nodeKind: string;
  readonly program: string;
  readonly lookup: boolean;
  /** PATH of the child. */
  readonly path: string | undefined;
  /** Folder that relative names start from. */
  readonly cwd: string;
}

/** A found program, or the text of a problem. */
export type ProgramResult =
  { readonly ok: true; readonly program: Program } | { readonly ok: false; readonly problem: string };

/** Finds a program and digests it. */
export async function findProgram(query: ProgramQuery, digests: ProgramDigests): Promise<ProgramResult> {
  const { program } = query;
  if (!query.lookup && !isAbsolute(program)) {
    return { ok: false, problem: `${query.nodeKind} requires an absolute path; got \`${program}\`` };
  }
  let realPath: string;
  let found: string | null = null;
  try {
    found = query.lookup ? await search(query) : program;
    if (found === null) return { ok: false, problem: `resolve ${program}: No such file or directory (os error 2)` };
    realPath = await resolveRealPath(found, query.cwd);
    if (!(await stat(realPath)).isFile()) return { ok: false, problem: `spawn ${program}: ${DENIED}` };
  } catch (error) {
    return { ok: false, problem: `resolve ${program}: ${errorText(error)}` };
  }
  try {
    await access(realPath, constants.X_OK);
    const sha256 = await digests.of(realPath);
    // Looked-up programs see the name they were found by, as from any shell; the others their real path.
    return { ok: true, program: { realPath, argv0: query.lookup ? found : realPath, sha256 } };
  } catch (error) {
    return { ok: false, problem: `spawn ${program}: ${errorText(error)}` };
  }
}

const DENIED = "Permission denied (os error 13)";

async function search(query: ProgramQuery): Promise<string | null> {
  if (query.program.includes("/") || isAbsolute(query.program)) return resolve(query.cwd, query.program);
  if (query.program === "") return null;
  for (const folder of (query.path ?? "").split(delimiter)) {
    // An empty entry would mean the working folder; a planted program there must not be found by name.
    if (!isAbsolute(folder)) continue;
    const candidate = join(folder, query.program);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not there or not for us: the search goes on, as execvp's does.
    return false;
  }
}

interface Known {
  readonly key: string;
  readonly sha256: string;
}

/** Digests of programs by path, kept while device, inode, size and both times stay the same. */
export class ProgramDigests {
  private readonly known = new Map<string, Known>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** `sha256:<hex>` of the file at `realPath`. Rejects with system errors. */
  async of(realPath: string): Promise<string> {
    const handle = await openChecked(realPath, constants.O_RDONLY);
    try {
      const before = await handle.stat({ bigint: true });
      const key = [before.dev, before.ino, before.size, before.mtimeNs, before.ctimeNs].join(":");
      const known = this.known.get(realPath);
      if (known?.key === key) return known.sha256;
      const hash = createHash("sha256");
      const chunk = Buffer.allocUnsafe(1024 * 1024);
      for (;;) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
        if (bytesRead === 0) break;
        hash.update(chunk.subarray(0, bytesRead));
      }
      const sha256 = `sha256:${hash.digest("hex")}`;
      // Two changes within one tick of the file system's clock look alike: what is that young is not kept.
      const age = this.now() - Number(before.ctimeNs / 1_000_000n);
      if (age > SETTLED_MS) this.known.set(realPath, { key, sha256 });
      return sha256;
    } finally {
      await handle.close();
    }
  }
}

const SETTLED_MS = 2000;
