/**
 * Builds the bundles into dist/: one entry per program, shared chunks, grammars beside them.
 * `--check` builds into memory only, to see that everything resolves.
 */
import { copyFile, mkdir, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const dist = path.join(root, "dist");
// Built beside it and moved into place, so that a program running from dist/ never finds half of it.
const out = path.join(root, `.tmp/dist-${process.pid}`);
const write = !process.argv.includes("--check");

const shim =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

if (write) await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { countersign: "src/cli/main.ts" },
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
if (write) {
  await copyFile(require.resolve("web-tree-sitter/web-tree-sitter.wasm"), path.join(out, "web-tree-sitter.wasm"));
  await copyFile(
    path.join(
      path.dirname(require.resolve("@tree-sitter-grammars/tree-sitter-toml/package.json")),
      "tree-sitter-toml.wasm",
    ),
    path.join(out, "tree-sitter-toml.wasm"),
  );
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
