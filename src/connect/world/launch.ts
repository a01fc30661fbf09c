/**
 * What stands between this process and a program: resource limits by `prlimit` (spec/skill-graph.md §3.6) and a
 * declared sandbox by bubblewrap (§3.5, R15). Each takes a command and runs it as given, without a shell.
 *
 * Limits are set where the platform can; a sandbox that cannot be enforced must keep the program from starting.
 */
import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import type { ProcessLimits, ProcessSandbox } from "../../effects/effect.ts";
import { errorText } from "./errno.ts";
import { resolveRealPath } from "./paths.ts";
import { run } from "./run.ts";

/** A command as the system gets it. */
export interface Command {
  readonly file: string;
  readonly argv0: string;
  readonly args: readonly string[];
}

const PRLIMIT = ["/usr/bin/prlimit", "/bin/prlimit"];
const BWRAP = ["/usr/bin/bwrap", "/bin/bwrap"];

/** `command` under `limits`; unchanged where there is no prlimit. A limit that is lower already stays. */
export async function withLimits(command: Command, limits: ProcessLimits): Promise<Command> {
  const prlimit = await firstExecutable(PRLIMIT);
  if (prlimit === null) return command;
  const hard = await hardLimits();
  const wanted: readonly (readonly [option: string, row: string, value: number])[] = [
    ["nofile", "Max open files", limits.openFiles],
    ["fsize", "Max file size", limits.fileBytes],
    ["cpu", "Max cpu time", limits.cpuSeconds],
    ["as", "Max address space", limits.addressSpaceBytes],
  ];
  const options = wanted.map(([option, row, value]) => `--${option}=${Math.min(value, hard.get(row) ?? Infinity)}`);
  return { file: prlimit, argv0: prlimit, args: [...options, "--", command.argv0, ...command.args] };
}

async function hardLimits(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  // Without /proc nothing is known to be lower; prlimit itself refuses what it may not raise.
  const text = await readFile("/proc/self/limits", "utf8").catch(() => "");
  for (const line of text.split("\n")) {
    const match = /^(\S.*?) {2,}(?:\d+|unlimited) +(\d+)\b/.exec(line);
    if (match !== null) found.set(match[1] ?? "", Number(match[2]));
  }
  return found;
}

/** A declared sandbox with its paths resolved. */
export interface SandboxPlan {
  readonly network: boolean;
  /** Real paths that may be written; everything else is read-only. */
  readonly writable: readonly string[];
}

/** What a declaration means for a program that runs in `cwd` (a real path). */
export async function planSandbox(sandbox: ProcessSandbox, cwd: string): Promise<SandboxPlan> {
  const named = sandbox.writablePaths.map((path) => resolve(cwd, path));
  const folders = sandbox.profile === "workspace-write" ? [cwd, ...named] : named;
  const writable = await Promise.all(folders.map((path) => resolveRealPath(path, cwd)));
  return { network: sandbox.network, writable: [...new Set(writable)].sort() };
}

/** `command` in the sandbox: the file system read-only but for the writable paths, own processes, network or none. */
export function withSandbox(command: Command, plan: SandboxPlan, bwrap: string, cwd: string): Command {
  const args = [
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...plan.writable.flatMap((path) => ["--bind", path, path]),
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent"],
    ...(plan.network ? [] : ["--unshare-net"]),
    ...["--chdir", cwd, "--", command.argv0, ...command.args],
  ];
  return { file: bwrap, argv0: bwrap, args };
}

/** The path of a bubblewrap that works here, or the sentence that says why no sandbox can be enforced. */
export async function findSandbox(
  candidates: readonly string[] = BWRAP,
): Promise<{ readonly path: string } | { readonly problem: string }> {
  const path = await firstExecutable(candidates);
  if (path === null) return { problem: `bubblewrap is not installed (looked for ${candidates.join(" and ")})` };
  // User namespaces may be switched off; only trying tells.
  const probe = withSandbox(
    { file: path, argv0: path, args: ["--version"] },
    { network: false, writable: [] },
    path,
    "/",
  );
  const tried = await run(
    {
      realPath: probe.file,
      argv0: probe.argv0,
      args: probe.args,
      env: {},
      cwd: tmpdir(),
      stdin: null,
      timeoutMs: 10_000,
      graceMs: 0,
      maxOutputBytes: 4096,
    },
    new AbortController().signal,
  );
  if (!tried.ok) return { problem: `bubblewrap does not start: ${tried.problem}` };
  if (tried.end.exitCode === 0) return { path };
  return { problem: `bubblewrap does not work here: ${errorText(tried.end.stderr.toString("utf8"))}` };
}

async function firstExecutable(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not there: the next one may be.
      continue;
    }
  }
  return null;
}
