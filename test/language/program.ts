/** The program as editors start it: a process that speaks over its standard streams. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from "vscode-languageserver/node";
import type { ProtocolConnection } from "vscode-languageserver/node";
import { root } from "../examples/support.ts";

/**
 * The bundled program. Made of the sources as they are, so that a test never runs an older build; packages stay
 * outside it, so it lies in the project's folder.
 */
export async function bundledProgram(): Promise<{ readonly file: string; readonly remove: () => Promise<void> }> {
  const folder = path.join(root, ".tmp", `language-${process.pid}`);
  // Three levels down, as src/cli/commands is: the pages of docs/ are found from there.
  const file = path.join(folder, "program", "countersign.mjs");
  await build({
    entryPoints: [path.join(root, "src/cli/main.ts")],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    packages: "external",
    logLevel: "error",
  });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A scratch folder that is removed after the test. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "countersign-language-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A running server. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts the server as an editor does; it ends with the test at the latest. */
export function start(program: string, cwd: string): Running {
  const child = spawn(process.execPath, [program, "lsp", "--stdio"], { cwd });
  const ended = new Promise<number | null>((resolve) => {
    child.on("exit", resolve);
  });
  onTestFinished(() => {
    child.kill();
  });
  return { child, ended };
}

/** A client of a running server. */
export function connect({ child }: Running): ProtocolConnection {
  const client = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  onTestFinished(() => {
    client.dispose();
  });
  client.listen();
  return client;
}
