/** The examples as tests see them: which there are, and how each is checked, rehearsed and run. */
import { readdirSync, existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import path from "node:path";
import { run } from "../../src/cli/program.ts";
import { fakeTerminal, folderWith } from "../cli/terminal.ts";

/** The project's folder; commands of the examples are written for it. */
export const root = path.resolve(import.meta.dirname, "..", "..");

/** One folder of `examples/`. */
export interface Example {
  readonly name: string;
  /** Relative to the project's folder. */
  readonly document: string;
  /** The flags that give it its payload. */
  readonly input: readonly string[];
}

/** The document of a folder, whatever its dialect. */
function documentOf(name: string): string | null {
  const names = [`${name}.toml`, "graph.yaml", "SKILL.md", "spec.kv"];
  return names.find((one) => existsSync(path.join(root, "examples", name, one))) ?? null;
}

export const examples: readonly Example[] = readdirSync(path.join(root, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
  .map(({ name }) => {
    const document = documentOf(name);
    if (document === null) throw new Error(`examples/${name} holds no document`);
    const payload = document === "spec.kv" ? "payload.txt" : "payload.json";
    const input = ["--input", path.posix.join("examples", name, payload)];
    return { name, document: path.posix.join("examples", name, document), input };
  });

/** A folder with a copy of `examples/`, in which the commands of the examples work; removed after the test. */
export async function copyOfExamples(): Promise<string> {
  const folder = await folderWith();
  await cp(path.join(root, "examples"), path.join(folder, "examples"), {
    recursive: true,
    filter: (source) => !["out", ".countersign"].includes(path.basename(source)),
  });
  return folder;
}

/** How a command ended and what it printed. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, in a copy of the project's folder or in the folder itself. */
export async function countersign(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = root,
): Promise<Ended> {
  const terminal = fakeTerminal(cwd, { env: { PATH: process.env["PATH"] ?? "", ...env } });
  const code = await run(argv, terminal);
  return { code, ...terminal.written };
}
