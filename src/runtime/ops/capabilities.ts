/**
 * What this build can do, and what a document needs (spec/pipeline.md §1, §5): the capabilities of its effects, as a
 * credential that approves all of them would have to name them.
 */
import path from "node:path";
import { resolveRealPath, TooManyLinks } from "../../connect/world/paths.ts";
import type { Bundle } from "../../dialects/bundle.ts";
import { capabilityFamilies, REPLAY_EXECUTE } from "../../governance/credentials/capability.ts";
import { View } from "../../graph/checks/check.ts";
import { definitions, kindTable } from "../../kinds/definitions.generated.ts";
import type { CheckOperator } from "../check.ts";
import { describe, specHashOf, type DescribedEffect } from "../describe.ts";
import { VERSION } from "../version.ts";

/** Most capabilities of one credential (spec/pipeline.md §5). */
export const MAX_CAPABILITIES = 64;

/** A kind of node in this build. */
export interface KindCapability {
  readonly kind: string;
  readonly dialects: readonly string[];
  /** The strongest class of effect that it can cause; null for none. */
  readonly effect: string | null;
  readonly summary: string;
}

/** What this build can do. */
export interface BuildCapabilities {
  readonly v: 1;
  readonly version: string;
  readonly dialects: readonly {
    readonly dialect: string;
    readonly documents: readonly string[];
    readonly profile: string;
  }[];
  readonly kinds: readonly KindCapability[];
  /** What a credential's capability may begin with. */
  readonly capability_families: readonly string[];
  readonly journal: readonly string[];
  readonly platform: { readonly os: string; readonly arch: string; readonly node: string };
}

/** The capabilities of this build. */
export function buildCapabilities(): BuildCapabilities {
  return {
    v: 1,
    version: VERSION,
    dialects: [
      { dialect: "workflow", documents: ["*.toml"], profile: "agentd" },
      { dialect: "skill", documents: ["graph.yaml", "X.yaml", "SKILL.md"], profile: "runx" },
      { dialect: "pipeline", documents: ["spec.kv"], profile: "spec.kv v1, single_ring" },
    ],
    kinds: definitions
      .map(({ kind, dialects, effect, summary }) => ({ kind, dialects: [...dialects], effect, summary }))
      .sort((a, b) => (a.kind < b.kind ? -1 : 1)),
    capability_families: [...capabilityFamilies, REPLAY_EXECUTE],
    journal: ["1"],
    platform: { os: process.platform, arch: process.arch, node: process.versions.node },
  };
}

/** What one effect needs of a credential. */
export interface NeededCapability {
  readonly capability: string;
  /** Nodes that need it, `document: node` for children's. */
  readonly needed_by: readonly string[];
  /** The exact target is only known at run time, so this is the whole family. */
  readonly whole_family: boolean;
}

/** What a document needs. */
export interface DocumentCapabilities {
  readonly name: string;
  readonly dialect: string;
  /** What a credential must have as `spec_hash`. */
  readonly spec_hash: string;
  readonly environment: string;
  readonly side_effects: string;
  /** Sorted, unique: for the credential's `capabilities` as they stand. */
  readonly capabilities: readonly string[];
  readonly needed: readonly NeededCapability[];
  /** Effects that no approval can allow, and why. */
  readonly denied: readonly {
    readonly node: string;
    readonly effect: string;
    readonly code: string | null;
    readonly reason: string;
  }[];
  /** Steps that are questions of their own, and steps that this build cannot run. */
  readonly asks: readonly string[];
  readonly unavailable: readonly { readonly node: string; readonly what: string }[];
  readonly notes: readonly string[];
}

