/**
 * Compiles the suite that runs inside of the extension host into an extension of its own that does nothing else: VS
 * Code runs a suite only beside an extension under development, and the extension under test is an installed one.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");

/** Writes it into a folder. Gives the folder and the module that VS Code is to be pointed at. */
export async function buildSuite(folder) {
  await mkdir(folder, { recursive: true });
  const manifest = { name: "countersign-suite", publisher: "countersign", version: "0.0.0", engines: { vscode: "*" } };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  const module = path.join(folder, "suite.js");
  await build({
    absWorkingDir: root,
    entryPoints: ["test/vscode/host/main.ts"],
    outfile: module,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["vscode"],
    logLevel: "error",
  });
  return { folder, module };
}
