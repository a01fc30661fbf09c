/** What the doctor asks of settings: variables, configuration files, the posture in force, keys. */
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { lookup } from "../../config/problem.ts";
import { readSettings } from "../../config/settings.ts";
import { readStageEnvironment } from "../../config/stage-environment.ts";
import { readRunxEnvironment } from "../../config/runx-environment.ts";
import { systemCode } from "../../connect/journal/problem.ts";
import { configFolderOf, keyPlacesIn, resolveApprovalKeys } from "../keys.ts";
import { readOperator, type Operator } from "../operator.ts";
import { causeOf, type DoctorCheck, type DoctorSettings } from "./doctor.ts";

/** The checks of settings. */
export async function* configurationChecks(settings: DoctorSettings): AsyncGenerator<DoctorCheck> {
  yield variables(settings);
  yield stageVariables(settings);
  const read = await readOperatorFor(settings);
  yield configurationFiles(read);
  if (!read.ok) {
    yield unknownPosture();
    return;
  }
  for (const command of ["run", "serve"] as const) yield posture(read.operator, settings, command);
  yield await privateKeys(settings);
  yield await trustStore(read.operator, settings);
}

/** The operator's settings as every command reads them. */
export function readOperatorFor({ cwd, env, stateDir, environment }: DoctorSettings): ReturnType<typeof readOperator> {
  const flags = {
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(environment === undefined ? {} : { environment }),
  };
  return readOperator({ flags, env, cwd, folder: cwd });
}

function variables({ env, cwd }: DoctorSettings): DoctorCheck {
  const problems = [readSettings({}, env), readRunxEnvironment(env, cwd)].flatMap((one) =>
    one.ok ? [] : one.problems,
  );
  return {
    id: "config.variables",
    title: "Environment variables",
    requested: "values that can be read",
    status: problems.length === 0 ? "applied" : "failed",
    detail: problems.length === 0 ? "all can be read" : problems.map(({ message }) => message).join("; "),
    remedy: problems.length === 0 ? null : "correct or unset them",
  };
}

function stageVariables({ env }: DoctorSettings): DoctorCheck {
  const base = { id: "config.stages", title: "Variables of pipeline stages", requested: "values that can be read" };
  const read = readStageEnvironment(env);
  if (!read.ok) {
    const detail = read.problems.map(({ message }) => message).join("; ");
    return { ...base, status: "failed", detail, remedy: "correct or unset them (docs/pipeline.md)" };
  }
  const { lists, timeoutMs, maxRetries, api } = read.settings;
  const urls = lists.httpPost === null ? "any URL" : `${lists.httpPost.length} listed URLs`;
  const programs = lists.exec.length === 0 ? "no program" : `${lists.exec.length} listed programs`;
  const plane = api === null ? "no control plane" : `control plane ${api.baseUrl}`;
  const detail = `http_post: ${urls}; exec: ${programs}; ${timeoutMs} ms, ${maxRetries} retries; ${plane}`;
  return { ...base, status: "applied", detail, remedy: null };
}

function configurationFiles(read: Awaited<ReturnType<typeof readOperator>>): DoctorCheck {
  const base = { id: "config.files", title: "Configuration files", requested: "valid files" };
  if (!read.ok) {
    const detail = read.problems.map(({ message }) => message).join("; ");
    return { ...base, status: "failed", detail, remedy: "every command refuses to start until this is corrected" };
  }
  const { user, workspace } = read.operator;
  const files = [user, workspace].flatMap((one) => (one === null ? [] : [one.file]));
  const detail = files.length === 0 ? "there are none; defaults hold" : files.join(", ");
  return { ...base, status: files.length === 0 ? "skipped" : "applied", detail, remedy: null };
}

function unknownPosture(): DoctorCheck {
  return {
    id: "posture",
    title: "Posture",
    requested: "settings that can be read",
    status: "failed",
    detail: "unknown while settings cannot be read",
    remedy: "correct what is said above",
  };
}

