/** What the doctor asks of the machine: the platform, the clock, sandbox and limits, git. */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { findSandbox, withLimits } from "../../connect/world/launch.ts";
import manifest from "../../../package.json" with { type: "json" };
import { causeOf, type DoctorCheck, type DoctorSettings } from "./doctor.ts";

/** The checks of the machine. */
export async function* hostChecks(settings: DoctorSettings): AsyncGenerator<DoctorCheck> {
  yield nodeVersion(process.versions.node, manifest.engines.node);
  yield platform();
  yield await clock(settings);
  yield await sandbox();
  yield await limits();
  yield await git(settings);
}

/** Whether a version of Node satisfies `>=a.b.c`. */
export function nodeVersion(running: string, wanted: string): DoctorCheck {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [have, need] = [numbers(running), numbers(wanted)];
  const at = [0, 1, 2].find((i) => have[i] !== need[i]);
  const fits = at === undefined || (have[at] ?? 0) > (need[at] ?? 0);
  return {
    id: "host.node",
    title: "Node.js",
    requested: wanted,
    status: fits ? "applied" : "failed",
    detail: `version ${running}`,
    remedy: fits ? null : `install Node.js ${wanted}`,
  };
}

function platform(): DoctorCheck {
  const linux = process.platform === "linux";
  return {
    id: "host.platform",
    title: "Operating system",
    requested: "files opened without following links",
    status: linux ? "applied" : "degraded",
    detail: linux
      ? `linux ${process.arch}`
      : `${process.platform} ${process.arch}: a path is opened and checked again, which leaves a short moment between`,
    remedy: linux ? null : "run on Linux where files are shared with people who are not trusted",
  };
}

/** Further apart, times of events and credentials cannot be compared. */
const MAX_AHEAD_MS = 60_000;
/** Nobody's clock was right before this program was written. */
const EARLIEST = Date.UTC(2025, 0, 1);

/** The clock against the times of files: something that was written cannot have been written later than now. */
async function clock({ cwd, now }: DoctorSettings): Promise<DoctorCheck> {
  const base = { id: "host.clock", title: "Clock", requested: "not behind the times of files here" };
  const places = [cwd, process.execPath, path.join(cwd, "countersign.toml")];
  const times = await Promise.all(
    places.map((place) =>
      stat(place).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const ahead = Math.max(...times) - now;
  if (now < EARLIEST)
    return { ...base, status: "failed", detail: `it says ${new Date(now).toISOString()}`, remedy: "set the clock" };
  if (ahead > MAX_AHEAD_MS) {
    const detail = `files here are ${Math.round(ahead / 1000)} s in its future: the clock is behind, or they come from elsewhere`;
    return { ...base, status: "degraded", detail, remedy: "compare the clock with another one (NTP)" };
  }
  return {
    ...base,
    status: "applied",
    detail: `${new Date(now).toISOString()}; files here are not newer`,
    remedy: null,
  };
}

async function sandbox(): Promise<DoctorCheck> {
  const found = await findSandbox();
  const works = "path" in found;
  return {
    id: "host.sandbox",
    title: "Sandbox for steps that declare one",
    requested: "bubblewrap that works",
    status: works ? "applied" : "degraded",
    detail: works ? found.path : `${found.problem}; such steps fail, they never run without`,
    remedy: works ? null : "install bubblewrap and allow user namespaces",
  };
}

async function limits(): Promise<DoctorCheck> {
  const plain = { file: "/bin/true", argv0: "true", args: [] };
  const bounds = { openFiles: 256, fileBytes: 1024, cpuSeconds: 1, addressSpaceBytes: 1024 * 1024 };
  const works = (await withLimits(plain, bounds)).file !== plain.file;
  return {
    id: "host.limits",
    title: "Resource limits of child programs",
    requested: "prlimit",
    status: works ? "applied" : "degraded",
    detail: works
      ? "limits are set before a program starts"
      : "no prlimit here: programs run without limits of their own",
    remedy: works ? null : "install util-linux",
  };
}

const run = promisify(execFile);

async function git({ cwd }: DoctorSettings): Promise<DoctorCheck> {
  const base = { id: "host.git", title: "git, for `diff REV:path`", requested: "git" };
  try {
    const { stdout } = await run("git", ["--version"], { cwd, timeout: 10_000 });
    return { ...base, status: "applied", detail: stdout.trim(), remedy: null };
  } catch (problem) {
    const detail = `not found (${causeOf(problem)})`;
    return { ...base, status: "skipped", detail, remedy: "install git to compare with revisions" };
  }
}
