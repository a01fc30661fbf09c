/**
 * Runs one program without a shell, in a process group of its own, to its end (spec/workflow.md §8.5).
 *
 * Invariants: it never rejects; when it returns the group has been killed or was empty; reading ends with the
 * pipes, and no later than the time-out (after a kill: two seconds later), whoever holds them.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { errorText } from "./errno.ts";
import { releaseGroup, signalGroup, trackGroup } from "./groups.ts";

/** What is started, and its limits. */
export interface RunRequest {
  readonly realPath: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: string | Uint8Array | null;
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL; 0 kills at once. */
  readonly graceMs: number;
  /** Bytes kept of each stream. */
  readonly maxOutputBytes: number;
}

/** How it ended. `exitCode` is -1 when a signal ended it. */
export interface RunEnd {
  readonly exitCode: number;
  readonly signal: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly truncated: boolean;
  readonly timedOut: boolean;
  readonly durationMs: number;
}

/** `problem`: why it could not be started. `aborted`: ended by the signal. */
export type RunResult =
  | { readonly ok: true; readonly end: RunEnd }
  | { readonly ok: false; readonly problem: string; readonly aborted: boolean };

const AFTER_KILL_MS = 2000;

/** Starts a program and waits for its end. */
export function run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
  const began = performance.now();
  let child: ChildProcess;
  try {
    child = spawn(request.realPath, request.args, {
      argv0: request.argv0,
      cwd: request.cwd,
      env: request.env,
      detached: process.platform !== "win32",
      shell: false,
      windowsHide: true,
      stdio: [request.stdin === null ? "ignore" : "pipe", "pipe", "pipe"],
    });
  } catch (error) {
    return Promise.resolve({ ok: false, problem: errorText(error), aborted: false });
  }
  return new Promise((resolve) => {
    const watch = new Watch(child, request, signal, began, resolve);
    watch.begin();
  });
}

/** One running child. */
class Watch {
  private readonly stdout: Capture;
  private readonly stderr: Capture;
  private readonly timers: NodeJS.Timeout[] = [];
  private exit: { code: number | null; signal: NodeJS.Signals | null } | null = null;
  private groupLeft = true;
  private timedOut = false;
  private aborted = false;
  private cut = false;
  private over = false;
  private readonly child: ChildProcess;
  private readonly request: RunRequest;
  private readonly signal: AbortSignal;
  private readonly began: number;
  private readonly resolve: (result: RunResult) => void;

  constructor(
    child: ChildProcess,
    request: RunRequest,
    signal: AbortSignal,
    began: number,
    resolve: (result: RunResult) => void,
  ) {
    this.child = child;
    this.request = request;
    this.signal = signal;
    this.began = began;
    this.resolve = resolve;
    this.stdout = new Capture(child.stdout, request.maxOutputBytes);
    this.stderr = new Capture(child.stderr, request.maxOutputBytes);
  }

  begin(): void {
    const { child, request } = this;
    child.on("error", (error) => {
      // Without a pid it never started; with one, only a signal of ours could not be delivered.
      if (child.pid === undefined) this.finish({ ok: false, problem: errorText(error), aborted: false });
    });
    if (child.pid === undefined) return;
    trackGroup(child.pid);
    child.on("exit", (code, signal) => {
      this.exit = { code, signal };
      // An empty group's number may be given to another; from here on it is only used while somebody is in it.
      this.groupLeft = signalGroup(this.child.pid ?? 0, 0);
      if (this.timedOut || this.aborted) this.kill("SIGKILL");
    });
    child.on("close", () => {
      this.end();
    });
    if (child.stdin !== null) {
      // A program may well end without reading its input.
      child.stdin.on("error", () => undefined);
      child.stdin.end(request.stdin);
    }
    this.after(request.timeoutMs, () => {
      this.expire();
    });
    this.signal.addEventListener("abort", this.onAbort);
    if (this.signal.aborted) this.onAbort();
  }

  private readonly onAbort = (): void => {
    this.aborted = true;
    this.stop();
  };

  private expire(): void {
    if (this.exit === null) {
      this.timedOut = true;
      this.stop();
      return;
    }
    // The program itself has ended in time; only what it left behind still holds its output.
    this.cut = true;
    this.kill("SIGKILL");
    this.after(AFTER_KILL_MS, () => {
      this.end();
    });
  }

  private stop(): void {
    const grace = this.exit === null ? this.request.graceMs : 0;
    if (grace > 0) this.kill("SIGTERM");
    const last = () => {
      this.kill("SIGKILL");
      this.after(AFTER_KILL_MS, () => {
        this.end();
      });
    };
    if (grace > 0) this.after(grace, last);
    else last();
  }

  private kill(signal: NodeJS.Signals): void {
    if (this.groupLeft && this.child.pid !== undefined) signalGroup(this.child.pid, signal);
  }

  private after(ms: number, what: () => void): void {
    // Longer than a timer can wait is as good as never.
    if (!this.over && ms < 2 ** 31) this.timers.push(setTimeout(what, ms));
  }

  /** All output has arrived, or will not be waited for any longer. */
  private end(): void {
    if (this.over) return;
    this.kill("SIGKILL");
    if (this.aborted) {
      this.finish({ ok: false, problem: "aborted", aborted: true });
      return;
    }
    const { stdout, stderr, exit } = this;
    const killed = exit === null || exit.signal !== null;
    const name = exit === null ? "SIGKILL" : exit.signal;
    this.finish({
      ok: true,
      end: {
        exitCode: killed ? -1 : (exit.code ?? -1),
        signal: name === null ? null : constants.signals[name],
        stdout: stdout.bytes(),
        stderr: stderr.bytes(),
        truncated: stdout.truncated || stderr.truncated || this.cut || exit === null,
        timedOut: this.timedOut,
        durationMs: Math.round(performance.now() - this.began),
      },
    });
  }

  private finish(result: RunResult): void {
    if (this.over) return;
    this.over = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.signal.removeEventListener("abort", this.onAbort);
    if (this.child.pid !== undefined) releaseGroup(this.child.pid);
    this.child.stdin?.destroy();
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    this.resolve(result);
  }
}

/** Keeps the first bytes of a stream and reads the rest. */
class Capture {
  truncated = false;
  private readonly chunks: Buffer[] = [];
  private kept = 0;

  constructor(stream: Readable | null, limit: number) {
    stream?.on("error", () => {
      // A pipe that broke has nothing more to give.
      this.truncated = true;
    });
    stream?.on("data", (chunk: Buffer) => {
      const part = chunk.subarray(0, Math.max(0, limit - this.kept));
      if (part.length > 0) this.chunks.push(part);
      if (part.length < chunk.length) this.truncated = true;
      this.kept += part.length;
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks, this.kept);
  }
}
