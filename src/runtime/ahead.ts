/**
 * Decisions ahead of time over real paths: what policy would say to the effects that documents fix, for `validate`,
 * `describe` and the run's own warning (spec/pipeline.md §4).
 *
 * Boundary: looks at the file system only to find real paths, once; starts nothing and resolves no host name.
 */
import { classifyAddress } from "../connect/world/address.ts";
import { resolveRealPath, TooManyLinks } from "../connect/world/paths.ts";
import type { GovernanceSettings } from "../governance/decider.ts";
import { decideLiteral, type DecideAhead } from "../governance/static/ahead.ts";
import { lexicalPath, namedPaths, type RealPath } from "../governance/static/path-pattern.ts";
import type { PolicyCodes } from "../governance/static/policy-code.ts";
import type { Graph, LiteralEffect, Node } from "../graph/model.ts";
import { kindTable } from "../kinds/definitions.generated.ts";

/** A decider for the literal effects of `graphs`. Without `codes` policy code that stands in a file is not asked yet. */
export async function decideAhead(
  graphs: readonly Graph[],
  governance: GovernanceSettings,
  cwd: string,
  codes?: PolicyCodes,
): Promise<DecideAhead> {
  const patterns = new Set(patternPaths(graphs, governance));
  const barePrograms = new Set(targetPaths(graphs).filter((target) => !/[/\\]/.test(target) && !patterns.has(target)));
  const found = await realPaths([...targetPaths(graphs), ...patterns], cwd);
  // A bare program name is looked up in PATH when the time comes; until then it has no path.
  const real: RealPath = (path) => (barePrograms.has(path) ? path : found(path));
  return (effect, nodeKind, scopes) =>
    decideLiteral(effect, scopes, {
      ...governance,
      nodeKind,
      dryRun: false,
      replay: false,
      chosenByModel: nodeKind === "agent_loop" && effect.family !== "model.call",
      real,
      addressClass: classifyAddress,
      ...(codes === undefined ? {} : { codes }),
    });
}

/** The effects of a node that its document fixes. */
export function literalEffects(node: Node): readonly LiteralEffect[] {
  return kindTable(node.kind)?.literalEffects(node) ?? [];
}

/** Paths and programs that documents name literally. */
function targetPaths(graphs: readonly Graph[]): string[] {
  const families = new Set<LiteralEffect["family"]>(["fs.read", "fs.write", "shell.run"]);
  return graphs.flatMap((graph) => [
    ...graph.nodes.flatMap((node) =>
      literalEffects(node).flatMap(({ family, target }) => (target !== null && families.has(family) ? [target] : [])),
    ),
    ...graph.mcpServers.flatMap((server) => server.command.slice(0, 1)),
    ...graph.secrets.flatMap((secret) => (secret.source === "command" ? secret.argv.slice(0, 1) : [])),
  ]);
}

/** The literal parts of path patterns. */
function patternPaths(graphs: readonly Graph[], governance: GovernanceSettings): string[] {
  return namedPaths([
    ...graphs.flatMap(({ policy }) =>
      policy === null ? [] : [...policy.fs.read, ...policy.fs.write, ...policy.shell.commands],
    ),
    ...governance.lists.flatMap((one) => [...(one.fsRead ?? []), ...(one.fsWrite ?? []), ...(one.shellCommands ?? [])]),
  ]);
}

async function realPaths(paths: readonly string[], cwd: string): Promise<RealPath> {
  const known = new Map<string, string>();
  for (const path of new Set(paths)) {
    try {
      known.set(path, await resolveRealPath(path, cwd));
    } catch (problem) {
      // Nothing can be opened there; a NUL byte or a ring of links fails again, with its reason, when the run gets there.
      if (!(problem instanceof TooManyLinks) && !path.includes("\0")) throw problem;
    }
  }
  return (path) => known.get(path) ?? lexicalPath(path, cwd);
}
