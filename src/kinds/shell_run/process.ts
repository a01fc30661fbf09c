/** Programs of workflows: a fixed environment, no input, bounded output (spec/workflow.md §8.5). */
import type { ProcessEffect } from "../../effects/effect.ts";

/** The whole environment of a program that a workflow starts. */
export const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
};

/** Bytes kept of each of stdout and stderr. */
export const MAX_OUTPUT_BYTES = 65_536;

/** Seconds a program has when nothing is said. */
export const DEFAULT_TIMEOUT_SECS = 30;

/** Why `command` cannot be run, or null. */
export function commandProblem(command: string): string | null {
  return command.startsWith("/") ? null : `shell_run requires an absolute path; got \`${command}\``;
}

/** The effect that runs `program`. A time-out below one second counts as one. */
export function processEffect(program: string, args: readonly string[], timeoutSecs: number): ProcessEffect {
  return {
    kind: "shell.run",
    program,
    args,
    stdin: null,
    env: cleanEnvironment,
    inheritEnv: [],
    cwd: null,
    timeoutMs: Math.min(Math.max(timeoutSecs, 1) * 1000, Number.MAX_SAFE_INTEGER),
    maxOutputBytes: MAX_OUTPUT_BYTES,
    lookup: false,
    graceMs: 0,
  };
}
