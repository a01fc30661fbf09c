/**
 * `countersign init [DIR]`: a small working example of each dialect and a countersign.toml. Exit code 0; 2 when files
 * would be overwritten (nothing is written then) or cannot be written.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { oneOf } from "../options.ts";
import { clean, productStyle, table } from "../render/text.ts";
import { configFile, starterDialects, starters, type StarterFile } from "../../runtime/starters.ts";
import { styleFor, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `init`. */
export interface InitOptions {
  /** `workflow`, `skill`, `pipeline` or `all` (default). */
  readonly dialect?: unknown;
  /** Overwrites what is there. */
  readonly force?: unknown;
}

/** Writes starters into `dir`; prints the written files on standard output. */
export async function initCommand(terminal: Terminal, dir = ".", options: InitOptions = {}): Promise<number> {
  const dialect = oneOf("--dialect", options.dialect ?? "all", [...starterDialects, "all"]);
  const chosen = starterDialects.filter((one) => dialect === "all" || one === dialect);
  const folder = path.resolve(terminal.cwd, dir);
  const force = options.force === true;
  const todo = [...chosen.flatMap((one) => starters[one].files), configFile];
  const states = await Promise.all(todo.map((file) => standing(folder, file)));
  const clashes = todo.filter((file, i) => states[i] === "other" && file !== configFile);
  if (clashes.length > 0 && !force) {
    const names = clashes.map((file) => path.join(dir, file.path)).join(", ");
    throw new UsageError(
      "init.exists",
      `nothing was written, since ${names} would be overwritten; pass --force to do so`,
    );
  }
  const style = productStyle(terminal);
  const words = styleFor(terminal);
  for (const [i, file] of todo.entries()) {
    const name = clean(path.join(dir, file.path));
    // The settings belong to whoever wrote them; another starter beside them needs no others.
    if (states[i] === "same" || (states[i] === "other" && !force)) {
      terminal.err(`${words.dim("kept")}  ${name}\n`);
      continue;
    }
    await write(folder, file, force);
    terminal.out(`${style.green("wrote")} ${name}\n`);
  }
  const next = chosen.flatMap((one) => starters[one].next);
  const rows = [
    ...(folder === terminal.cwd ? [] : [[{ text: `cd ${shellWord(dir)}` }, { text: "" }]]),
    ...next.map(([command, what]) => [{ text: command }, { text: `# ${what}`, paint: words.dim }]),
  ];
  const columns = terminal.interactive.output ? terminal.width : Number.POSITIVE_INFINITY;
  terminal.err(
    `\nNext:\n${table(
      rows,
      columns,
      "  ",
      rows.map(() => Number.POSITIVE_INFINITY),
    ).join("\n")}\n`,
  );
  return 0;
}

/** Whether a file is there, and whether it is the very same. */
async function standing(folder: string, file: StarterFile): Promise<"absent" | "same" | "other"> {
  try {
    return (await readFile(path.join(folder, file.path), "utf8")) === file.text ? "same" : "other";
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return "absent";
    if (code === "EISDIR") return "other";
    throw refused(file, code ?? String(problem));
  }
}

async function write(folder: string, file: StarterFile, force: boolean): Promise<void> {
  const target = path.join(folder, file.path);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    // Between the look and now somebody may have made the file; without --force it is theirs.
    await writeFile(target, file.text, { flag: force ? "w" : "wx" });
  } catch (problem) {
    throw refused(file, (problem as NodeJS.ErrnoException).code ?? String(problem));
  }
}

function refused(file: StarterFile, code: string): UsageError {
  const why = code === "ENOTDIR" || code === "EEXIST" ? `a file is in the way (${code})` : code;
  return new UsageError("init.write", `${file.path} cannot be written: ${why}`);
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
