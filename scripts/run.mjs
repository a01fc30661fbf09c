// Runs a TypeScript entry: node scripts/run.mjs scripts/NAME.ts ARGS…
// Bundles it with esbuild into .tmp/, imports it, and removes the bundle. Packages stay external.
import { build } from "esbuild";
import { mkdir, rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import path from "node:path";

const entry = process.argv[2];
if (entry === undefined) {
  console.error("usage: node scripts/run.mjs ENTRY.ts [ARGUMENTS]");
  process.exit(2);
}
const root = path.resolve(import.meta.dirname, "..");
const outfile = path.join(root, ".tmp", `${path.basename(entry, ".ts")}.${process.pid}.mjs`);
await mkdir(path.dirname(outfile), { recursive: true });
process.argv.splice(1, 2, path.resolve(entry));
try {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    packages: "external",
    logLevel: "error",
    sourcemap: "inline",
  });
  await import(pathToFileURL(outfile).href);
} finally {
  await rm(outfile, { force: true });
}
