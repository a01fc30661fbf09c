/** What the doctor asks of the state directory: who may read it, whether it keeps what is written, and how its runs are. */
import { randomBytes } from "node:crypto";
import { lstat, open, rm, statfs, unlink } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "../../connect/journal/problem.ts";
import { listRuns } from "../../connect/journal/runs.ts";
import { readRunFolder, runFolder } from "../runs.ts";
import { readOperatorFor } from "./doctor-configuration.ts";
import { causeOf, type DoctorCheck, type DoctorSettings } from "./doctor.ts";

/** Less is little for a journal. */
const MIN_FREE = 256 * 1024 * 1024;
/** Runs whose whole journal is read; of more, the newest. */
const MAX_RUNS = 200;

/** The checks of the state directory; only one when there is none. */
export async function* stateChecks(settings: DoctorSettings): AsyncGenerator<DoctorCheck> {
  const read = await readOperatorFor(settings);
  const stateDir = read.ok ? read.operator.stateDir : null;
  if (stateDir === null) {
    const strict = read.ok && read.operator.governance("run", "workflow").posture.environment !== "dev";
    yield {
      id: "state.place",
      title: "State directory",
      requested: "not set",
      status: strict ? "failed" : "skipped",
      detail: "runs are not kept: a pause is an error, and staging and prod change nothing",
      remedy: "pass --state-dir DIR, set COUNTERSIGN_STATE_DIR, or put state_dir into countersign.toml",
    };
    return;
  }
  const place = await placeCheck(stateDir);
  yield place;
  if (place.status === "skipped" || place.status === "failed") return;
  yield await writing(stateDir);
  yield await space(stateDir);
  yield* runs(stateDir, settings);
  yield await audit(stateDir);
}

async function placeCheck(stateDir: string): Promise<DoctorCheck> {
  const base = {
    id: "state.place",
    title: "State directory",
    requested: `${stateDir}: a folder of your own, mode 0700`,
  };
  try {
    const info = await lstat(stateDir);
    if (!info.isDirectory())
      return { ...base, status: "failed", detail: "it is no folder", remedy: "choose another place" };
    const uid = process.getuid?.();
    if (uid !== undefined && info.uid !== uid) {
      const detail = `it belongs to user ${info.uid}, this is user ${uid}`;
      return { ...base, status: "failed", detail, remedy: `chown -R ${uid} ${stateDir}, or choose another place` };
    }
    const mode = (info.mode & 0o777).toString(8).padStart(4, "0");
    if (process.platform !== "win32" && (info.mode & 0o077) !== 0) {
      const detail = `mode ${mode}: others may look in, and runs' values stand there`;
      return { ...base, status: "degraded", detail, remedy: `chmod 700 ${stateDir}` };
    }
    return { ...base, status: "applied", detail: `mode ${mode}`, remedy: null };
  } catch (problem) {
    if (systemCode(problem) === "ENOENT")
      return { ...base, status: "skipped", detail: "it is not there yet; the first run makes it", remedy: null };
    return {
      ...base,
      status: "failed",
      detail: `it cannot be looked at (${causeOf(problem)})`,
      remedy: "choose another place",
    };
  }
}

/** Writes a file, makes it durable, and takes it away again. */
async function writing(stateDir: string): Promise<DoctorCheck> {
  const base = { id: "state.write", title: "Durable writing", requested: "write, fdatasync, fsync of the folder" };
  const file = path.join(stateDir, `.doctor-${randomBytes(8).toString("hex")}`);
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.write("countersign doctor\n");
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await unlink(file);
    if (process.platform !== "win32") {
      const folder = await open(stateDir, "r");
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    }
    return { ...base, status: "applied", detail: "a file was written, made durable and removed", remedy: null };
  } catch (problem) {
    await rm(file, { force: true });
    const detail = `nothing can be made durable there (${causeOf(problem)})`;
    return { ...base, status: "failed", detail, remedy: "choose a place on a local disk that you may write to" };
  }
}

