/**
 * `countersign inspect RUN`: what a run did. RUN is a run's id, a unique beginning of one, `last`, a run's folder, a
 * run record that `run --record` wrote, or a receipt by its file or whole id. Exit code 0; 2 when there is no such run; 5 when its journal is damaged.
 *
 * With `--json` the journal's events come as JSON Lines: one event per line, in order, as they are read.
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { JournalEvent } from "../../effects/events.ts";
import { parseJson } from "../../graph/json.ts";
import { findRun, journalProblemText, pinnedKinds, readRunFolder, type PinnedKinds } from "../../runtime/runs.ts";
import { keptRun, looksLikePath, runAt, type KeptRun } from "../kept-run.ts";
import { textOption } from "../options.ts";
import { writeInspection } from "../../runtime/kept-runs/inspection.ts";
import { isRecord, recordText } from "../render/record.ts";
import { RunTree } from "../../runtime/kept-runs/run-tree.ts";
import { clean, productStyle, productWidth } from "../render/text.ts";
import { eventLine } from "../render/value.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `inspect`. */
export interface InspectOptions {
  readonly stateDir?: unknown;
  /** Events as JSON Lines; a run record as it is. */
  readonly json?: unknown;
  /** Whole outputs, and nothing left out. */
  readonly full?: unknown;
  /** Where receipts are kept, for a receipt's id. */
  readonly receiptDir?: unknown;
  /** The time it is, in milliseconds since 1970. */
  readonly now?: number;
}

/** Shows one run on standard output. */
export async function inspectCommand(terminal: Terminal, named: string, options: InspectOptions = {}): Promise<number> {
  if (mayBeReceipt(named)) {
    const { inspectReceipt } = await import("./inspect-receipt.ts");
    const code = await inspectReceipt(terminal, named, options);
    if (code !== null) return code;
  }
  const target = await targetOf(terminal, named, textOption("--state-dir", options.stateDir));
  if (target.type === "record") return showRecord(terminal, target, options);
  return options.json === true ? printEvents(terminal, target.folder) : showRun(terminal, target, options);
}

/** A receipt's whole id, or a file that could be one. Everything else is sought among runs at once. */
function mayBeReceipt(named: string): boolean {
  return named.startsWith("sha256:") || named.endsWith(".json");
}

type Target =
  | ({ readonly type: "run"; readonly byPath: boolean } & KeptRun)
  | { readonly type: "record"; readonly file: string; readonly text: string };

/** What a word names. What looks like a path is one; anything else is sought among the kept runs. */
async function targetOf(terminal: Terminal, named: string, stateDirGiven: string | undefined): Promise<Target> {
  const byPath = looksLikePath(named) || named.endsWith(".json");
  if (!byPath)
    return { type: "run", byPath: stateDirGiven !== undefined, ...(await keptRun(terminal, named, stateDirGiven)) };
  const file = path.resolve(terminal.cwd, named);
  try {
    const info = await stat(file);
    if (info.isDirectory()) return { type: "run", byPath, ...runAt(file) };
    return { type: "record", file, text: await readFile(file, "utf8") };
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code ?? String(problem);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new UsageError("run", `there is no run folder or run record ${clean(named)}`);
    throw new UsageError("run", `${clean(file)} cannot be read (${code})`);
  }
}

function showRecord(terminal: Terminal, target: Extract<Target, { type: "record" }>, options: InspectOptions): number {
  const parsed = parseJson(target.text);
  if (!parsed.ok || !isRecord(parsed.value))
    throw new UsageError("run", `${clean(target.file)} is no run record; \`run --record FILE\` writes one`);
  terminal.out(options.json === true ? target.text : recordText(parsed.value, options.full === true));
  return 0;
}

/** Text is handed to the terminal in pieces of about this size. */
const CHUNK = 64 * 1024;

/** Collects lines and writes them in pieces. */
function lineWriter(terminal: Terminal): { write(line: string): void; flush(): void } {
  let waiting = "";
  const flush = (): void => {
    if (waiting !== "") terminal.out(waiting);
    waiting = "";
  };
  return {
    flush,
    write(line) {
      waiting += `${line}\n`;
      if (waiting.length >= CHUNK) flush();
    },
  };
}

async function printEvents(terminal: Terminal, folder: string): Promise<number> {
  const lines = lineWriter(terminal);
  const read = await readRunFolder(folder, (event) => lines.write(eventLine(event)));
  lines.flush();
  return told(terminal, read);
}

async function showRun(
  terminal: Terminal,
  target: Extract<Target, { type: "run" }>,
  options: InspectOptions,
): Promise<number> {
  const full = options.full === true;
  const width = productWidth(terminal);
  const tree = new RunTree(full ? Number.POSITIVE_INFINITY : Math.min(width, 400));
  const read = await readRunFolder(target.folder, (event: JournalEvent) => tree.add(event));
  if (tree.events === 0) return told(terminal, read);
  const documents = tree.resumed.at(-1)?.documents ?? tree.started?.documents ?? [];
  const kinds: PinnedKinds = await pinnedKinds(target.folder, documents);
  const lines = lineWriter(terminal);
  const id = path.basename(target.folder);
  writeInspection(
    tree,
    {
      style: productStyle(terminal),
      width,
      full,
      now: options.now ?? Date.now(),
      status: await statusOf(tree, target.stateDir, id),
      kindOf: (document, node) => kinds.get(document)?.get(node) ?? "",
      answerWith: `countersign resume ${id}${stateDirFlag(terminal, target)}`,
    },
    (line) => lines.write(line),
  );
  lines.flush();
  return told(terminal, read);
}

async function statusOf(tree: RunTree, stateDir: string | null, id: string): Promise<string> {
  const found = stateDir === null ? null : await findRun(stateDir, id);
  if (found?.ok === true && found.value.status !== "unreadable") return found.value.status;
  return tree.ended?.outcome ?? "open";
}

/** What has to be said so that another command finds the run, too. */
function stateDirFlag(terminal: Terminal, { stateDir, byPath }: Extract<Target, { type: "run" }>): string {
  if (stateDir === null || !byPath) return "";
  const word = path.relative(terminal.cwd, stateDir) || ".";
  return ` --state-dir ${/^[A-Za-z0-9_./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`}`;
}

/** Says what the reader found out about the journal itself, and gives the exit code. */
function told(terminal: Terminal, read: Awaited<ReturnType<typeof readRunFolder>>): number {
  if (!read.ok) {
    terminal.err(`countersign: ${clean(journalProblemText(read.problem))}\n`);
    return ["journal.missing", "journal.run_id", "journal.io"].includes(read.problem.code) ? 2 : 5;
  }
  for (const finding of read.value.findings) terminal.err(`note: ${clean(journalProblemText(finding))}\n`);
  return 0;
}
