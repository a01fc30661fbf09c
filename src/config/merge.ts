/**
 * Levels of configuration put together (spec/pipeline.md §4, spec/runtime.md §7): the operator decides, a workspace
 * may only narrow.
 *
 * Invariants: whatever a workspace file says, the posture is at least as strict as without it, and what the lists
 * allow with it they allow without it.
 */
import type { Diagnostic } from "../graph/diagnostic.ts";
import type { Dialect } from "../graph/model.ts";
import {
  defaultSideEffects,
  environments,
  replayPolicies,
  sideEffectPolicies,
  stricter,
  type AllowLists,
  type EnvironmentName,
  type Posture,
  type ReplayPolicy,
  type SideEffectPolicy,
} from "../graph/posture.ts";
import type { ConfigFile, SeveritySetting } from "./file.ts";

/** What the operator has set; null leaves the default. Flags win over variables, these over the user's file. */
export interface OperatorPosture {
  readonly environment: EnvironmentName | null;
  readonly sideEffects: SideEffectPolicy | null;
  readonly replay: ReplayPolicy | null;
}

/** The environment when nobody has named one: prod for `serve` and for `run` of a pipeline, else dev. */
export function defaultEnvironment(command: string, dialect: Dialect): EnvironmentName {
  return command === "serve" || (command === "run" && dialect === "pipeline") ? "prod" : "dev";
}

/** The posture in force. Defaults: side effects by environment, replays `dry_run_only`. */
export function resolvePosture(
  operator: OperatorPosture,
  workspace: ConfigFile | null,
  command: string,
  dialect: Dialect,
): Posture {
  const named = operator.environment ?? defaultEnvironment(command, dialect);
  const environment = stricter(environments, named, workspace?.environment ?? named);
  const base = operator.sideEffects ?? defaultSideEffects(named);
  // A workspace that raises the environment raises what that environment asks for as well.
  const raised = environment === named ? base : stricter(sideEffectPolicies, base, defaultSideEffects(environment));
  const replay = operator.replay ?? "dry_run_only";
  return {
    environment,
    sideEffects: stricter(sideEffectPolicies, raised, workspace?.sideEffects ?? raised),
    replay: stricter(replayPolicies, replay, workspace?.replay ?? replay),
  };
}

/** The allow lists of all files that there are, the user's first. All must allow, so each further one narrows. */
export function resolveLists(files: readonly (ConfigFile | null)[]): readonly AllowLists[] {
  return files.flatMap((file) => {
    if (file === null) return [];
    const { from: _from, ...lists } = file.allow;
    return Object.values(lists).some((list) => list !== null) ? [file.allow] : [];
  });
}

/** Severities of all files; the workspace's own word wins over the user's. */
export function resolveSeverities(files: readonly (ConfigFile | null)[]): Readonly<Record<string, SeveritySetting>> {
  return Object.assign({}, ...files.map((file) => file?.severities ?? {})) as Record<string, SeveritySetting>;
}

/** Diagnostics as they are to be shown. Errors stay errors: the engine refuses them whatever a file says. */
export function applySeverities(
  diagnostics: readonly Diagnostic[],
  severities: Readonly<Record<string, SeveritySetting>>,
): Diagnostic[] {
  if (Object.keys(severities).length === 0) return [...diagnostics];
  return diagnostics.flatMap((diagnostic) => {
    const wanted = Object.hasOwn(severities, diagnostic.code) ? severities[diagnostic.code] : undefined;
    if (wanted === undefined || diagnostic.severity === "error") return [diagnostic];
    return wanted === "off" ? [] : [{ ...diagnostic, severity: wanted }];
  });
}

/** Where runs are kept: a folder, and the configuration file whose folder it is relative to (null: the working directory). */
export interface StateDir {
  readonly path: string;
  readonly from: string | null;
}

/** Flag or variable first, then the document's workspace, then the user (spec/editor.md §7); null when nobody says. */
export function resolveStateDir(
  given: string | null,
  workspace: ConfigFile | null,
  user: ConfigFile | null,
): StateDir | null {
  if (given !== null) return { path: given, from: null };
  for (const file of [workspace, user]) {
    if (file !== null && file.stateDir !== null) return { path: file.stateDir, from: file.file };
  }
  return null;
}
