/**
 * Paths as policy sees them (spec/workflow.md Decision D2): absolute, `..` removed, every symbolic link on the
 * longest existing prefix resolved. A link whose target is missing is resolved too, or a write through it would
 * leave the checked tree.
 */
import { lstat, readlink } from "node:fs/promises";
import { dirname, isAbsolute, join, parse, resolve, sep } from "node:path";
import { errorCode } from "./errno.ts";

const MAX_LINKS = 40;

/** Raised with the code ELOOP by {@link resolveRealPath}. */
export class TooManyLinks extends Error {
  readonly code = "ELOOP";
  readonly errno = -40;
  constructor() {
    super("too many levels of symbolic links");
    this.name = "TooManyLinks";
  }
}

/**
 * The path that `path` leads to from the folder `base`, with no link on it as far as it exists. What does not
 * exist or cannot be looked at is kept as written; opening it fails later. Throws {@link TooManyLinks}.
 */
export async function resolveRealPath(path: string, base: string): Promise<string> {
  const absolute = resolve(base, path);
  const root = parse(absolute).root;
  let todo = pieces(absolute.slice(root.length));
  let done = root;
  let links = 0;
  while (todo.length > 0) {
    const [name, ...rest] = todo as [string, ...string[]];
    todo = rest;
    if (name === ".") continue;
    if (name === "..") {
      // Only from a link's target; what stands before it is real by now, as the system would have it.
      done = dirname(done);
      continue;
    }
    const here = join(done, name);
    const target = await linkTarget(here);
    if (target === undefined) return join(here, ...rest);
    if (target === null) {
      done = here;
      continue;
    }
    if (++links > MAX_LINKS) throw new TooManyLinks();
    if (isAbsolute(target)) done = parse(resolve(target)).root;
    todo = [...pieces(isAbsolute(target) ? target.slice(parse(target).root.length) : target), ...rest];
  }
  return done;
}

function pieces(path: string): string[] {
  return path.split(sep).filter((piece) => piece !== "");
}

/** A link's target, null for what is no link, undefined for what cannot be looked at. */
async function linkTarget(path: string): Promise<string | null | undefined> {
  try {
    const entry = await lstat(path);
    return entry.isSymbolicLink() ? await readlink(path) : null;
  } catch (error) {
    if (errorCode(error) === undefined || errorCode(error) === "ERR_INVALID_ARG_VALUE") throw error;
    return undefined;
  }
}
