/**
 * Packs the extension: `node scripts/vscode/pack.mjs [FILE]` (default `countersign.vsix`). Run after the build.
 *
 * The package is staged in a folder of its own with a manifest that holds only what VS Code reads, so that nothing
 * gets in by accident.
 */
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVSIX } from "@vscode/vsce";

const root = path.resolve(import.meta.dirname, "../..");
/** What goes in beside the manifest. */
const parts = [
  "dist",
  "syntaxes",
  "docs/diagnostics.md",
  "docs/images",
  "media/icon.png",
  "media/activity-bar.svg",
  "LICENSE",
];
/** What of package.json VS Code reads. */
const fields = [
  ...["name", "displayName", "description", "version", "publisher", "license", "categories", "type", "main"],
  ...["engines", "extensionKind", "capabilities", "activationEvents", "contributes"],
];

/** Packs into `file` and gives its size in bytes. */
export async function pack(file) {
  const stage = path.join(root, ".tmp", `vsix-${process.pid}`);
  await rm(stage, { recursive: true, force: true });
  await mkdir(path.join(stage, "docs"), { recursive: true });
  await mkdir(path.join(stage, "media"));
  try {
    for (const part of parts) await cp(path.join(root, part), path.join(stage, part), { recursive: true });
    await cp(path.join(root, "docs/extension.md"), path.join(stage, "README.md"));
    const manifest = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    const slim = Object.fromEntries(fields.filter((name) => name in manifest).map((name) => [name, manifest[name]]));
    const text = JSON.stringify({ ...slim, icon: "media/icon.png", private: true }, null, 2);
    await writeFile(path.join(stage, "package.json"), text);
    await writeFile(path.join(stage, ".vscodeignore"), "");
    await createVSIX({ cwd: stage, packagePath: file, dependencies: false, allowMissingRepository: true });
    return (await stat(file)).size;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const file = path.resolve(process.argv[2] ?? path.join(root, "countersign.vsix"));
  const size = await pack(file);
  console.log(`${path.relative(process.cwd(), file)}: ${(size / 2 ** 20).toFixed(2)} MiB`);
}
