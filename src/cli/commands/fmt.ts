/**
 * `countersign fmt FILE…`: canonical order for `spec.kv` (spec/pipeline.md §3). Exit code 0; 1 when `--check` finds a
 * file that is not canonical; 2 when a file cannot be read, understood or written, or is of another dialect.
 *
 * A file is replaced whole or not at all: a temporary file beside it, synced, then renamed over it.
 */
import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { formatSpec, isFormattable } from "../../runtime/format.ts";
import { printDiagnostics } from "../render/diagnostics.ts";
import { clean, count } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";

/** Options of `fmt`. */
export interface FmtOptions {
  /** Changes nothing; exit code 1 when something would change. */
  readonly check?: unknown;
}

/** Formats files, and prints the names of those that changed or would change. */
export async function fmtCommand(
  terminal: Terminal,
  files: readonly string[],
  options: FmtOptions = {},
): Promise<number> {
  const check = options.check === true;
  let refused = false;
  let changed = 0;
  for (const file of files) {
    const result = await formatFile(terminal, file, check);
    refused ||= result === "refused";
    if (result !== "changed") continue;
    changed++;
    terminal.out(`${file}\n`);
  }
  if (refused) return 2;
  if (check && changed > 0) {
    terminal.err(`${count(changed, "file is", "files are")} not canonical; countersign fmt writes them anew\n`);
    return 1;
  }
  return 0;
}

async function formatFile(terminal: Terminal, file: string, check: boolean): Promise<"same" | "changed" | "refused"> {
  const refuse = (message: string): "refused" => {
    terminal.err(`${clean(file)}: ${message}\n`);
    return "refused";
  };
  if (!isFormattable(file)) {
    return refuse(
      "Countersign never reformats TOML, YAML or Markdown: comments, order and quoting are the author's; fmt is for spec.kv",
    );
  }
  const named = path.resolve(terminal.cwd, file);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(named);
  } catch (problem) {
    return refuse(`cannot be read: ${meaning(problem)}`);
  }
  if (!isUtf8(bytes)) return refuse("is not UTF-8 text; nothing was changed");
  const text = Buffer.from(bytes).toString("utf8");
  const formatted = formatSpec(text, file);
  if (!formatted.ok) {
    await printDiagnostics(terminal, formatted.problems, file);
    return refuse("is left as it is");
  }
  if (formatted.text === text) return "same";
  if (check) return "changed";
  try {
    await replaceFile(named, formatted.text);
    return "changed";
  } catch (problem) {
    return refuse(`cannot be written: ${meaning(problem)}`);
  }
}

/** Writes through links to the file itself, which keeps its mode. */
async function replaceFile(named: string, text: string): Promise<void> {
  const target = await realpath(named);
  const { mode } = await stat(target);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = await open(temporary, "wx", mode & 0o777);
  try {
    try {
      await handle.writeFile(text);
      // What `open` was asked for, the process's mask may have narrowed.
      await handle.chmod(mode & 0o777);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (problem) {
    await rm(temporary, { force: true });
    throw problem;
  }
}

function meaning(problem: unknown): string {
  const code = (problem as NodeJS.ErrnoException).code ?? String(problem);
  const known: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a directory",
    EACCES: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "no space is left",
  };
  return known[code] ?? code;
}
