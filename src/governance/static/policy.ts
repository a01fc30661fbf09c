/**
 * Document policies (spec/workflow.md §7, Decisions D2, D3, D13; spec/runtime.md §2): may this effect happen as far as
 * the documents are concerned? Row 2 of the decision table.
 *
 * Boundary: pure; real paths and addresses are found by preparation. Invariants: every scope is asked, outermost
 * first, and any denial denies, so a further scope can only narrow; what a rule cannot find out it denies.
 */
import type { DocumentPolicy } from "../../graph/model.ts";
import type { PolicyScope } from "../../effects/decision.ts";
import { matchesAnyName, matchesAnyResource } from "./name-pattern.ts";
import { matchesAnyPath, type RealPath } from "./path-pattern.ts";
import { denialText, serverIdentity, urlOf, type Question } from "./question.ts";
import { canonicalAddress, matchesAnyUrl, matchesUrl, urlPatterns, type UrlParts } from "./url-pattern.ts";

/** Why documents forbid an effect. `policy_error`: a policy could not be evaluated, which denies. */
export interface PolicyDenial {
  readonly code: "policy" | "policy_error";
  readonly reason: string;
}

/** What the rules need besides the question. */
export interface PolicyWorld {
  readonly real: RealPath;
  /** The effect is a tool call of an agent loop: messages take its form. */
  readonly inLoop: boolean;
}

const noDocument: PolicyScope = { file: "", policy: null, mcpServers: [] };

/** The denial of the outermost scope that denies, or null when all allow. */
export function policyDenial(
  question: Question,
  scopes: readonly PolicyScope[],
  world: PolicyWorld,
): PolicyDenial | null {
  // Somebody always asks: without any document there is still the rule about metadata addresses.
  for (const scope of scopes.length > 0 ? scopes : [noDocument]) {
    const denial = scopeDenial(question, scope, world);
    if (denial !== null) return denial;
  }
  return null;
}

function scopeDenial(question: Question, scope: PolicyScope, world: PolicyWorld): PolicyDenial | null {
  if (question.family === "mcp.tool" || question.family === "mcp.resource") return mcpDenial(question, scope, world);
  const deny = (reason: string | null): PolicyDenial | null =>
    reason === null ? null : { code: "policy", reason: denialText(question, reason, world.inLoop) };
  if (question.family === "http.request") {
    const url = urlOf(question);
    const reason = scope.policy === null ? null : urlReason(question, url, scope.policy);
    return deny(reason ?? addressReason(question, url, scope.policy));
  }
  if (scope.policy === null) return null;
  switch (question.family) {
    case "fs.read":
    case "fs.write": {
      const list = question.family === "fs.read" ? scope.policy.fs.read : scope.policy.fs.write;
      return deny(fileReason(question, list, world.real));
    }
    case "env.read":
      return deny(envReason(question.key, scope.policy));
    case "shell.run":
      return deny(shellReason(question, scope.policy, world.real));
    case "model.call":
      // No table of `[policy]` speaks of models; only policy code and the operator do.
      return null;
  }
}

function fileReason(
  question: Extract<Question, { family: "fs.read" | "fs.write" }>,
  list: readonly string[],
  real: RealPath,
): string | null {
  const name = question.family === "fs.read" ? "fs_read" : "fs_write";
  if (list.length === 0) return `${name} denied: no \`${name}\` allowlist patterns are configured`;
  if (question.real !== null && matchesAnyPath(list, question.real, real)) return null;
  return `${name} on \`${question.path}\` not covered by any allowlist pattern`;
}

function envReason(key: string, policy: DocumentPolicy): string | null {
  const keys = policy.env.readKeys;
  if (matchesAnyName(keys, key)) return null;
  return `env var \`${key}\` is not in the allowlist (${keys.length} configured)`;
}

