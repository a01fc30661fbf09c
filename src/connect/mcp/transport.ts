/**
 * A stdio MCP server as a process: the SDK's Transport over our own pipe.
 *
 * The SDK's StdioClientTransport is not used: it adds six variables to every environment, starts no process group
 * (so grandchildren outlive it), reads numbers as doubles, and waits up to four seconds to close.
 *
 * Invariants: the child has exactly the environment it is given; its whole process group ends with it, with
 * `close()`, and with this process; a message and the kept stderr are bounded; after `loss` is set nothing is delivered.
 */
import { once } from "node:events";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { Wire } from "./wire.ts";

/** How a server is started. */
export interface Launch {
  readonly command: readonly string[];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly maxMessageBytes: number;
  /** Milliseconds a server has to end by itself when its input closes, and again after SIGTERM. */
  readonly graceMs: number;
}

/** Why the connection is gone. */
export type Loss =
  | { readonly why: "closed" }
  | { readonly why: "shutdown" }
  | { readonly why: "too_large" }
  | { readonly why: "malformed"; readonly problem: string };

const STDERR_BYTES = 4096;
/** Milliseconds after the child's end in which its last output may still arrive. */
const LAST_OUTPUT_MS = 250;
const posix = process.platform !== "win32";

/** Servers to kill when this process ends without having closed them. */
const running = new Set<ServerProcess>();
const killAll = (): void => running.forEach((server) => server.kill());

/** One server's process. */
export class ServerProcess implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  /** Lines on stdout that were no message, e.g. a banner. */
  strayLines = 0;
  private lost: Loss | null = null;
  private child: ChildProcessWithoutNullStreams | null = null;
  private gone: Promise<void> = Promise.resolve();
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private stderr = "";
  private readonly wire = new Wire();
  private readonly launch: Launch;

  constructor(launch: Launch) {
    this.launch = launch;
  }

  /** Why the connection is gone; null while it stands. */
  get loss(): Loss | null {
    return this.lost;
  }

  /** True once the process and its pipes are gone. */
  get ended(): boolean {
    return this.lost !== null && !running.has(this);
  }

  /** The last line the server wrote to stderr; empty when it wrote none. */
  lastWords(): string {
    return this.stderr.trimEnd().split("\n").at(-1)?.trim() ?? "";
  }

  /** Starts the process. Rejects with the system's error when it cannot be started. */
  async start(): Promise<void> {
    if (this.lost !== null) throw new Error("the connection is closed");
    const [program, ...args] = this.launch.command as [string, ...string[]];
    const { env, cwd } = this.launch;
    try {
      const child = spawn(program, args, { env, cwd, stdio: "pipe", shell: false, detached: posix, windowsHide: true });
      this.child = child;
      this.watch(child);
      await once(child, "spawn");
    } catch (error) {
      this.lose({ why: "closed" });
      throw error;
    }
  }

  private watch(child: ChildProcessWithoutNullStreams): void {
    if (running.size === 0) process.on("exit", killAll);
    running.add(this);
    this.gone = new Promise((resolve) => {
      const finish = (): void => {
        running.delete(this);
        if (running.size === 0) process.removeListener("exit", killAll);
        this.lose({ why: "closed" });
        resolve();
      };
      child.once("exit", () => {
        // Grandchildren would keep the pipes open. What is still in the pipes is read until they close.
        this.kill();
        const drop = setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, LAST_OUTPUT_MS);
        child.once("close", () => {
          clearTimeout(drop);
          finish();
        });
      });
      child.once("error", () => {
        if (child.pid === undefined) finish();
      });
    });
    child.stdout.on("data", (chunk: Buffer) => this.read(chunk));
    child.stdout.on("end", () => this.lose({ why: "closed" }));
    child.stderr.on("data", (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString("utf8")).slice(-STDERR_BYTES);
    });
    for (const stream of [child.stdin, child.stdout, child.stderr])
      stream.on("error", (error: Error) => this.onerror?.(error));
  }

  private read(chunk: Buffer): void {
    let rest = chunk;
    for (let at = rest.indexOf(0x0a); at >= 0 && this.lost === null; at = rest.indexOf(0x0a)) {
      this.pending.push(rest.subarray(0, at));
      this.pendingBytes += at;
      rest = rest.subarray(at + 1);
      if (this.pendingBytes > this.launch.maxMessageBytes) return this.lose({ why: "too_large" });
      const line = Buffer.concat(this.pending).toString("utf8");
      this.pending = [];
      this.pendingBytes = 0;
      this.deliver(line);
    }
    if (this.lost !== null) return;
    this.pending.push(rest);
    this.pendingBytes += rest.length;
    if (this.pendingBytes > this.launch.maxMessageBytes) this.lose({ why: "too_large" });
  }

  private deliver(line: string): void {
    const messages = this.wire.decode(line);
    if ("problem" in messages) return this.lose({ why: "malformed", problem: messages.problem });
    if (messages.length === 0 && line.trim() !== "") this.strayLines += 1;
    for (const message of messages) this.onmessage?.(message);
  }

  /** Ends the connection for good: every call under way fails at once, the process group is killed. */
  private lose(loss: Loss): void {
    if (this.lost !== null) return;
    this.lost = loss;
    this.pending = [];
    if (loss.why !== "shutdown") this.kill();
    this.onclose?.();
  }

  /** Ends the process group at once. */
  kill(): void {
    this.signal("SIGKILL");
  }

  /** Sends to the whole process group; a group that is gone already is what was wanted. */
  private signal(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      if (posix) process.kill(-pid, signal);
      else process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") this.onerror?.(error as Error);
    }
  }

  /** Resolves when the line has been handed to the pipe. */
  send(message: JSONRPCMessage): Promise<void> {
    const child = this.child;
    if (child === null || this.lost !== null) return Promise.reject(new Error("the connection is closed"));
    return new Promise((resolve, reject) => {
      child.stdin.write(this.wire.encode(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Closes its input, then SIGTERM, then SIGKILL; resolves when the process and its group have ended. */
  async close(): Promise<void> {
    const child = this.child;
    this.lose({ why: "shutdown" });
    if (child === null) return;
    child.stdin.end();
    const cancel = [
      setTimeout(() => this.signal("SIGTERM"), this.launch.graceMs),
      setTimeout(() => this.kill(), 2 * this.launch.graceMs),
    ];
    await this.gone;
    cancel.forEach((timer) => clearTimeout(timer));
  }
}
