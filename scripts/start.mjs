/**
 * `npm start`: a real VS Code in the browser with the extension installed, on a copy of `examples/`. Builds first.
 *
 * It serves until `q`, Ctrl+C or a signal; the copy stays in `.tmp/start/`, so that nothing of the checkout changes.
 * With COUNTERSIGN_START_ONCE=1 it looks whether the page answers, and ends.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { installVscode, vscodeRuns } from "./vscode/install.mjs";
import { installExtension, startServer } from "./vscode/server.mjs";

const usage = `usage: npm start [-- --port PORT] [--no-install] [--no-open]

  --port PORT    listen there (default: a free port)
  --no-install   do not fetch a VS Code server; one must be there already
  --no-open      only print the address
`;
const root = path.dirname(import.meta.dirname);
const workspace = path.join(root, ".tmp/start");
const settings = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
};

/** A sentence for the person, and an exit code. */
class Stop extends Error {
  constructor(message, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

try {
  await start(optionsOf(process.argv.slice(2)));
} catch (problem) {
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exitCode = problem instanceof Stop ? problem.exit : 1;
}

function optionsOf(args) {
  const flags = { port: { type: "string" }, "no-install": { type: "boolean" }, "no-open": { type: "boolean" } };
  let values;
  try {
    ({ values } = parseArgs({ args, options: { ...flags, help: { type: "boolean", short: "h" } } }));
  } catch (problem) {
    throw new Stop(`${problem.message}\n${usage}`, 2);
  }
  const port = Number(values.port ?? "0");
  if (!/^[0-9]*$/.test(values.port ?? "") || port > 65_535)
    throw new Stop(`--port takes a number up to 65535\n${usage}`, 2);
  return { port, install: values["no-install"] !== true, open: values["no-open"] !== true, help: values.help === true };
}

async function start({ port, install, open, help }) {
  if (help) {
    process.stdout.write(usage);
    return;
  }
  // One program from here on, so that a signal to `npm start` reaches the one that has to end the server.
  await node(["scripts/build.mjs"]);
  const vsix = path.join(root, ".tmp/countersign.vsix");
  await node(["scripts/vscode/pack.mjs", vsix]);
  if (!vscodeRuns()) {
    process.stdout.write(
      `The VS Code server of this project runs on 64-bit Linux only; here, install the packed extension in a VS Code of your own: code --install-extension ${shown(vsix)}, then open ${shown(root)}.\n`,
    );
    return;
  }
  const places = await installVscode(say, install);
  const dataFolder = await mkdtemp(path.join(os.tmpdir(), "countersign-start-"));
  let server = null;
  try {
    say("installing the extension");
    await installExtension(places, dataFolder, vsix);
    await rm(workspace, { recursive: true, force: true });
    // Their payloads and policies name them from the folder above, as the command line does.
    await cp(path.join(root, "examples"), path.join(workspace, "examples"), {
      recursive: true,
      filter: (file) => !file.includes(".countersign"),
    });
    // Listened for before the server is there, so that none is left behind.
    const ended = stopped();
    server = await startServer(places, { dataFolder, port, settings });
    const address = `http://127.0.0.1:${server.port}/?folder=${encodeURIComponent(workspace)}`;
    say("");
    process.stdout.write(`VS Code with Countersign, on a copy of the examples:\n\n  ${address}\n\n`);
    if (process.env["COUNTERSIGN_START_ONCE"] === "1") return await look(address);
    process.stdout.write(
      "Open examples/release-gate/release-gate.toml and press the graph button at its top right.\n" +
        `${process.stdin.isTTY ? "q" : "Ctrl+C"} stops it.\n`,
    );
    if (open) openBrowser(address);
    await ended;
  } finally {
    await server?.stop();
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** One line of progress, written over the last on a terminal. */
function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (text !== "") process.stderr.write(`${text}\n`);
}

async function look(address) {
  const answer = await fetch(address);
  const page = await answer.text();
  if (!answer.ok || !page.includes("workbench")) throw new Stop(`the page answered ${answer.status}`);
  process.stdout.write("The page answers.\n");
}

/** Resolves at `q`, Ctrl+C, a signal that ends programs, or when whoever started this program is gone. */
function stopped() {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, resolve);
    // npm keeps a shell between itself and its scripts, which hands no signal on: that npm is gone is seen by the shell.
    if (process.env["npm_lifecycle_event"] === "start") {
      const started = ancestors();
      const watch = setInterval(() => {
        if (ancestors() === started) return;
        clearInterval(watch);
        resolve();
      }, 500);
      watch.unref();
    }
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdin.on("data", (keys) => {
      if (!/[qQ\u0003\u0004]/.test(keys.toString())) return;
      process.stdin.setRawMode(false);
      process.stdin.pause();
      resolve();
    });
  });
}

/** Who started this program, and who started that one. */
function ancestors() {
  const parent = process.ppid;
  const of = (pid) => /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  try {
    return `${parent} ${of(parent)}`;
  } catch (problem) {
    if (problem.code === "ENOENT") return `${parent} gone`;
    throw problem;
  }
}

/** Opens it where there is a desktop; that there is none is no fault. */
function openBrowser(address) {
  const desktop = process.platform === "darwin" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];
  if (!desktop) return;
  const child = spawn(process.platform === "darwin" ? "open" : "xdg-open", [address], {
    stdio: "ignore",
    detached: true,
  });
  child.once("error", (problem) => say(`no browser was opened: ${problem.message}\n`));
  child.unref();
}

function node(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data) => (said = (said + data).slice(-2000)));
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Stop(`${args[0]} ended with ${code}: ${said.trim()}`)),
    );
  });
}

function shown(file) {
  return path.relative(process.cwd(), file) || ".";
}
