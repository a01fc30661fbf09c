/** `environment.json` of a bundle (spec/pipeline.md §7): the process that made the bundle, as far as it may be told. */
import { readFile } from "node:fs/promises";
import { systemCode } from "../../connect/journal/problem.ts";
import { redactedArguments, redactedEnvironment, type RedactingKey } from "./redact.ts";

/** The process as its caller knows it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of `/proc/self/status`, or null where there is none. */
  readonly status: string | null;
}

/** What `/proc/self/status` tells of a process that may stand in a bundle: no names of paths or people. */
const statusFields: ReadonlySet<string> = new Set([
  "Name",
  "State",
  "Pid",
  "PPid",
  "Umask",
  "FDSize",
  "VmPeak",
  "VmSize",
  "VmHWM",
  "VmRSS",
  "VmSwap",
  "Threads",
  "Seccomp",
  "NoNewPrivs",
  "CapEff",
]);

/** The member `environment.json`. */
export function environmentFile(facts: ProcessFacts, key: RedactingKey): object {
  return {
    pid: facts.pid,
    cwd: facts.cwd,
    args: redactedArguments(facts.args, key),
    env: redactedEnvironment(facts.env, key),
    proc_status: facts.status === null ? null : statusOf(facts.status),
    x_countersign: {
      of: "the process that made the bundle",
      redaction: `hmac-sha256 under a key of ${key.scope}`,
    },
  };
}

function statusOf(text: string): Readonly<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^([A-Za-z]+):\s*(.*)$/.exec(line);
    const [, name, value] = match ?? [];
    if (name !== undefined && value !== undefined && statusFields.has(name)) told[name] = value.trim();
  }
  return told;
}

/** This process. */
export async function thisProcess(given: Pick<ProcessFacts, "cwd" | "args" | "env">): Promise<ProcessFacts> {
  return { pid: process.pid, cwd: given.cwd, args: given.args, env: given.env, status: await procStatus() };
}

async function procStatus(): Promise<string | null> {
  try {
    return await readFile("/proc/self/status", "utf8");
  } catch (problem) {
    if (systemCode(problem) === null) throw problem;
    return null;
  }
}