/** The capabilities of a document's effects under the operator's rules. */
export async function documentCapabilities(
  bundle: Bundle,
  operator: CheckOperator,
  cwd: string,
): Promise<DocumentCapabilities> {
  const about = await describe(bundle, operator, cwd);
  const root = bundle.entries.get(bundle.root)?.graph ?? null;
  const needed = new Map<string, { by: Set<string>; whole: boolean }>();
  const denied = about.effects.filter(({ decision }) => decision === "Deny");
  for (const effect of about.effects) {
    if (!asksForApproval(effect)) continue;
    const { capability, whole } = await capabilityOfEffect(effect, bundle, cwd);
    const one = needed.get(capability) ?? { by: new Set<string>(), whole };
    needed.set(capability, one);
    one.by.add(ownerOf(effect));
  }
  const capabilities = [...needed.keys()].sort();
  const notes = [
    ...(capabilities.length > MAX_CAPABILITIES
      ? [
          `${capabilities.length} capabilities are more than one credential may hold (${MAX_CAPABILITIES}); name families, or approve step by step`,
        ]
      : []),
    ...([...needed.values()].some(({ whole }) => whole)
      ? ["a family allows every target of its kind; approving such a step when it pauses is narrower"]
      : []),
    ...(about.cutShort ? ["so many documents are reached that not all were looked into"] : []),
  ];
  return {
    name: about.name,
    dialect: about.dialect,
    spec_hash: (root === null ? null : specHashOf(bundle, root)) ?? bundle.digest,
    environment: about.environment,
    side_effects: about.sideEffects,
    capabilities,
    needed: capabilities.map((capability) => {
      const { by, whole } = needed.get(capability) ?? { by: new Set<string>(), whole: false };
      return { capability, needed_by: [...by], whole_family: whole };
    }),
    denied: denied.map((effect) => ({
      node: ownerOf(effect),
      effect: `${effect.family}${effect.target === null ? "" : `:${effect.target}`}`,
      code: effect.code,
      reason: effect.reason,
    })),
    asks: askingNodes(bundle),
    unavailable: about.unavailable.map(({ document, node, what }) => ({
      node: document === null ? node : `${document}: ${node}`,
      what,
    })),
    notes,
  };
}

/** True for an effect that stops for an approval, or may, once its target is known. */
function asksForApproval({ decision, otherwise }: DescribedEffect): boolean {
  return decision === "RequireApproval" || (decision === "Depends" && otherwise?.decision === "RequireApproval");
}

function ownerOf({ document, node }: DescribedEffect): string {
  return document === null ? node : `${document}: ${node}`;
}

/** How a credential names the effect; its family where the target is open. */
async function capabilityOfEffect(
  effect: DescribedEffect,
  bundle: Bundle,
  cwd: string,
): Promise<{ readonly capability: string; readonly whole: boolean }> {
  const stage = stageKeyOf(effect, bundle, cwd);
  if (stage !== null) return { capability: stage, whole: false };
  const { family, target, method } = effect;
  if (target === null) return { capability: family, whole: true };
  switch (family) {
    case "http.request":
      return method === null
        ? { capability: family, whole: true }
        : {
            capability: `http.request:${method} ${URL.canParse(target) ? new URL(target).href : target}`,
            whole: false,
          };
    case "fs.read":
    case "fs.write":
      return { capability: `${family}:${await realPath(target, cwd)}`, whole: false };
    case "shell.run":
      // Where PATH leads is only known when the time comes.
      return /[/\\]/.test(target)
        ? { capability: `shell.run:${await realPath(target, cwd)}`, whole: false }
        : { capability: family, whole: true };
    case "mcp.tool":
    case "mcp.resource":
      return { capability: family, whole: true };
    default:
      return { capability: `${family}:${target}`, whole: false };
  }
}

/** The key of the stage that has this effect; null for other nodes. */
function stageKeyOf({ document, node }: DescribedEffect, bundle: Bundle, cwd: string): string | null {
  for (const { key, graph } of bundle.entries.values()) {
    const here = document === null ? key === bundle.root : key === path.resolve(cwd, document);
    const found = here ? graph?.nodes.find((one) => one.id === node && one.kind === "stage") : undefined;
    const stage = found?.fields["key"];
    if (typeof stage === "string") return stage;
  }
  return null;
}

async function realPath(target: string, cwd: string): Promise<string> {
  try {
    return await resolveRealPath(target, cwd);
  } catch (problem) {
    if (!(problem instanceof TooManyLinks) && !target.includes("\0")) throw problem;
    return target;
  }
}

/** Nodes that ask a person by themselves, wherever they stand. */
function askingNodes(bundle: Bundle): string[] {
  return [...bundle.entries.values()].flatMap(({ key, graph }) => {
    if (graph === null) return [];
    const view = new View(graph, kindTable);
    const asking = graph.nodes.filter(({ kind, index }) => questions.has(kind) && view.flow.reachable(index));
    return asking.map(({ id }) =>
      key === bundle.root ? id : `${path.relative(path.dirname(bundle.root), key)}: ${id}`,
    );
  });
}

const questions: ReadonlySet<string> = new Set(["pause_for_approval", "approval"]);
