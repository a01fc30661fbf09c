/** Workflows through the command line, in process, against servers of the test. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { run } from "../../src/cli/program.ts";
import { fakeTerminal, type FakeTerminal } from "../cli/terminal.ts";
import { httpServer, type LoopbackHttp, type Script } from "../connect/models/loopback.ts";

/** A start at node `a`, which every document of these tests enters. */
export const head = 'name = "t"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "a"\n';

/** What one command line came to. */
export interface Ran {
  readonly exit: number;
  /** Standard output as JSON; null when there is none. */
  readonly outcome: Record<string, unknown> | null;
  readonly out: string;
  readonly err: string;
}

/** A scratch folder whose commands are run in it. */
export class Bench {
  readonly folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "countersign-e2e-")));

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Any command line. */
  async command(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const terminal: FakeTerminal = fakeTerminal(this.folder, { env });
    const exit = await run(words, terminal);
    const { out, err } = terminal.written;
    const outcome = /^\s*[{[]/.test(out) ? (JSON.parse(out) as Record<string, unknown>) : null;
    return { exit, outcome, out, err };
  }

  /** Runs a document: `workflow` stands behind {@link head}. */
  run(
    workflow: string,
    input: unknown = null,
    words: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ran> {
    this.write("workflow.toml", head + workflow);
    this.write("input.json", JSON.stringify(input));
    return this.command(["run", "workflow.toml", "--input", "input.json", ...words], env);
  }
}

/** A loopback HTTP server that ends with the test. */
export async function server(script: Script): Promise<LoopbackHttp> {
  const made = await httpServer(script);
  onTestFinished(() => made.close());
  return made;
}
