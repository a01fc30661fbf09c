/** The adapter in process over the real engine, in the test's hand. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { expect } from "vitest";
import { GraphDebugAdapter } from "../../src/debug/adapter.ts";
import { debugHost } from "../../src/runtime/debug/launch.ts";
import { scratchFolder } from "../language/program.ts";
import { chain } from "./long-runs.ts";

/** A message of the adapter. */
export interface Heard {
  readonly seq: number;
  readonly type: string;
  readonly event?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** See the header. */
export class Rig {
  readonly adapter: GraphDebugAdapter;
  readonly heard: Heard[] = [];
  private seq = 0;
  private looks: (() => void)[] = [];

  constructor(folder: string, refusal: string | null = null, env: Readonly<Record<string, string>> = {}) {
    const host = debugHost({
      workspaceFolder: folder,
      env,
      environment: null,
      opened: () => null,
      storage: null,
      refusal: () => refusal,
    });
    this.adapter = new GraphDebugAdapter(host, (message) => {
      this.heard.push(message);
      for (const look of [...this.looks]) look();
    });
  }

  /** Sends a request; gives its number at once. */
  send(command: unknown, args?: unknown): { readonly seq: number; readonly done: Promise<void> } {
    const seq = ++this.seq;
    const request = { seq, type: "request", command, arguments: args } as unknown as DebugProtocol.ProtocolMessage;
    return { seq, done: this.adapter.handle(request) };
  }

  async ask(command: string, args?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const { seq, done } = this.send(command, args);
    await done;
    const answer = this.heard.find((one) => one.type === "response" && one.request_seq === seq);
    expect(answer, command).toMatchObject({ success: true });
    return answer?.body ?? {};
  }

  /** Sends a request and waits for the event that it leads to. */
  async then(event: string, command: string, args?: unknown): Promise<Heard> {
    const from = this.heard.length;
    await this.ask(command, args);
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.heard.slice(from).find((one) => one.event === event);
        if (found === undefined) return;
        this.looks = this.looks.filter((one) => one !== look);
        resolve(found);
      };
      this.looks.push(look);
      look();
    });
  }
}

/** A folder with a chain of so many nodes, `n0` and on. */
export async function chainFolder(length: number): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = await scratchFolder();
  const file = path.join(folder, "chain.toml");
  await writeFile(file, chain(length));
  return { folder, file };
}