function urlReason(
  question: Extract<Question, { family: "http.request" }>,
  url: UrlParts | null,
  policy: DocumentPolicy,
): string | null {
  const { urls, methods } = policy.http;
  const method = question.method;
  // The method comes first, and an absent list of URLs before both (spec/workflow.md §7.2, §7.4).
  if (urls.length === 0) return "http_request denied: no `http.urls` allowlist configured";
  if (methods.length > 0 && !methods.some((one) => one === "*" || one.toUpperCase() === method)) {
    return `http_request method \`${method}\` not in allowlist`;
  }
  if (url !== null && matchesAnyUrl(urls, url)) return null;
  return `http_request URL \`${question.shown}\` not covered by any allowlist pattern`;
}

/**
 * Addresses inside (spec/runtime.md §2): denied unless a pattern that covers the URL names exactly this host, or
 * exactly this address in the host's place. Without `[policy]` only metadata addresses are denied.
 */
function addressReason(
  question: Extract<Question, { family: "http.request" }>,
  url: UrlParts | null,
  policy: DocumentPolicy | null,
): string | null {
  const kind = question.addressClass;
  if (kind === null || kind === "public") return null;
  const where = `${url?.host ?? question.shown} leads to the ${kind.replace("_", "-")} address ${question.addresses.join(", ")}`;
  if (policy === null) {
    return kind === "metadata" ? `${where}, which only a \`[policy]\` that names exactly this host may allow` : null;
  }
  if (url !== null && namesExactly(policy.http.urls, url, question.addresses)) return null;
  return `${where}; only a pattern that names exactly this host or address allows that`;
}

function namesExactly(list: readonly string[], url: UrlParts, addresses: readonly string[]): boolean {
  const exact = urlPatterns(list).filter((pattern) => pattern.type === "parts" && !pattern.subdomains);
  const named = (host: string): boolean => exact.some((pattern) => matchesUrl(pattern, { ...url, host }));
  if (named(url.host)) return true;
  return (
    addresses.length > 0 &&
    addresses.every((address) => {
      const host = canonicalAddress(address);
      return host !== null && named(host);
    })
  );
}

function shellReason(
  question: Extract<Question, { family: "shell.run" }>,
  policy: DocumentPolicy,
  real: RealPath,
): string | null {
  const list = policy.shell.commands;
  if (list.length === 0) return "shell_run denied: no `shell.commands` allowlist configured";
  if (question.real !== null && matchesAnyPath(list, question.real, real)) {
    const hidden = question.inherited.find((name) => !matchesAnyName(policy.env.readKeys, name));
    return hidden === undefined ? null : `it is handed the variable: ${envReason(hidden, policy) ?? hidden}`;
  }
  return `shell_run command \`${question.real ?? question.program}\` not covered by any allowlist pattern`;
}

/**
 * MCP (spec/workflow.md §11): a scope that declares this very server asks the server's own lists, with or without
 * `[policy]`; any other scope that has a `[policy]` asks `[policy.mcp]`. A server of the same name but another
 * command is another server.
 */
function mcpDenial(
  question: Extract<Question, { family: "mcp.tool" | "mcp.resource" }>,
  scope: PolicyScope,
  world: PolicyWorld,
): PolicyDenial | null {
  const declared = scope.mcpServers.find(
    (server) =>
      server.name === question.server && (question.identity === null || serverIdentity(server) === question.identity),
  );
  const isTool = question.family === "mcp.tool";
  const list =
    declared !== undefined
      ? isTool
        ? declared.allowTools
        : declared.allowResources
      : isTool
        ? scope.policy?.mcp.tools
        : scope.policy?.mcp.resources;
  const covers = isTool ? matchesAnyName : matchesAnyResource;
  if (list === undefined || covers(list, question.name)) return null;
  const what = isTool ? "tool" : "resource";
  const server = question.server ?? "";
  const reason = world.inLoop
    ? `mcp ${what} \`${question.name}\` is not allowlisted on server \`${server}\``
    : `mcp ${what} \`${question.name}\` denied by allowlist on server \`${server}\``;
  return { code: "policy", reason };
}
