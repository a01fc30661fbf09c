/** Command lines of skill graphs and pipelines, in process, in a folder of the test. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { onTestFinished } from "vitest";
import { run } from "../../src/cli/program.ts";
import { fakeTerminal, folderWith } from "../cli/terminal.ts";

type Json = Record<string, unknown>;

/** What one command line came to. */
export interface Ran {
  readonly exit: number;
  /** Standard output as JSON; empty when it is none. */
  readonly outcome: Json;
  readonly out: string;
  readonly err: string;
}

/** A folder in which command lines are run. */
export class Shop {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async with(files: Readonly<Record<string, string>>): Promise<Shop> {
    return new Shop(await folderWith(files));
  }

  read(name: string): Buffer {
    return readFileSync(path.join(this.folder, name));
  }

  lines(name: string): string[] {
    return this.read(name).toString("utf8").split("\n").slice(0, -1);
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(path.join(this.folder, name), content);
  }

  async run(words: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = this.folder): Promise<Ran> {
    const terminal = fakeTerminal(cwd, {
      env: { PATH: process.env["PATH"] ?? "", HOME: "/nowhere", ...env },
      width: 400,
    });
    const exit = await run(words, terminal);
    const { out, err } = terminal.written;
    return { exit, outcome: /^\s*\{/.test(out) ? (JSON.parse(out) as Json) : {}, out, err };
  }
}

/** The outputs of a step in a run's final value. */
export function outputs(ran: Ran, ...steps: readonly string[]): Json {
  let at = ran.outcome["final_value"] as Json;
  for (const step of steps) at = (at["step_outputs"] as Json)[step] as Json;
  return at;
}

/** Ids of the steps that ran, in order. */
export function ranSteps(ran: Ran): string[] {
  const { steps } = ran.outcome["final_value"] as { steps: readonly { step_id: string }[] };
  return steps.map((one) => one.step_id);
}

/** A step that runs a line of JavaScript. */
export function js(id: string, code: string, more = ""): string {
  return `  - id: ${id}\n    run: {type: cli-tool, command: node, args: [-e, ${JSON.stringify(code)}]}\n${more}`;
}

/** What a loopback server saw. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A loopback server; `answer` gets the request and its number, from 1. */
export async function receiver(
  answer: (seen: Seen, n: number, response: ServerResponse) => void = (_seen, _n, response) => response.end("ok"),
): Promise<{ readonly base: string; readonly seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body: Buffer.concat(parts) };
      seen.push(one);
      answer(one, seen.length, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A spec.kv of these stages, each with its key and the stages it depends on. */
export function spec(...stages: readonly (readonly [key: string, ...after: number[]])[]): string {
  const head = "v=1\nmodel=single_ring\nname=p\n";
  const ring = "ordering=strict producer=single scheduling=dedicated".split(" ").map((one) => `single_ring.${one}\n`);
  const body = stages.map(([key, ...after], i) => {
    const base = `single_ring.stages.${i}`;
    const depends = after.map((one, j) => `${base}.depends_on.${j}=${one}\n`).join("");
    return `${base}.id=s${i}\n${base}.stage=${key}\n${base}.depends_on.count=${after.length}\n${depends}`;
  });
  return `${head}single_ring.shards=1\n${ring.join("")}${body.join("")}`;
}
