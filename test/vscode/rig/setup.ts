/**
 * Made once for all tests in VS Code: the packed extension, installed in a server that trusts workspaces and in one
 * that asks, a browser, and the suite for the extension host. What the machine lacks is said once, by the tests.
 */
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startBrowserServer } from "../../../scripts/vscode/browser.mjs";
import { installVscode } from "../../../scripts/vscode/install.mjs";
import { installExtension, startServer } from "../../../scripts/vscode/server.mjs";
import { buildSuite } from "../../../scripts/vscode/suite.mjs";
import { settings } from "./settings.ts";

/** What the tests are given. */
export interface Rig {
  /** Folder of this run; workspaces are made in it. */
  readonly folder: string;
  /** The packed extension. */
  readonly vsix: string;
  readonly browser: string;
  /** The server that trusts every workspace, and can be automated. */
  readonly port: number;
  /** The server that asks, as a desktop does. */
  readonly askingPort: number;
  /** The user's configuration folder of both servers (`XDG_CONFIG_HOME`); the machine's own is left alone. */
  readonly config: string;
  /** Settings of the first server; VS Code follows the file. */
  readonly settingsFile: string;
  readonly suite: { readonly folder: string; readonly module: string };
}

declare module "vitest" {
  interface ProvidedContext {
    /** Null where these tests cannot run, and why. `lacking`: the machine has no browser or no server; they are skipped. */
    vscode: { readonly rig: Rig | null; readonly reason: string; readonly lacking: boolean };
  }
}

const root = path.resolve(import.meta.dirname, "../../..");

/** Called by vitest before the first file; gives what ends everything. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    for (const one of ends.reverse()) await one();
  };
  let machine: Machine;
  try {
    machine = await prepare(ends);
  } catch (problem) {
    const reason = sentence(problem);
    process.stderr.write(`the tests in a real VS Code are skipped: ${reason}\n`);
    project.provide("vscode", { rig: null, reason, lacking: true });
    return end;
  }
  try {
    project.provide("vscode", { rig: await make(machine, ends), reason: "", lacking: false });
  } catch (problem) {
    project.provide("vscode", { rig: null, reason: sentence(problem), lacking: false });
  }
  return end;
}

function sentence(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}

interface Machine {
  readonly browser: Awaited<ReturnType<typeof startBrowserServer>>;
  readonly places: Awaited<ReturnType<typeof installVscode>>;
}

/** What has to be on the machine, or to be fetched. */
async function prepare(ends: (() => Promise<void>)[]): Promise<Machine> {
  // The browser first: without one nothing has to be fetched.
  const browser = await startBrowserServer();
  ends.push(() => browser.close());
  return { browser, places: await installVscode((text) => process.stderr.write(`${text}\n`)) };
}

async function make({ browser, places }: Machine, ends: (() => Promise<void>)[]): Promise<Rig> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "countersign-vscode-"));
  ends.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const vsix = path.join(folder, "countersign.vsix");
  const trusting = path.join(folder, "trusting");
  const asking = path.join(folder, "asking");
  await mkdir(trusting);
  await runNode(["scripts/vscode/pack.mjs", vsix]);
  const [suite] = await Promise.all([buildSuite(path.join(folder, "suite")), installExtension(places, trusting, vsix)]);
  await cp(path.join(trusting, "extensions"), path.join(asking, "extensions"), { recursive: true });
  const config = path.join(folder, "config");
  const env = { XDG_CONFIG_HOME: config };
  const servers = await Promise.all([
    startServer(places, { dataFolder: trusting, automation: true, settings, env }),
    startServer(places, { dataFolder: asking, trust: false, settings, env }),
  ]);
  ends.push(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  return {
    folder,
    vsix,
    browser: browser.wsEndpoint(),
    port: servers[0].port,
    askingPort: servers[1].port,
    config,
    settingsFile: path.join(trusting, "data/Machine/settings.json"),
    suite,
  };
}

function runNode(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${args[0] ?? ""} ended with ${code ?? "a signal"}: ${said.trim()}`));
    });
  });
}
