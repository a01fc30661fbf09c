/**
 * Who writes a segment, and whether that process still lives (spec/runtime.md §3).
 *
 * A pid alone says little, since pids are used again: a process is the same one only if its start time agrees too.
 * A process that has ended but was not reaped (a zombie) is dead; a stopped one lives. What cannot be judged from
 * here (another host, another container) is `elsewhere`.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { isPlainObject } from "./fields.ts";
import { systemCode } from "./problem.ts";

/** The owner of a segment. What a system does not tell is null. */
export interface Owner {
  readonly pid: number;
  /** Opaque; equal for the same process only. */
  readonly startTime: string | null;
  /** Opaque; equal until the machine restarts. */
  readonly bootId: string | null;
  /** The namespace in which the pid means something; null where there are none. */
  readonly pidNamespace: string | null;
  readonly host: string;
  /** Random; tells apart what one process opens. */
  readonly nonce: string;
}

/** Whether an owner may still write. */
export type OwnerState = "live" | "dead" | "elsewhere";

/** Knows this process and can judge others. */
export interface Ownership {
  /** This process as owner of something new; it counts as live until {@link Ownership.release}. */
  claim(): Promise<Owner>;
  /** This process writes no more under `owner`. */
  release(owner: Owner): void;
  judge(owner: Owner): Promise<OwnerState>;
}

/** True for the owner of a header, as JSON.parse gives it. */
export function isOwner(data: unknown): data is Owner {
  if (!isPlainObject(data)) return false;
  const { pid, startTime, bootId, pidNamespace, host, nonce } = data;
  const told = (item: unknown) => item === null || typeof item === "string";
  const named = typeof host === "string" && typeof nonce === "string" && Number.isSafeInteger(pid);
  return named && told(startTime) && told(bootId) && told(pidNamespace) && Object.keys(data).length === 6;
}

/** What this process is, apart from the nonce. */
type Self = Omit<Owner, "nonce">;

/** Ownership by the operating system's process table: /proc on Linux, `ps` elsewhere. */
export class ProcessOwnership implements Ownership {
  private self: Promise<Self> | null = null;
  private readonly held = new Set<string>();

  async claim(): Promise<Owner> {
    const owner = { ...(await this.identity()), nonce: randomBytes(16).toString("hex") };
    this.held.add(owner.nonce);
    return owner;
  }

  release(owner: Owner): void {
    this.held.delete(owner.nonce);
  }

  async judge(owner: Owner): Promise<OwnerState> {
    const self = await this.identity();
    const told = owner.bootId !== null && self.bootId !== null;
    if (told && owner.bootId === self.bootId) {
      return owner.pidNamespace === self.pidNamespace ? this.judgeProcess(owner, self) : "elsewhere";
    }
    if (owner.host !== self.host) return "elsewhere";
    return told ? "dead" : this.judgeProcess(owner, self);
  }

  private async judgeProcess(owner: Owner, self: Self): Promise<OwnerState> {
    if (owner.pid === self.pid && owner.startTime === self.startTime) {
      return this.held.has(owner.nonce) ? "live" : "dead";
    }
    if (!pidInUse(owner.pid)) return "dead";
    const process = await processFacts(owner.pid);
    if (process === null) return pidInUse(owner.pid) ? "live" : "dead";
    if (process.ended) return "dead";
    const same = owner.startTime === null || process.startTime === null || process.startTime === owner.startTime;
    return same ? "live" : "dead";
  }

  private identity(): Promise<Self> {
    this.self ??= identify();
    return this.self;
  }
}

/** The ownership of this process; what it holds is only known to one instance. */
export const processOwnership: Ownership = new ProcessOwnership();

async function identify(): Promise<Self> {
  const facts = await processFacts(process.pid);
  return {
    pid: process.pid,
    startTime: facts?.startTime ?? null,
    bootId: await bootId(),
    pidNamespace: process.platform === "linux" ? await told(readlink("/proc/self/ns/pid")) : null,
    host: hostname(),
  };
}

async function bootId(): Promise<string | null> {
  if (process.platform === "linux")
    return (await told(readFile("/proc/sys/kernel/random/boot_id", "utf8")))?.trim() ?? null;
  if (process.platform === "win32") return null;
  const name = process.platform === "darwin" ? "kern.bootsessionuuid" : "kern.boottime";
  return output("sysctl", ["-n", name]);
}

/** True when a process of that pid exists, whoever owns it. */
function pidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
    if (systemCode(error) === "EPERM") return true;
    throw error;
  }
}

/** When a process started and whether it has ended without being reaped; null when the system does not tell. */
async function processFacts(pid: number): Promise<{ startTime: string | null; ended: boolean } | null> {
  if (process.platform === "linux") {
    const stat = await told(readFile(`/proc/${pid}/stat`, "utf8"));
    return stat === null ? null : parseStat(stat);
  }
  if (process.platform === "win32") return null;
  const line = await output("ps", ["-o", "stat=,lstart=", "-p", String(pid)]);
  const match = line === null ? null : /^(\S+)\s+(.+)$/.exec(line);
  return match === null ? null : { startTime: match[2] as string, ended: (match[1] as string).startsWith("Z") };
}

/** Fields 3 (state) and 22 (start time) of /proc/<pid>/stat; the second field may hold anything, parentheses too. */
export function parseStat(stat: string): { startTime: string | null; ended: boolean } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { startTime: fields[19] ?? null, ended: fields[0] === "Z" || fields[0] === "X" };
}

/** What a file or link of the system says, null when it is not there or not for us. */
async function told(reading: Promise<string>): Promise<string | null> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return null;
  }
}

/** First line of a program's output, null when it fails. Times come in one language and zone. */
function output(program: string, args: readonly string[]): Promise<string | null> {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 10_000 }, (error, stdout) => {
      resolve(error === null ? stdout.trim() : null);
    });
  });
}
