/**
 * Patterns over names: environment variables, MCP tools and resources, methods, backends (spec/workflow.md §7.2).
 */
import { mayClimb } from "./url-pattern.ts";

/** `*` is anything, a trailing `*` a prefix, everything else exact. So `docs://p/*` does not match `docs://p`. */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern === "*") return true;
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** True when some pattern matches. */
export function matchesAnyName(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesName(pattern, name));
}

/**
 * True when some pattern covers the URI of an MCP resource. Servers read these as paths, so a prefix never covers one
 * that may climb out of it (`docs://p/../secret` is not below `docs://p/*`).
 */
export function matchesAnyResource(patterns: readonly string[], uri: string): boolean {
  return patterns.some((pattern) => {
    if (!matchesName(pattern, uri)) return false;
    return pattern === "*" || pattern === uri || !mayClimb(uri);
  });
}
