/**
 * Writes what is derived from the registry of kinds: the two indexes, the reference page and the JSON Schemas.
 *
 *   node scripts/run.mjs scripts/generate.ts            writes the files
 *   node scripts/run.mjs scripts/generate.ts --check    names stale files and exits with 1
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { format } from "prettier";
import type { AnyKind } from "../src/kinds/define.ts";
import { diagnosticsReference } from "./generate/diagnostics-page.ts";
import { fixtureSchema } from "./generate/fixture-schema.ts";
import { definitionsIndex, handlersIndex } from "./generate/indexes.ts";
import { kindsPage } from "./generate/kinds-page.ts";
import { workflowSchema } from "./generate/workflow-schema.ts";
import { activationEvents, contributes } from "../src/extension/manifest.ts";
import { load } from "./load.ts";

const root = process.cwd();
const kinds = path.join(root, "src", "kinds");

/** Folders below `src/kinds` that declare a kind, sorted by name. A declaration without behaviour is an error. */
async function kindFolders(): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(kinds, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const files = await readdir(path.join(kinds, entry.name));
    if (!files.includes("definition.ts")) continue;
    if (!files.includes("handler.ts")) throw new Error(`src/kinds/${entry.name} has no handler.ts`);
    found.push(entry.name);
  }
  return found.sort();
}

/** package.json with what the extension contributes. */
async function manifest(): Promise<string> {
  const text = await readFile(path.join(root, "package.json"), "utf8");
  return JSON.stringify({ ...(JSON.parse(text) as object), activationEvents, contributes });
}

/** Every generated file: path from the root -> text. */
async function generated(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const folders = await kindFolders();
  const index = definitionsIndex(folders);
  files.set("src/kinds/definitions.generated.ts", index);
  const { definitions } = (await load(index, kinds, root)) as { definitions: readonly AnyKind[] };
  const names = definitions.map((one, i) => [folders[i] as string, one.kind] as const);
  files.set("src/kinds/handlers.generated.ts", handlersIndex(names));
  files.set("docs/kinds.md", kindsPage(definitions));
  files.set("docs/diagnostics.md", diagnosticsReference());
  files.set("schemas/workflow.schema.json", JSON.stringify(workflowSchema(definitions)));
  files.set("schemas/fixture.schema.json", JSON.stringify(fixtureSchema()));
  files.set("package.json", await manifest());
  for (const [file, text] of files) {
    files.set(file, await format(text, { filepath: file, printWidth: 120 }));
  }
  return files;
}

async function current(file: string): Promise<string | null> {
  try {
    return await readFile(path.join(root, file), "utf8");
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw problem;
  }
}

const stale: string[] = [];
for (const [file, text] of await generated()) {
  if ((await current(file)) === text) continue;
  stale.push(file);
  if (process.argv.includes("--check")) continue;
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
}
if (process.argv.includes("--check")) {
  if (stale.length > 0) {
    console.error(`stale, run \`node scripts/run.mjs scripts/generate.ts\`:\n${stale.map((f) => `  ${f}`).join("\n")}`);
    process.exitCode = 1;
  }
} else {
  console.log(stale.length === 0 ? "everything is up to date" : `wrote ${stale.join(", ")}`);
}
