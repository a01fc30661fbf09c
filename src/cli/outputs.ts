/**
 * Files that a command was asked to write besides its product: `--trace`, `--record`, `--out`. They are looked at
 * before anything happens, and one that cannot be written in the end takes nothing of the outcome away.
 */
import { constants } from "node:fs";
import { access, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** A flag and the file it names, when it was given. */
export type OutputFlag = readonly [flag: string, file: string | null | undefined];

/** Refuses files that cannot be written, before the run has done anything. Creates nothing. */
export async function refuseUnwritable(terminal: Terminal, flags: readonly OutputFlag[]): Promise<void> {
  for (const [flag, file] of flags) {
    if (file === null || file === undefined) continue;
    const problem = await unwritable(path.resolve(terminal.cwd, file));
    if (problem !== null) throw new UsageError("output.file", `${flag} ${file}: ${problem}; nothing was run`);
  }
}

async function unwritable(file: string): Promise<string | null> {
  try {
    const there = await stat(file).catch((problem: unknown) => {
      if (codeOf(problem) === "ENOENT") return null;
      throw problem;
    });
    if (there?.isDirectory() === true) return "it is a directory";
    await access(there === null ? path.dirname(file) : file, constants.W_OK);
    return null;
  } catch (problem) {
    const code = codeOf(problem);
    return code === "ENOENT" ? "there is no such folder" : `cannot be written (${code})`;
  }
}

/** Writes a file; what stands in the way as a sentence, null for nothing. */
export async function writeOutput(
  terminal: Terminal,
  flag: string,
  file: string,
  content: string | Uint8Array,
): Promise<string | null> {
  try {
    await writeFile(path.resolve(terminal.cwd, file), content);
    return null;
  } catch (problem) {
    return `${flag} ${file}: cannot be written (${codeOf(problem)})`;
  }
}

function codeOf(problem: unknown): string {
  const code = (problem as NodeJS.ErrnoException).code;
  if (code === undefined) throw problem;
  return code;
}
