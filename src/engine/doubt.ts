/**
 * Which effects may be repeated when nobody knows whether they happened (spec/runtime.md §4).
 */
import type { Effect } from "../effects/effect.ts";
import type { Node } from "../graph/model.ts";

/** True for reads, `create_dir`, a write of the same content, GET and HEAD, and anything with an idempotency key. */
export function isSafeToRepeat(effect: Effect, node: Node | undefined): boolean {
  if (node !== undefined && node.idempotencyKey !== null && effect.kind === "http.request") return true;
  switch (effect.kind) {
    case "fs.read":
    case "fs.write":
    case "fs.mkdir":
    case "env.read":
    case "mcp.resource":
    case "model.call":
      return true;
    case "http.request":
      return effect.method === "GET" || effect.method === "HEAD";
    case "shell.run":
    case "mcp.tool":
      return false;
  }
}
