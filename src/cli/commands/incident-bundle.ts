/**
 * `countersign incident-bundle RUN|FILE`: everything about one run, or one document, in a folder or a `.tar.gz` that
 * somebody else can check and replay (spec/pipeline.md §7). Exit code 0; 2 when there is no such run or file or the
 * place is taken, 5 when something of it is damaged or a secret would leave.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import {
  incidentOfDocument,
  incidentOfRun,
  isArchiveName,
  runOnDisk,
  thisProcess,
  writeBundle,
  type Incident,
  type IncidentSettings,
  type OpsResult,
} from "../../runtime/ops/index.ts";
import { redactingKey } from "../../runtime/kept-runs/export.ts";
import { documentAt } from "../../runtime/root.ts";
import { receiptsOfRun } from "../../runtime/ops/receipts.ts";
import { keptRun, looksLikePath, type KeptRun } from "../kept-run.ts";
import { manifestSigner } from "../manifest-keys.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { refuseOps } from "../render/ops.ts";
import { clean, cleanLines, count } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `incident-bundle`. */
export interface IncidentBundleOptions {
  readonly stateDir?: unknown;
  /** `x.tar.gz`, `x.tgz`, or a folder that is not there yet. */
  readonly out?: unknown;
  /** Name of the key that signs the manifest. */
  readonly key?: unknown;
  readonly passphraseFile?: unknown;
  readonly unsigned?: unknown;
  readonly environment?: unknown;
  readonly json?: unknown;
}

/** Makes the bundle and says where it is. `argv`: the process's arguments, told in the bundle as far as they may be. */
export async function incidentBundleCommand(
  terminal: Terminal,
  named: string,
  options: IncidentBundleOptions = {},
  argv: readonly string[] = [],
): Promise<number> {
  const given = textOption("--out", options.out);
  const stateDir = textOption("--state-dir", options.stateDir);
  const environment = textOption("--environment", options.environment);
  const run = await runNamed(terminal, named, stateDir);
  const file = run === null ? await documentAt(named, terminal.cwd) : null;
  const folder = file === null ? terminal.cwd : path.dirname(path.resolve(terminal.cwd, file));
  const operator = await operatorAt(terminal, folder, environment === undefined ? {} : { environment });
  const kid = textOption("--key", options.key) ?? null;
  const passphraseFile = textOption("--passphrase-file", options.passphraseFile) ?? null;
  if (options.unsigned === true && kid !== null)
    throw new UsageError("option", "--unsigned and --key exclude each other");
  const settings: IncidentSettings = {
    operator,
    cwd: terminal.cwd,
    process: await thisProcess({ cwd: terminal.cwd, args: argv, env: terminal.env }),
    key: await redactingKey(run === null ? null : run.stateDir),
    signer: options.unsigned === true ? null : await manifestSigner(terminal, { kid, passphraseFile }),
    receipts: run === null ? { files: new Map(), notes: [] } : await receiptsOfRun(run.folder),
  };
  const made = run === null ? await incidentOfDocument(file ?? named, settings) : await ofRun(run, settings);
  if (!made.ok) return refuseOps(terminal, made.problem);
  const name = run === null ? path.basename(file ?? named).replace(/[^A-Za-z0-9_-]+/g, "-") : path.basename(run.folder);
  const place = path.resolve(terminal.cwd, given ?? `incident-${name}.tar.gz`);
  const written = await writeBundle(made.value.files, place);
  if (!written.ok) return refuseOps(terminal, written.problem);
  tell(terminal, place, made.value, options.json === true);
  return 0;
}

function ofRun(run: KeptRun, settings: IncidentSettings): Promise<OpsResult<Incident>> {
  const source = runOnDisk(run.folder);
  return source.ok ? incidentOfRun(source.value, settings) : Promise.resolve(source);
}

/** The run of that name; null when it is the name of a document. */
async function runNamed(terminal: Terminal, named: string, stateDir: string | undefined): Promise<KeptRun | null> {
  const place = path.resolve(terminal.cwd, named);
  const info = await stat(place).catch(() => null);
  if (info === null) return looksLikePath(named) || /[.#]/.test(named) ? null : keptRun(terminal, named, stateDir);
  if (!info.isDirectory()) return null;
  const isRun = await stat(path.join(place, "journal.1.jsonl")).then(
    () => true,
    () => false,
  );
  return isRun ? keptRun(terminal, `${place}${path.sep}`, stateDir) : null;
}

function tell(terminal: Terminal, place: string, { files, signed, notes }: Incident, json: boolean): void {
  const bytes = [...files.values()].reduce((sum, one) => sum + one.length, 0);
  if (json) {
    const made = { bundle: place, packed: isArchiveName(place), files: files.size, bytes, signed, notes };
    terminal.out(`${JSON.stringify(made, null, 2)}\n`);
    return;
  }
  terminal.out(`${clean(place)}\n`);
  terminal.err(`${count(files.size, "file")}, ${bytes} bytes, ${signed ? "signed" : "not signed"}\n`);
  for (const note of notes) terminal.err(`note: ${cleanLines(note)}\n`);
}
