/** A client of the debug adapter over the standard streams of the program, and the log of what both sides say. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { onTestFailed, onTestFinished } from "vitest";
import { frame, FrameReader } from "../../src/debug/framing.ts";

type Json = Record<string, unknown>;

/** A message of the adapter. */
export interface Said extends Json {
  readonly type: string;
  readonly event?: string;
  readonly command?: string;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: Json;
  readonly request_seq?: number;
}

/** See the header. */
export class Client {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Everything that was said, a line each. */
  readonly log: string[] = [];
  readonly said: Said[] = [];
  stderr = "";
  private seq = 0;
  private looks: (() => void)[] = [];
  private readonly plain: (text: string) => string;

  /** `plain` takes out of a line what differs from run to run. */
  constructor(program: string, cwd: string, plain: (text: string) => string = (text) => text) {
    this.plain = plain;
    const env = { ...process.env, COUNTERSIGN_PRINCIPAL: "user:test" };
    this.child = spawn(process.execPath, [program, "dap", "--stdio"], { cwd, env });
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
    const reader = new FrameReader();
    this.child.stdout.on("data", (chunk: Buffer) => {
      for (const one of reader.feed(chunk)) this.heard(one.ok ? (one.message as Said) : { type: one.problem });
      this.look();
    });
    this.child.stderr.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.look();
    });
    // It may have ended when the last bytes are written.
    this.child.stdin.on("error", () => undefined);
    onTestFailed(() => {
      process.stderr.write(`${this.log.join("\n")}\n${this.stderr}\n`);
    });
    onTestFinished(async () => {
      this.child.kill("SIGKILL");
      await this.ended;
    });
  }

  /** Writes bytes as they are. */
  raw(bytes: string | Uint8Array): void {
    this.child.stdin.write(bytes);
  }

  /** Sends a request and gives its body; rejects with the message when it is refused. */
  async ask(command: string, args?: unknown): Promise<Json> {
    const answer = await this.request(command, args);
    if (answer.success !== true) throw new Error(answer.message);
    return answer.body ?? {};
  }

  /** Sends a request and gives the whole answer. */
  async request(command: string, args?: unknown): Promise<Said> {
    const seq = ++this.seq;
    this.log.push(this.plain(`-> ${command}${args === undefined ? "" : ` ${JSON.stringify(args)}`}`));
    this.raw(frame({ seq, type: "request", command, ...(args === undefined ? {} : { arguments: args }) }));
    return this.until(() => this.said.find((one) => one.type === "response" && one.request_seq === seq));
  }

  /** Sends a request and gives the event that follows it; the answer is in the log. */
  async then(event: string, command: string, args?: unknown): Promise<Json> {
    const from = this.said.length;
    await this.ask(command, args);
    return this.next(event, from);
  }

  /** The first event of this name from a place in the log on. */
  async next(event: string, from = 0): Promise<Json> {
    const found = await this.until(() => this.said.slice(from).find((one) => one.event === event));
    return found.body ?? {};
  }

  /** Waits for a condition of what was said. */
  until<T>(probe: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = probe();
        if (found === undefined) return;
        this.looks = this.looks.filter((one) => one !== look);
        resolve(found);
      };
      this.looks.push(look);
      void this.ended.then((code) => reject(new Error(`the adapter has ended with ${code ?? "a signal"}`)));
      look();
    });
  }

  private look(): void {
    for (const look of [...this.looks]) look();
  }

  private heard(message: Said): void {
    this.said.push(message);
    const body = message.body === undefined ? "" : ` ${JSON.stringify(message.body)}`;
    if (message.type === "event") this.log.push(this.plain(`*  ${message.event ?? ""}${body}`));
    else {
      const refusal = message.success === true ? "" : ` refused: ${message.message ?? ""}`;
      this.log.push(this.plain(`<- ${message.command ?? message.type}${refusal}${refusal === "" ? body : ""}`));
    }
  }
}
