/**
 * Posture: how strict an operator is with effects (spec/pipeline.md §4). Data only: `src/config` reads it,
 * `src/governance` decides by it.
 */

/** The environments, weakest first. An unknown name is a usage error. */
export const environments = ["dev", "staging", "prod"] as const;
export type EnvironmentName = (typeof environments)[number];

/** What happens to mutating effects, weakest first (rows 4, 7 and 8). */
export const sideEffectPolicies = ["allow_all", "require_approval", "deny_all"] as const;
export type SideEffectPolicy = (typeof sideEffectPolicies)[number];

/** What a replay does with mutating effects, weakest first (rows 5 and 6). */
export const replayPolicies = ["execute", "dry_run_only", "disabled"] as const;
export type ReplayPolicy = (typeof replayPolicies)[number];

/** An operator's posture in force. */
export interface Posture {
  readonly environment: EnvironmentName;
  readonly sideEffects: SideEffectPolicy;
  readonly replay: ReplayPolicy;
}

/** The side-effect policy that an environment has by default (spec/pipeline.md §4). */
export function defaultSideEffects(environment: EnvironmentName): SideEffectPolicy {
  return environment === "dev" ? "allow_all" : "require_approval";
}

/** The stricter of two values of one scale. */
export function stricter<T extends string>(scale: readonly T[], a: T, b: T): T {
  return scale.indexOf(a) >= scale.indexOf(b) ? a : b;
}

/**
 * One level's allow lists over all effects (row 1). A list that is null says nothing; an empty one allows nothing.
 * Several levels are asked one after the other and all must allow, so a further level can only narrow.
 */
export interface AllowLists {
  /** Where the lists stand, as messages name it: a file's path. */
  readonly from: string;
  readonly fsRead: readonly string[] | null;
  readonly fsWrite: readonly string[] | null;
  readonly envKeys: readonly string[] | null;
  readonly httpUrls: readonly string[] | null;
  readonly httpMethods: readonly string[] | null;
  readonly shellCommands: readonly string[] | null;
  readonly mcpTools: readonly string[] | null;
  readonly mcpResources: readonly string[] | null;
  readonly modelBackends: readonly string[] | null;
}

/**
 * The environment's lists for stages (spec/pipeline.md §2).
 * `httpPost` null: any http(s) URL; empty: none. `exec` empty: no program at all.
 */
export interface StageLists {
  readonly httpPost: readonly string[] | null;
  readonly exec: readonly string[];
}

/** Who may approve, how many must, and for how long a request stays open (spec/runtime.md §7). */
export interface ApprovalRules {
  /** How many principals must approve, from 1. */
  readonly needed: number;
  /** The one who started the run does not count. */
  readonly notRequester: boolean;
  /** Milliseconds; null: a request never expires. */
  readonly expiresMs: number | null;
  /** Principals that may approve; null: everybody whose key is trusted for approvals. */
  readonly approvers: readonly string[] | null;
}

/** What holds when nothing is set. */
export const defaultApprovalRules: ApprovalRules = {
  needed: 1,
  notRequester: false,
  expiresMs: null,
  approvers: null,
};
