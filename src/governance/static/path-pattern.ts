/**
 * Patterns over paths (spec/workflow.md §7.2 with Decision D2): both sides are real paths before they are compared,
 * so neither `..` nor a symbolic link leads out of an allowed tree.
 *
 * Boundary: pure; the world is asked through a {@link RealPath} that the caller gives.
 */

import { perObject } from "../../graph/memo.ts";

/** The real path of a path: absolute, `..` removed, links resolved on the longest existing prefix. */
export type RealPath = (path: string) => string;

/** A pattern in its parts. `named` is the part that must be made real before anything is compared. */
export type PathPattern =
  | { readonly type: "any" }
  /** `named` itself and everything below it. */
  | { readonly type: "tree"; readonly named: string }
  /** Everything in the folder `named` whose further path begins with `start`. */
  | { readonly type: "prefix"; readonly named: string; readonly start: string }
  | { readonly type: "exact"; readonly named: string }
  | { readonly type: "none" };

/** Reads a pattern: `*`, `prefix/**` or `prefix/*`, `prefix*`, or a literal path. An empty one matches nothing. */
export function parsePathPattern(text: string): PathPattern {
  if (text === "*") return { type: "any" };
  if (text === "") return { type: "none" };
  const tree = /^(.*)\/\*{1,2}$/s.exec(text);
  if (tree !== null) return { type: "tree", named: tree[1] === "" ? "/" : (tree[1] as string) };
  if (!text.endsWith("*")) return { type: "exact", named: text };
  const open = text.slice(0, -1);
  const cut = open.lastIndexOf("/") + 1;
  const start = open.slice(cut);
  // `a/..*` would climb when joined; it can only be a mistake.
  if (start === "." || start === "..") return { type: "none" };
  return { type: "prefix", named: cut === 0 ? "." : open.slice(0, cut), start };
}

/** The paths that {@link matchesPath} will ask `real` about for these patterns. */
export function namedPaths(patterns: readonly string[]): string[] {
  return patterns.flatMap((text) => {
    const pattern = parsePathPattern(text);
    return "named" in pattern ? [pattern.named] : [];
  });
}

/** The patterns of a list. It is read once for as long as it lives. */
const pathPatterns = perObject((list: readonly string[]): readonly PathPattern[] => list.map(parsePathPattern));

/** True when the real path `candidate` is covered by `pattern`. */
export function matchesPath(pattern: string, candidate: string, real: RealPath): boolean {
  return covers(parsePathPattern(pattern), slashes(candidate), real);
}

function covers(parsed: PathPattern, path: string, real: RealPath): boolean {
  switch (parsed.type) {
    case "none":
      return false;
    case "any":
      return true;
    case "exact":
      return path === slashes(real(parsed.named));
    case "tree": {
      const root = slashes(real(parsed.named));
      return path === root || path.startsWith(below(root));
    }
    case "prefix":
      return path.startsWith(below(slashes(real(parsed.named))) + parsed.start);
  }
}

/** True when some pattern covers the real path. */
export function matchesAnyPath(patterns: readonly string[], candidate: string, real: RealPath): boolean {
  const path = slashes(candidate);
  return pathPatterns(patterns).some((pattern) => covers(pattern, path, real));
}

/** An absolute path from `path`, seen from the folder `base`: `.`, `..` and doubled slashes removed, links unknown. */
export function lexicalPath(path: string, base: string): string {
  const whole = /^(?:\/|[A-Za-z]:[\\/])/.test(path) ? path : `${base}/${path}`;
  const kept: string[] = [];
  for (const piece of slashes(whole).split("/")) {
    if (piece === "" || piece === ".") continue;
    if (piece === "..") kept.pop();
    else kept.push(piece);
  }
  const joined = kept.join("/");
  return /^[A-Za-z]:/.test(joined) ? joined : `/${joined}`;
}

function below(root: string): string {
  return root.endsWith("/") ? root : `${root}/`;
}

/** Windows paths with forward slashes; elsewhere a backslash is an ordinary character of a name. */
function slashes(path: string): string {
  return /^[A-Za-z]:[\\/]|^\\\\/.test(path) ? path.replaceAll("\\", "/") : path;
}
