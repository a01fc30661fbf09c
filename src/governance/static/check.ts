/**
 * Checks of a document's `[policy]` by itself: patterns that Decision D3 refuses and patterns that can never match.
 */
import type { Diagnostic, DocumentPath } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";
import type { AllowLists } from "../../graph/posture.ts";
import { checkCodeFile, checkInlineCode, type PolicyFile } from "./rego-code.ts";
import { parseUrlPattern } from "./url-pattern.ts";

/**
 * Findings about the patterns of `graph.policy`: `policy_url_wildcard` (error, Decision D3), `policy_url_never` and
 * `policy_pattern_wildcard` (warnings).
 */
export function checkPolicy(graph: Graph): Diagnostic[] {
  const { policy } = graph;
  if (policy === null) return [];
  const base = [...documentBase(graph), "policy"];
  const found: Diagnostic[] = [];
  const report = (severity: "error" | "warning", code: string, message: string, path: DocumentPath): void => {
    found.push({ code, severity, message, file: graph.file, at: { path: [...base, ...path], part: "value" } });
  };
  policy.http.urls.forEach((text, i) => {
    const parsed = parseUrlPattern(text);
    if (parsed.ok) return;
    const wildcard = parsed.problem === "wildcard";
    const code = wildcard ? "policy_url_wildcard" : "policy_url_never";
    report(wildcard ? "error" : "warning", code, parsed.message, ["http", "urls", i]);
  });
  const lists: readonly (readonly [path: readonly string[], list: readonly string[]])[] = [
    [["fs", "read"], policy.fs.read],
    [["fs", "write"], policy.fs.write],
    [["shell", "commands"], policy.shell.commands],
    [["env", "read_keys"], policy.env.readKeys],
    [["mcp", "tools"], policy.mcp.tools],
    [["mcp", "resources"], policy.mcp.resources],
  ];
  for (const [path, list] of lists) {
    list.forEach((text, i) => {
      if (!/[*]/.test(text.replace(/\*{1,2}$/, ""))) return;
      const message = `\`${text}\`: \`*\` is a wildcard at the end of a pattern only; elsewhere it is the character itself`;
      report("warning", "policy_pattern_wildcard", message, [...path, i]);
    });
  }
  return [...found, ...checkInlineCode(graph, base)];
}

/** Findings about the file of policy code that the document names, as it was found. */
export function checkPolicyFile(graph: Graph, source: PolicyFile): Diagnostic[] {
  return checkCodeFile(graph, [...documentBase(graph), "policy"], source);
}

/** The path of the table that holds the document: the root, or a wrapped workflow. */
function documentBase(graph: Graph): DocumentPath {
  const at = graph.nodes[0]?.at ?? [];
  const nodes = at.lastIndexOf("nodes");
  return nodes < 0 ? [] : at.slice(0, nodes);
}

/**
 * Findings about an operator's lists (`countersign.toml`, `[allow.http]`): a URL pattern that can match nothing makes
 * the list narrower than its author believes, so each is an error.
 */
export function checkAllowLists(level: AllowLists): Diagnostic[] {
  return (level.httpUrls ?? []).flatMap((text, i) => {
    const parsed = parseUrlPattern(text);
    if (parsed.ok) return [];
    const code = parsed.problem === "wildcard" ? "policy_url_wildcard" : "policy_url_never";
    const at = { path: ["allow", "http", "urls", i], part: "value" as const };
    return [{ code, severity: "error" as const, message: parsed.message, file: level.from, at }];
  });
}
