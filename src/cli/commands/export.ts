/**
 * `countersign export RUN|RECEIPT_ID|DIR`: what others verify and read of a run (docs/receipts.md, "Export"). RUN is a
 * run's id, a unique beginning of one, `last`, or its folder; DIR a receipt directory with one run.
 *
 * Exit code 0; 2 when there is nothing to export, or it does not verify.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { exportFormats, exportText } from "../../runtime/export-report.ts";
import { exportRun } from "../../runtime/export.ts";
import { pinsOf } from "../../runtime/keys.ts";
import type { Operator } from "../../runtime/operator.ts";
import { fingerprintOf, receiptPlace, receiptSettings, verifierKeys } from "../../runtime/receipts.ts";
import { runFolder, sealedNote } from "../../runtime/runs.ts";
import { keptRun } from "../kept-run.ts";
import { operatorAt } from "../operator.ts";
import { oneOf, textOption } from "../options.ts";
import { refuseUnwritable, writeOutput } from "../outputs.ts";
import { clean, cleanLines } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";
import { trustRoots } from "./verify.ts";

/** Options of `export`. */
export interface ExportCommandOptions {
  readonly format?: unknown;
  readonly out?: unknown;
  readonly stateDir?: unknown;
  readonly receiptDir?: unknown;
  /** Nodes whose values are disclosed. */
  readonly disclose?: readonly string[];
  /** Attach the documents to the bundle. */
  readonly documents?: unknown;
  /** Fingerprints that the report's verdict believes. */
  readonly trustRoot?: readonly string[];
}

/** Writes the export to standard output or a file. */
export async function exportCommand(terminal: Terminal, named: string, options: ExportCommandOptions): Promise<number> {
  const format = oneOf("--format", options.format ?? "json", exportFormats);
  const out = textOption("--out", options.out) ?? null;
  await refuseUnwritable(terminal, [["--out", out]]);
  const stateDir = textOption("--state-dir", options.stateDir);
  const operator = await operatorAt(terminal, terminal.cwd, stateDir === undefined ? {} : { stateDir });
  const source = await sourceOf(terminal, named, options, operator);
  const known = async (found: Parameters<typeof verifierKeys>[4]) => {
    const pins = pinsOf(operator.user);
    const keys = await verifierKeys(terminal.env, pins, trustRoots(options), [source.directory], found);
    if (keys.ok) return { keys: keys.keys, allowPseudo: false };
    throw new UsageError(keys.problem.code, keys.problem.message);
  };
  const own = await known([]);
  const made = await exportRun({
    ...source,
    disclose: options.disclose ?? [],
    documents: options.documents === true,
    keysWith: (found) => {
      for (const { kid, publicKey } of found) own.keys.add({ kid, publicKey, pinned: false });
      return own;
    },
    signer: () => receiptSettings({ ...source, named: true }, terminal.env, operator.principal).signer(),
  });
  if (!made.ok) throw new UsageError(made.problem.code, made.problem.message);
  const text = await exportText(made.value, format, await known(made.value.read.keys));
  for (const note of made.value.notes) terminal.err(`countersign: ${cleanLines(note)}\n`);
  if (out === null) {
    terminal.out(text);
    return 0;
  }
  const problem = await writeOutput(terminal, "--out", out, text);
  if (problem !== null) throw new UsageError("output.file", problem);
  const prints = made.value.read.envelope.signatures.map(({ keyid }) => keyid).join(", ");
  terminal.err(`wrote ${clean(out)}; signed by ${prints}\n`);
  return 0;
}

interface Source {
  readonly directory: string;
  readonly id: string | null;
  folderOf(runId: string): Promise<string | null>;
}

/** Where the receipts of what was named are, and which of them. */
async function sourceOf(
  terminal: Terminal,
  named: string,
  options: ExportCommandOptions,
  operator: Operator,
): Promise<Source> {
  const flag = textOption("--receipt-dir", options.receiptDir) ?? null;
  const id = fingerprintOf(named);
  const folderOf = (runId: string): Promise<string | null> => keptFolder(operator.stateDir, runId);
  if (id !== null) {
    const directory = receiptPlace(flag, terminal.env, operator, "skill", terminal.cwd)?.directory;
    if (directory !== undefined) return { directory, id, folderOf };
    throw new UsageError("receipts.directory", "nothing says where receipts are kept: pass --receipt-dir DIR");
  }
  const file = path.resolve(terminal.cwd, named);
  if ((await isFolder(file)) && !(await isRunFolder(file))) return { directory: file, id: null, folderOf };
  const { folder } = await keptRun(terminal, named, textOption("--state-dir", options.stateDir));
  const note = await sealedNote(folder);
  if (note === null) {
    const run = clean(path.basename(folder));
    throw new UsageError("export.unsealed", `run ${run} has no receipts: it waits, is running, or kept none`);
  }
  const directory = flag === null ? note.receipt_dir : path.resolve(terminal.cwd, flag);
  return { directory, id: note.root_receipt_id, folderOf: () => Promise.resolve(folder) };
}

async function keptFolder(stateDir: string | null, runId: string): Promise<string | null> {
  const folder = stateDir === null ? null : runFolder(stateDir, runId);
  return folder?.ok === true && (await isFolder(folder.value)) ? folder.value : null;
}

/** A run's folder is where a run's journal is. */
async function isRunFolder(folder: string): Promise<boolean> {
  return exists(path.join(folder, "journal.1.jsonl"));
}

async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (info) => info.isDirectory(),
    () => false,
  );
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
