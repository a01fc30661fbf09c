/**
 * What the operator wants: flags, variables, the user's configuration and the workspace's, read once and merged
 * (spec/editor.md §7, spec/runtime.md §7: a workspace's file can only narrow).
 */
import { constants } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseConfigFile, type ConfigFile } from "../config/file.ts";
import {
  resolveLists,
  resolvePosture,
  resolveSeverities,
  resolveStateDir,
  type OperatorPosture,
} from "../config/merge.ts";
import type { Environment } from "../config/problem.ts";
import { readRunxEnvironment, type RunxEnvironment } from "../config/runx-environment.ts";
import { findWorkspaceConfig, userConfigPath, type ConfigProbe } from "../config/search.ts";
import { readSettings, resolvePrincipal, type Flags, type Settings } from "../config/settings.ts";
import { readStageEnvironment, type StageEnvironment } from "../config/stage-environment.ts";
import type { DefaultTransports } from "../connect/models/check.ts";
import type { GovernanceSettings } from "../governance/decider.ts";
import type { Diagnostic } from "../graph/diagnostic.ts";
import type { Dialect } from "../graph/model.ts";
import { environments, sideEffectPolicies } from "../graph/posture.ts";

/** Everything that is settled before a document is loaded. */
export interface Operator {
  readonly settings: Settings;
  readonly stages: StageEnvironment;
  readonly runx: RunxEnvironment;
  readonly user: ConfigFile | null;
  readonly workspace: ConfigFile | null;
  readonly principal: string;
  /** Where runs are kept (absolute); null keeps none. */
  readonly stateDir: string | null;
  /**
   * Posture and lists for a document of this dialect under this command. A run that goes on keeps the posture it
   * `started` in unless a flag or variable names another.
   */
  governance(command: string, dialect: Dialect, started?: StartedPosture): GovernanceSettings;
  /** Severities of diagnostics that the configuration changes. */
  readonly severities: ReturnType<typeof resolveSeverities>;
}

/** The posture that a run recorded when it started. */
export interface StartedPosture {
  readonly environment: string;
  readonly sideEffects?: string;
}

/** A start-up error: all of them are exit code 2. */
export interface OperatorProblem {
  readonly code: string;
  readonly message: string;
  /** The configuration file it stands in, if it stands in one. */
  readonly file?: string;
}

export type OperatorResult =
  | { readonly ok: true; readonly operator: Operator }
  | { readonly ok: false; readonly problems: readonly OperatorProblem[] };

const probe: ConfigProbe = {
  async read(file) {
    try {
      // Without O_NONBLOCK a pipe that came with a workspace would be waited for.
      const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        if ((await handle.stat()).isFIFO()) throw Object.assign(new Error("it is a pipe"), { code: "EINVAL" });
        return await handle.readFile("utf8");
      } finally {
        await handle.close();
      }
    } catch (problem) {
      const code = (problem as NodeJS.ErrnoException).code;
      if (code === "ENOENT" || code === "ENOTDIR") return null;
      throw problem;
    }
  },
  isRepositoryRoot: async (folder) =>
    stat(path.join(folder, ".git")).then(
      () => true,
      () => false,
    ),
};

/**
 * Reads everything. `folder` is the absolute folder of the document, from which `countersign.toml` is sought upwards, to
 * the `workspaceFolder` if there is one. `opened` gives the unsaved text of a file that an editor holds.
 */
