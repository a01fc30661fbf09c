/**
 * Operator lists (row 1 of spec/pipeline.md §4): the environment's lists govern stages, those of `countersign.toml`
 * all effects.
 *
 * Boundary: pure. Invariant: every level is asked and all must allow, so a further level can only narrow.
 */
import type { AllowLists, StageLists } from "../../graph/posture.ts";
import { stageProgramProblem, stageUrlProblem } from "../../graph/stage-key.ts";
import { matchesAnyName, matchesAnyResource } from "./name-pattern.ts";
import { matchesAnyPath, type RealPath } from "./path-pattern.ts";
import { urlOf, type Question } from "./question.ts";
import { matchesAnyUrl, matchesUrlPath, parseUrl } from "./url-pattern.ts";

/** Why an operator's lists forbid an effect, or null when they allow it. */
export function operatorReason(question: Question, levels: readonly AllowLists[], real: RealPath): string | null {
  for (const level of levels) {
    const list = missedList(question, level, real);
    if (list !== null) return `not on the list \`${list}\` of ${level.from}`;
  }
  return null;
}

/** The name of the list that leaves the effect out, as `countersign.toml` spells it; null when the level allows it. */
function missedList(question: Question, level: AllowLists, real: RealPath): string | null {
  const missing = (list: readonly string[] | null, covers: (list: readonly string[]) => boolean): boolean =>
    list !== null && !covers(list);
  const paths = (path: string | null) => (list: readonly string[]) => path !== null && matchesAnyPath(list, path, real);
  const names = (name: string) => (list: readonly string[]) => matchesAnyName(list, name);
  switch (question.family) {
    case "fs.read":
      return missing(level.fsRead, paths(question.real)) ? "allow.fs.read" : null;
    case "fs.write":
      return missing(level.fsWrite, paths(question.real)) ? "allow.fs.write" : null;
    case "env.read":
      return missing(level.envKeys, names(question.key)) ? "allow.env.read_keys" : null;
    case "http.request": {
      const url = urlOf(question);
      const covers = (list: readonly string[]) => url !== null && matchesAnyUrl(list, url);
      const method = (list: readonly string[]) =>
        list.some((one) => one === "*" || one.toUpperCase() === question.method);
      if (missing(level.httpMethods, method)) return "allow.http.methods";
      return missing(level.httpUrls, covers) ? "allow.http.urls" : null;
    }
    case "shell.run": {
      const passed = (list: readonly string[]) => question.inherited.every((name) => matchesAnyName(list, name));
      if (missing(level.shellCommands, paths(question.real))) return "allow.shell.commands";
      return missing(level.envKeys, passed) ? "allow.env.read_keys" : null;
    }
    case "mcp.tool":
      return missing(level.mcpTools, names(question.name)) ? "allow.mcp.tools" : null;
    case "mcp.resource":
      return missing(level.mcpResources, (list) => matchesAnyResource(list, question.name))
        ? "allow.mcp.resources"
        : null;
    case "model.call":
      return missing(level.modelBackends, names(question.backend)) ? "allow.models.backends" : null;
  }
}

/**
 * Why a stage may not do this (spec/pipeline.md §2): a malformed key, or a target that the environment's lists leave
 * out. `args` are the program's arguments. Null when it may.
 */
export function stageReason(question: Question, args: readonly string[], lists: StageLists): string | null {
  if (question.family === "http.request") {
    const malformed = stageUrlProblem(question.shown);
    if (malformed !== null) return malformed.message;
    if (lists.httpPost === null) return null;
    const covered = lists.httpPost.some((entry) => coversUrl(entry, question.url));
    return covered ? null : "the URL is not on COUNTERSIGN_HTTP_POST_ALLOWLIST";
  }
  if (question.family === "shell.run") {
    const malformed = stageProgramProblem(question.program, args);
    if (malformed !== null) return malformed;
    if (lists.exec.length === 0) return "`exec` stages are disabled: COUNTERSIGN_EXEC_ALLOWLIST names no program";
    return lists.exec.includes(question.program) ? null : "the program is not on COUNTERSIGN_EXEC_ALLOWLIST";
  }
  return `a stage cannot cause the effect ${question.family}`;
}

/** Same scheme, host and port, and the entry's path as a prefix that ends on a segment border. */
function coversUrl(entry: string, target: string): boolean {
  const listed = parseUrl(entry);
  const url = parseUrl(target);
  if (listed === null || url === null || url.userInfo) return false;
  if (listed.scheme !== url.scheme || listed.host !== url.host || listed.port !== url.port) return false;
  return matchesUrlPath("tree", listed.path.replace(/\/+$/, ""), url);
}
