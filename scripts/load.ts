/**
 * Imports TypeScript source at run time by bundling it with esbuild, so that generators can use modules whose text
 * they have only just written.
 */
import { build } from "esbuild";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** The exports of a module given as text; its relative imports start at `folder`. */
export async function load(contents: string, folder: string, root: string): Promise<Record<string, unknown>> {
  const built = await build({
    stdin: { contents, resolveDir: folder, loader: "ts", sourcefile: "generated.ts" },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "error",
  });
  const bundle = built.outputFiles[0];
  if (bundle === undefined) throw new Error("esbuild wrote nothing");
  const file = path.join(root, ".tmp", `loaded.${process.pid}.mjs`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bundle.contents);
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } finally {
    await rm(file, { force: true });
  }
}
