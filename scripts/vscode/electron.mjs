/**
 * The suite of test/vscode/host in a desktop VS Code that `@vscode/test-electron` downloads: for developers' machines
 * and hosted builds, where there is internet and a display. Run after the build: `node scripts/vscode/electron.mjs`.
 * $COUNTERSIGN_VSCODE_PROGRAM names a VS Code that is there already.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { runTests } from "@vscode/test-electron";
import { makeWorkspace } from "./workspace.mjs";
import { buildSuite } from "./suite.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const folder = await mkdtemp(path.join(os.tmpdir(), "countersign-electron-"));
const program = process.env["COUNTERSIGN_VSCODE_PROGRAM"] ?? "";
try {
  const suite = await buildSuite(path.join(folder, "suite"));
  const workspace = await makeWorkspace(path.join(folder, "workspace"));
  await runTests({
    extensionDevelopmentPath: [root, suite.folder],
    extensionTestsPath: suite.module,
    launchArgs: [workspace, "--disable-workspace-trust", "--disable-extensions", "--disable-telemetry"],
    ...(program === "" ? {} : { vscodeExecutablePath: program }),
  });
} catch (problem) {
  console.error(problem instanceof Error ? problem.message : String(problem));
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