/** The posture in force, and who decided it. A posture that a person did not choose is named as a default. */
function posture(operator: Operator, settings: DoctorSettings, command: "run" | "serve"): DoctorCheck {
  const { posture: inForce } = operator.governance(command, "workflow");
  const named = operator.settings.environment ?? operator.user?.environment ?? null;
  const where =
    settings.environment !== undefined
      ? "--environment"
      : (lookup(settings.env, "COUNTERSIGN_ENVIRONMENT")?.name ??
        (operator.user !== null && operator.user.environment !== null ? operator.user.file : "the default"));
  const raised =
    (operator.workspace?.environment ?? null) !== null && inForce.environment !== (named ?? inForce.environment);
  const from = raised ? `raised by ${operator.workspace?.file ?? ""}` : `from ${where}`;
  const loose = inForce.sideEffects === "allow_all" && inForce.environment !== "dev";
  return {
    id: `posture.${command}`,
    title: command === "run" ? "Posture of `run` (pipelines without an environment: prod)" : "Posture of a server",
    requested: named ?? "not set",
    status: loose ? "degraded" : "applied",
    detail: `${inForce.environment} (${from}), side effects ${inForce.sideEffects}, replay ${inForce.replay}`,
    remedy: loose ? "side effects are allowed without approval in this environment; unset side_effects" : null,
  };
}

/** Private keys: folder and files that nobody else can read. */
async function privateKeys({ env }: DoctorSettings): Promise<DoctorCheck> {
  const base = { id: "keys.private", title: "Private keys", requested: "folder 0700, files 0600, your own" };
  const folder = configFolderOf(env);
  if (folder === null) return { ...base, status: "skipped", detail: "no home folder is set", remedy: null };
  const { own } = keyPlacesIn(folder);
  try {
    const names = (await readdir(own)).filter((name) => name.endsWith(".json"));
    const open: string[] = [];
    for (const place of ["", ...names]) {
      const info = await lstat(path.join(own, place));
      const mine = process.getuid === undefined || info.uid === process.getuid();
      const wide = process.platform !== "win32" && (info.mode & 0o077) !== 0;
      if (!mine || wide || info.isSymbolicLink()) open.push(place === "" ? own : place);
    }
    if (open.length > 0) {
      const detail = `others may read or own: ${open.join(", ")}`;
      return {
        ...base,
        status: "failed",
        detail,
        remedy: `chmod -R go= ${own}, and revoke keys that others have read`,
      };
    }
    return { ...base, status: "applied", detail: `${names.length} in ${own}`, remedy: null };
  } catch (problem) {
    if (systemCode(problem) === "ENOENT")
      return { ...base, status: "skipped", detail: "there are none; `countersign keys init` makes one", remedy: null };
    return {
      ...base,
      status: "failed",
      detail: `${own} cannot be read (${causeOf(problem)})`,
      remedy: "correct its owner and mode",
    };
  }
}

/** Trusted keys: readable, and what stands in the way of some of them. */
async function trustStore(operator: Operator, { env, cwd, now }: DoctorSettings): Promise<DoctorCheck> {
  const base = { id: "keys.trust", title: "Trusted keys", requested: "key sets that can be read" };
  const { posture: inForce } = operator.governance("run", "workflow");
  const resolved = await resolveApprovalKeys({
    env,
    cwd,
    keySetFlag: null,
    documentFolder: cwd,
    posture: inForce.environment,
    user: operator.user,
    api: null,
  });
  if (!resolved.ok)
    return {
      ...base,
      status: "failed",
      detail: resolved.problem.message,
      remedy: "nothing is approved until it is corrected",
    };
  const keys = [...resolved.value.keySet.keys.values()];
  const of = (status: string): number => keys.filter((key) => key.status === status).length;
  const early = keys.filter(({ notBefore }) => notBefore !== null && notBefore > now).length;
  const detail = `${of("active")} active, ${of("retired")} retired, ${of("revoked")} revoked, ${early} not valid yet; from ${resolved.value.sources.map(({ from }) => from).join(", ") || "nowhere"}`;
  const notice = resolved.value.notices[0];
  if (notice !== undefined)
    return { ...base, status: "degraded", detail: `${detail}; ${notice.message}`, remedy: null };
  if (inForce.environment !== "dev" && of("active") === 0) {
    const remedy = "countersign keys trust FILE: nobody can approve anything here yet";
    return { ...base, status: "degraded", detail, remedy };
  }
  return { ...base, status: keys.length === 0 ? "skipped" : "applied", detail, remedy: null };
}
