/** What became of policies: for every list, what it allows now and did not, and the reverse (pure). */
import type { DocumentPolicy, Graph } from "../../graph/model.ts";

/**
 * - `widened`: allows more than before;
 * - `narrowed`: allows less;
 * - `changed`: both, or what no list can tell (policy code).
 */
export type PolicyVerdict = "widened" | "narrowed" | "changed";

/** One list of a policy that differs. */
export interface PolicyChange {
  /** e.g. `policy.http.urls`, or `policy` for the table as a whole. */
  readonly list: string;
  readonly verdict: PolicyVerdict;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

type Lists = ReadonlyMap<string, readonly string[]>;

/** The changes from `before` to `after`. A document without `[policy]` allows everything. */
export function policyChanges(before: Graph, after: Graph): readonly PolicyChange[] {
  const servers = listChanges(serverLists(before), serverLists(after));
  const [was, is] = [before.policy, after.policy];
  if (was === null && is === null) return servers;
  if (was === null || is === null) {
    const verdict = was === null ? "narrowed" : "widened";
    const lists = was === null ? listsOf(is) : listsOf(was);
    const named = [...lists].flatMap(([list, items]) => items.map((item) => `${list} ${item}`));
    const [added, removed] = was === null ? [named, []] : [[], named];
    return [{ list: "policy", verdict, added, removed }, ...servers];
  }
  return [...listChanges(listsOf(was), listsOf(is)), ...regoChange(was, is), ...servers];
}

function listChanges(before: Lists, after: Lists): PolicyChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((list) => {
    const [was, is] = [before.get(list) ?? [], after.get(list) ?? []];
    const added = is.filter((item) => !was.includes(item));
    const removed = was.filter((item) => !is.includes(item));
    if (added.length === 0 && removed.length === 0) return [];
    const verdict = removed.length === 0 ? "widened" : added.length === 0 ? "narrowed" : "changed";
    return [{ list, verdict, added, removed }];
  });
}

function listsOf(policy: DocumentPolicy | null): Lists {
  if (policy === null) return new Map();
  const { fs, env, http, shell, mcp } = policy;
  return new Map([
    ["policy.fs.read", fs.read],
    ["policy.fs.write", fs.write],
    ["policy.fs.delete", fs.delete],
    ["policy.fs.list", fs.list],
    ["policy.env.read_keys", env.readKeys],
    ["policy.http.urls", http.urls],
    ["policy.http.methods", http.methods],
    ["policy.shell.commands", shell.commands],
    ["policy.mcp.servers", mcp.servers],
    ["policy.mcp.tools", mcp.tools],
    ["policy.mcp.resources", mcp.resources],
  ]);
}

/** What each declared MCP server may be asked for. */
function serverLists(graph: Graph): Lists {
  return new Map(
    graph.mcpServers.flatMap(({ name, allowTools, allowResources }) => [
      [`mcp_servers.${name}.allow_tools`, allowTools] as const,
      [`mcp_servers.${name}.allow_resources`, allowResources] as const,
    ]),
  );
}

/** Whether policy code allows more or less than other policy code is not for a comparison of texts to say. */
function regoChange(was: DocumentPolicy, is: DocumentPolicy): PolicyChange[] {
  const text = (policy: DocumentPolicy): string =>
    JSON.stringify(policy.rego, (_key, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
  if (text(was) === text(is)) return [];
  if (was.rego === null) return [{ list: "policy.rego", verdict: "narrowed", added: ["policy code"], removed: [] }];
  if (is.rego === null) return [{ list: "policy.rego", verdict: "widened", added: [], removed: ["policy code"] }];
  return [{ list: "policy.rego", verdict: "changed", added: ["policy code"], removed: ["policy code"] }];
}