async function space(stateDir: string): Promise<DoctorCheck> {
  const base = { id: "state.space", title: "Free space", requested: `${MIN_FREE / (1024 * 1024)} MiB` };
  const info = await statfs(stateDir);
  const free = info.bavail * info.bsize;
  const detail = `${Math.floor(free / (1024 * 1024))} MiB`;
  if (free < 16 * 1024 * 1024)
    return {
      ...base,
      status: "failed",
      detail,
      remedy: "a run ends when its journal cannot be written: free some space",
    };
  const little = free < MIN_FREE;
  return { ...base, status: little ? "degraded" : "applied", detail, remedy: little ? "countersign runs prune" : null };
}

/** How the kept runs are: whole, torn, corrupt, left behind. */
async function* runs(stateDir: string, { signal }: DoctorSettings): AsyncGenerator<DoctorCheck> {
  const base = { id: "state.runs", title: "Kept runs", requested: "journals whose chain is whole" };
  const listed = await listRuns(stateDir);
  if (!listed.ok) {
    yield { ...base, status: "failed", detail: listed.problem.message, remedy: "correct the folder's owner and mode" };
    return;
  }
  const torn: string[] = [];
  const corrupt: string[] = [];
  for (const { id, problem } of listed.value.slice(0, MAX_RUNS)) {
    if (signal?.aborted === true) return;
    const folder = runFolder(stateDir, id);
    if (!folder.ok) continue;
    const read =
      problem === null ? await readRunFolder(folder.value, () => undefined) : { ok: false as const, problem };
    if (!read.ok) corrupt.push(`${id} (${read.problem.code})`);
    else if (read.value.findings.some(({ code }) => code === "journal.torn")) torn.push(id);
  }
  const looked = Math.min(listed.value.length, MAX_RUNS);
  const status = corrupt.length > 0 ? "failed" : torn.length > 0 ? "degraded" : "applied";
  const parts = [
    `${looked} of ${listed.value.length} read`,
    ...(torn.length === 0 ? [] : [`last line torn: ${some(torn)}`]),
    ...(corrupt.length === 0 ? [] : [`damaged: ${some(corrupt)}`]),
  ];
  yield {
    ...base,
    status,
    detail: parts.join("; "),
    remedy:
      corrupt.length > 0
        ? "countersign inspect RUN says where; keep it as evidence or countersign runs delete --force RUN"
        : torn.length > 0
          ? "nothing: a crash cut the last line, and a resume goes on before it"
          : null,
  };
  const left = listed.value.filter(({ status: one }) => one === "interrupted").map(({ id }) => id);
  const unknown = listed.value.filter(({ status: one }) => one === "unknown").map(({ id }) => id);
  yield {
    id: "state.abandoned",
    title: "Runs left behind",
    requested: "none",
    status: left.length + unknown.length === 0 ? "applied" : "degraded",
    detail:
      left.length + unknown.length === 0
        ? "none"
        : [
            ...(left.length === 0 ? [] : [`interrupted: ${some(left)}`]),
            ...(unknown.length === 0 ? [] : [`of another machine: ${some(unknown)}`]),
          ].join("; "),
    remedy:
      left.length + unknown.length === 0
        ? null
        : "countersign resume RUN (--take-over for another machine's), or runs delete",
  };
}

function some(items: readonly string[]): string {
  return `${items.slice(0, 5).join(", ")}${items.length > 5 ? ` and ${items.length - 5} more` : ""}`;
}

/** The audit of the state directory, where there is one: that it is there and can be read; `audit verify` checks it. */
async function audit(stateDir: string): Promise<DoctorCheck> {
  const base = { id: "state.audit", title: "Audit", requested: "a file of your own, mode 0600" };
  const file = path.join(stateDir, "audit.jsonl");
  try {
    const info = await lstat(file);
    const wide = process.platform !== "win32" && (info.mode & 0o077) !== 0;
    if (!info.isFile())
      return { ...base, status: "failed", detail: `${file} is no plain file`, remedy: "move it away" };
    const detail = `${info.size} bytes`;
    if (wide)
      return { ...base, status: "degraded", detail: `${detail}, readable by others`, remedy: `chmod 600 ${file}` };
    return { ...base, status: "applied", detail: `${detail}; countersign audit verify checks its chain`, remedy: null };
  } catch (problem) {
    if (systemCode(problem) === "ENOENT")
      return { ...base, status: "skipped", detail: "there is none yet", remedy: null };
    return {
      ...base,
      status: "failed",
      detail: `${file} cannot be looked at (${causeOf(problem)})`,
      remedy: "correct its owner and mode",
    };
  }
}
