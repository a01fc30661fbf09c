/** The options of `countersign run`, and what they mean for a document. What is wrong with them is a usage error. */
import type { Flags } from "../config/settings.ts";
import { bytesValue } from "../graph/bytes.ts";
import type { Graph } from "../graph/model.ts";
import type { Value } from "../graph/value.ts";
import { newRunId } from "../runtime/execute.ts";
import { assumptionProblem, type Bundle } from "../runtime/graphs.ts";
import type { Operator } from "../runtime/operator.ts";
import { rehearsalFor, type Rehearsing } from "../runtime/rehearsal.ts";
import { defaultStart } from "../runtime/starting.ts";
import { readPayload, readRecord } from "./input.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** Options of `run` beside the settings. */
export interface RunCommandOptions {
  readonly flags: Flags;
  readonly trace?: string;
  readonly assume?: readonly string[];
  readonly mocks?: string;
  readonly fromRun?: string;
  readonly runId?: string;
  readonly sp?: boolean;
  readonly inputHex?: string;
  readonly inputAscii?: string;
  readonly out?: string;
  readonly frame?: string;
  readonly source?: string;
  readonly once?: boolean;
  /** Files of credentials for the document. */
  readonly approval?: readonly string[];
  /** The key that signs the start, and the file of its passphrase. */
  readonly key?: string;
  readonly passphraseFile?: string;
  /** Where receipts go (`--receipt-dir`). */
  readonly receiptDir?: string;
}

/** The start of the document, where nobody names one. */
export function startOf(graph: Graph): string | null {
  const chosen = defaultStart(graph);
  if (chosen.ok) return chosen.start;
  throw new UsageError("start", chosen.message);
}

/** A pipeline without an input takes record after record. */
export function isStream(graph: Graph, given: string | null, options: RunCommandOptions): boolean {
  const { inputHex, inputAscii, frame, source, once, sp } = options;
  const named = frame !== undefined || source !== undefined || once === true;
  if (graph.dialect !== "pipeline") {
    if (named) throw new UsageError("stream", "--frame, --source and --once are for pipelines");
    return false;
  }
  const single = [inputHex, inputAscii, given ?? undefined].some((one) => one !== undefined) || sp === true;
  if (single && named)
    throw new UsageError("stream", "--frame, --source and --once speak of many records, --sp and the inputs of one");
  return !single;
}

/** The payload that the flags give; bytes for a pipeline. */
export async function payload(
  terminal: Terminal,
  graph: Graph,
  given: string | null,
  options: RunCommandOptions,
): Promise<Value> {
  const { inputHex, inputAscii } = options;
  if (graph.dialect !== "pipeline") {
    if (inputHex !== undefined || inputAscii !== undefined)
      throw new UsageError("input", "--input-hex and --input-ascii are for pipelines; use --input");
    return readPayload(given ?? undefined, terminal);
  }
  const ways = [inputHex, inputAscii, given ?? undefined].filter((one) => one !== undefined);
  if (ways.length !== 1) {
    throw new UsageError("input", "--sp takes exactly one of --input-hex, --input-ascii and --input");
  }
  if (inputAscii !== undefined) return bytesValue(new TextEncoder().encode(inputAscii));
  if (inputHex !== undefined) {
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(inputHex))
      throw new UsageError("input", "--input-hex takes an even number of hexadecimal digits");
    return bytesValue(Uint8Array.from(Buffer.from(inputHex, "hex")));
  }
  return bytesValue(await readRecord(given as string, terminal));
}

/** The run's id: as it was given, or a new one. */
export function runIdFor(given: string | undefined, operator: Operator): string {
  const id = given ?? operator.runx.runId ?? newRunId();
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id))
    throw new UsageError("run_id", `--run-id takes 1 to 128 letters, digits, "_" and "-"`);
  return id;
}

/** Branches of a dry run (`--assume NODE=LABEL`), by node. */
export function assumptions(given: readonly string[], dryRun: boolean, bundle: Bundle): Record<string, string> {
  if (given.length > 0 && !dryRun)
    throw new UsageError("assume", "--assume chooses branches of a dry run; add --dry-run");
  const made: Record<string, string> = {};
  for (const one of given) {
    const at = one.indexOf("=");
    if (at < 1) throw new UsageError("assume", `--assume takes NODE=LABEL; got "${one}"`);
    const [id, label] = [one.slice(0, at), one.slice(at + 1)];
    const refused = assumptionProblem(bundle, id, label);
    if (refused !== null) throw new UsageError("assume", `--assume ${one}: ${refused}`);
    made[id] = label;
  }
  return made;
}

/** What answers the effects of a dry run (`--mocks`, `--from-run`). */
export async function rehearsal(
  terminal: Terminal,
  operator: Operator,
  options: RunCommandOptions,
  bundle: Bundle,
): Promise<Rehearsing> {
  const { mocks = null, fromRun = null } = options;
  if ((mocks !== null || fromRun !== null) && operator.settings.dryRun === "no")
    throw new UsageError("mocks", "--mocks and --from-run answer the effects of a dry run; add --dry-run");
  const made = await rehearsalFor({ mocks, fromRun, stateDir: operator.stateDir, cwd: terminal.cwd }, bundle);
  if ("code" in made) throw new UsageError(made.code, made.message);
  return made;
}
