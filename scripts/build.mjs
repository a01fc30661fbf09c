/**
 * Builds the bundles into dist/: one entry per program, shared chunks.
 * `--check` builds into memory only, to see that everything resolves.
 */
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, "dist");
// Built beside it and moved into place, so that a program running from dist/ never finds half of it.
const out = path.join(root, `.tmp/dist-${process.pid}`);
const write = !process.argv.includes("--check");

const shim =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

if (write) await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    countersign: "src/cli/main.ts",
    extension: "src/extension/main.ts",
    "layout-worker": "src/runtime/canvas/layout-worker.ts",
  },
  external: ["vscode"],
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  banner: { js: shim },
  legalComments: "linked",
  logLevel: "warning",
  write,
});
// The pages of webviews: each one script and one stylesheet, without eval, for a strict content security policy.
await build({
  absWorkingDir: root,
  entryPoints: { page: "webview/main.tsx", approval: "webview/approval/main.tsx", receipt: "webview/receipt/main.tsx" },
  outdir: path.join(out, "webview"),
  bundle: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  jsx: "automatic",
  minify: true,
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".ttf": "file" },
  assetNames: "[name]",
  legalComments: "linked",
  logLevel: "warning",
  write,
});
if (write) {
  await moveIntoPlace();
  await linkCommand();
}

/** Swaps the new bundles in; what was there before goes only then. */
async function moveIntoPlace() {
  const old = `${out}-old`;
  await rename(dist, old).catch((problem) => {
    if (problem.code !== "ENOENT") throw problem;
  });
  await rename(out, dist);
  await rm(old, { recursive: true, force: true });
}

/** npm links the programs of dependencies, not a package's own; with this `npx countersign` works in the checkout. */
async function linkCommand() {
  const link = path.join(root, "node_modules", ".bin", "countersign");
  if (process.platform === "win32") return;
  const fresh = `${link}.${process.pid}`;
  await symlink(path.join("..", "..", "dist", "countersign.mjs"), fresh);
  await rename(fresh, link);
}