export async function readOperator(given: {
  readonly flags: Flags;
  readonly env: Environment;
  readonly cwd: string;
  readonly folder: string;
  readonly workspaceFolder?: string | null;
  readonly opened?: (file: string) => string | null;
}): Promise<OperatorResult> {
  const settings = readSettings(given.flags, given.env);
  const stages = readStageEnvironment(given.env);
  const runx = readRunxEnvironment(given.env, given.cwd);
  const problems: OperatorProblem[] = [settings, stages, runx].flatMap((one) => (one.ok ? [] : [...one.problems]));
  const user = await readConfig("user", given, problems);
  const workspace = await readConfig("workspace", given, problems);
  if (!settings.ok || !stages.ok || !runx.ok || problems.length > 0) return { ok: false, problems };
  const own = settings.settings;
  const posture: OperatorPosture = {
    environment: own.environment ?? user?.environment ?? null,
    sideEffects: own.sideEffects ?? user?.sideEffects ?? null,
    replay: own.replay ?? user?.replay ?? null,
  };
  const stateDir = resolveStateDir(own.stateDir, workspace, user);
  return {
    ok: true,
    operator: {
      settings: own,
      stages: stages.settings,
      runx: runx.settings,
      user,
      workspace,
      principal: resolvePrincipal(own, user, osUser(), os.hostname()),
      stateDir:
        stateDir === null
          ? null
          : path.resolve(stateDir.from === null ? given.cwd : path.dirname(stateDir.from), stateDir.path),
      governance: (command, dialect, started) => ({
        posture: resolvePosture(
          started === undefined ? posture : resumedPosture(posture, own, started),
          workspace,
          command,
          dialect,
        ),
        lists: resolveLists([user, workspace]),
        stages: stages.settings.lists,
      }),
      severities: resolveSeverities([user, workspace]),
    },
  };
}

function resumedPosture(
  operator: OperatorPosture,
  own: Pick<Settings, "environment" | "sideEffects">,
  started: StartedPosture,
): OperatorPosture {
  const environment = environments.find((one) => one === started.environment) ?? null;
  const sideEffects = sideEffectPolicies.find((one) => one === started.sideEffects) ?? null;
  return {
    environment: own.environment ?? environment ?? operator.environment,
    // What was asked for in another environment says nothing of the one that is named now.
    sideEffects: own.sideEffects ?? (own.environment === null ? sideEffects : null) ?? operator.sideEffects,
    replay: operator.replay,
  };
}

async function readConfig(
  level: "user" | "workspace",
  given: Pick<Parameters<typeof readOperator>[0], "env" | "folder" | "workspaceFolder" | "opened">,
  problems: OperatorProblem[],
): Promise<ConfigFile | null> {
  const { workspaceFolder = null, opened } = given;
  const texts: ConfigProbe = { ...probe, read: async (file) => opened?.(file) ?? (await probe.read(file)) };
  const userPath = level === "user" ? userConfigPath(given.env) : null;
  try {
    const found =
      level === "workspace"
        ? await findWorkspaceConfig(given.folder, workspaceFolder, texts)
        : userPath === null
          ? null
          : await readUser(userPath, texts);
    if (found === null) return null;
    const parsed = parseConfigFile(found.text, found.path, level);
    if (parsed.ok) return parsed.config;
    for (const one of parsed.problems)
      problems.push({ code: one.code, message: `${placeText(one)}: ${one.message}`, file: found.path });
  } catch (problem) {
    problems.push({
      code: "config_file",
      message: `the ${level} configuration cannot be read: ${problem instanceof Error ? problem.message : String(problem)}`,
    });
  }
  return null;
}

async function readUser(file: string, texts: ConfigProbe): Promise<{ path: string; text: string } | null> {
  const text = await texts.read(file);
  return text === null ? null : { path: file, text };
}

function placeText(diagnostic: Diagnostic): string {
  return "start" in diagnostic.at
    ? `${diagnostic.file}:${diagnostic.at.start.line + 1}:${diagnostic.at.start.character + 1}`
    : diagnostic.file;
}

function osUser(): string {
  try {
    return os.userInfo().username;
  } catch {
    // A user id without an account, as in some containers.
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}

/** The model transports of the command line; the bearer token is read from its file or variable here. */
export async function readTransports(
  settings: Settings,
  env: Environment,
  cwd: string,
): Promise<DefaultTransports | OperatorProblem> {
  const { intelUnix, intelHttp, intelHttpBearer } = settings;
  if (intelHttpBearer === null) return { intelUnix, intelHttp, bearer: null };
  if ("variable" in intelHttpBearer)
    return { intelUnix, intelHttp, bearer: env[intelHttpBearer.variable]?.trim() ?? null };
  const file = path.resolve(cwd, intelHttpBearer.file);
  try {
    return { intelUnix, intelHttp, bearer: (await readFile(file, "utf8")).trim() };
  } catch (problem) {
    const why = (problem as NodeJS.ErrnoException).code ?? String(problem);
    return { code: "config_value", message: `--intel-http-bearer-file ${file}: cannot be read (${why})` };
  }
}
