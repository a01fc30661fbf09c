/**
 * Capabilities: what a credential allows, as exact texts (spec/pipeline.md §5).
 *
 * ```
 * capability = stage-key | effect | family | "replay.execute"
 * stage-key  = "identity" | "http_post:" URL | "exec:" PROGRAM *("|" ARG)      as the document spells it
 * effect     = kind ":" target
 *              http.request:POST https://api.example/orders?x=1                method, one blank, the URL as parsed
 *              shell.run:/usr/bin/git                                          the program's real path
 *              fs.write:/srv/out/report.json   fs.mkdir:/srv/out   fs.read:…   real paths
 *              env.read:NAME   model.call:BACKEND   mcp.tool:SERVER/TOOL   mcp.resource:SERVER/URI
 *              approval:FRAME/NODE                                             a request of an approval step
 * family     = "http_post" | "exec" | "approval" | any kind above              everything of that family
 * ```
 * A stage's effects are named by its key, so `http.request` does not cover an `http_post` stage and the reverse.
 *
 * Invariant: there are no wildcards. Texts are compared unit by unit; a `*` in a path or query stands for itself, and
 * where it could only be meant as a wildcard (a host, a whole target) the capability is malformed.
 */
import { effectClasses, type PreparedEffect } from "../../effects/effect.ts";
import { parseStageKey } from "../../graph/stage-key.ts";

/** Longest capability, in UTF-16 units. */
export const MAX_CAPABILITY = 8192;

/** What `replay --execute` needs (spec/pipeline.md §7). */
export const REPLAY_EXECUTE = "replay.execute";

/** Names that stand for everything of their kind. */
export const capabilityFamilies: readonly string[] = ["http_post", "exec", "approval", ...Object.keys(effectClasses)];

/** True when one of `capabilities` is `capability` itself or the family it belongs to. */
export function covers(capabilities: readonly string[], capability: string): boolean {
  const family = familyOf(capability);
  return capabilities.some((one) => one === capability || one === family);
}

/** The family of a capability: what stands before its first colon. */
export function familyOf(capability: string): string {
  const colon = capability.indexOf(":");
  return colon < 0 ? capability : capability.slice(0, colon);
}

/** The capability that an effect needs. `stageKey` is the key of the stage that asks for it; null for other nodes. */
export function capabilityOf(prepared: PreparedEffect, stageKey: string | null): string {
  const { effect, target } = prepared;
  if (stageKey !== null) return stageKey;
  switch (effect.kind) {
    case "http.request":
      return `http.request:${effect.method} ${target}`;
    case "mcp.tool":
      return `mcp.tool:${effect.server ?? "default"}/${effect.tool}`;
    case "mcp.resource":
      return `mcp.resource:${effect.server ?? "default"}/${effect.uri}`;
    default:
      return `${effect.kind}:${target}`;
  }
}

/** The capability that a request of an approval step needs. `place` is the frame and node, e.g. `release/gate`. */
export function approvalCapability(place: string): string {
  return `approval:${place}`;
}

/** Why a text is no capability; null when it is one. */
export function capabilityProblem(text: string): string | null {
  if (text === "" || text.length > MAX_CAPABILITY) return `a capability must have 1 to ${MAX_CAPABILITY} characters`;
  if (/\p{Cc}|\p{Cs}/u.test(text)) return "a capability may not hold control characters";
  if (text === REPLAY_EXECUTE || capabilityFamilies.includes(text)) return null;
  const family = familyOf(text);
  const target = text.slice(family.length + 1);
  if (/^[*?\s/]*$/.test(target) && text !== "identity") return noSuch;
  if (family === "http_post" || family === "exec" || text === "identity") {
    const read = parseStageKey(text);
    if (!read.ok) return read.problem.message;
    return family === "http_post" ? hostProblem(target) : null;
  }
  if (!capabilityFamilies.includes(family)) return noSuch;
  if (family !== "http.request") return null;
  const [, url] = /^[A-Z][A-Z0-9-]* (\S+)$/.exec(target) ?? [];
  return url !== undefined && URL.canParse(url)
    ? hostProblem(url)
    : "an `http.request` capability must name a method in upper case and an absolute URL, as in `http.request:POST https://api.example/`";
}

const noSuch =
  "it must be a stage key, an effect such as `shell.run:/usr/bin/git`, a family such as `http.request`, or `replay.execute`; there are no wildcards";

function hostProblem(url: string): string | null {
  return new URL(url).host.includes("*") ? "there are no wildcards: a host may not hold `*`" : null;
}
