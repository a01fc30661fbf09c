/**
 * Starts the VS Code server on a free port of 127.0.0.1 and stops it again. It keeps its data below a folder that the
 * caller names; nothing outside of it is read or written.
 */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

/** Installs a packed extension into the data folder. */
export async function installExtension(places, dataFolder, vsix) {
  const args = [...dataArguments(dataFolder), "--install-extension", vsix, "--force"];
  const { code, said } = await run(places, args);
  if (code !== 0) throw new Error(`VS Code did not install ${path.basename(vsix)}: ${said}`);
}

/**
 * Starts it. `trust: false` asks about workspace trust as a desktop does; `automation` lets the address bar name an
 * extension under development and a test suite; `env` adds variables to those of this process. Gives `{port, stop}`.
 */
export async function startServer(places, options) {
  const { dataFolder, port = 0, trust = true, automation = false, settings = {}, env = {} } = options;
  const chosen = port === 0 ? await freePort() : port;
  const user = path.join(dataFolder, "data/Machine");
  await mkdir(user, { recursive: true });
  await writeFile(path.join(user, "settings.json"), JSON.stringify(settings, null, 2));
  const child = spawn(
    places.node,
    [
      places.server,
      ...["--host", "127.0.0.1", "--port", String(chosen), "--without-connection-token"],
      ...["--accept-server-license-terms", "--disable-telemetry"],
      ...dataArguments(dataFolder),
      ...(trust ? ["--disable-workspace-trust"] : []),
      ...(automation ? ["--enable-smoke-test-driver"] : []),
    ],
    { stdio: ["ignore", "pipe", "pipe"], detached: true, env: { ...process.env, ...env } },
  );
  // It has a process group of its own; nothing of it is to outlive whoever started it.
  const kill = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", kill);
  child.once("exit", () => process.removeListener("exit", kill));
  const stop = () => {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, "SIGKILL");
    return ended;
  };
  await new Promise((resolve, reject) => {
    let said = "";
    const heard = (data) => {
      said = (said + data).slice(-4000);
      if (/Extension host agent listening|Server bound to/.test(said)) resolve();
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the VS Code server ended with ${code}: ${said.trim()}`)));
  });
  return { port: chosen, stop };
}

function dataArguments(dataFolder) {
  return ["--server-data-dir", dataFolder, "--extensions-dir", path.join(dataFolder, "extensions")];
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function run(places, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(places.node, [places.server, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (data) => (said += data));
    child.stderr.on("data", (data) => (said += data));
    child.on("error", reject);
    child.on("exit", (code) => resolve({ code, said: said.trim() }));
  });
}
