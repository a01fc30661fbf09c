/**
 * `countersign run FILE`: load, run, print the outcome (spec/workflow.md §14, §17; spec/runtime.md §9).
 *
 * Standard output holds the outcome JSON and nothing else; progress and messages go to standard error.
 */
import path from "node:path";
import type { Flags } from "../../config/settings.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { Cost, exitCode, outcomeEnvelope, prettyEnvelope, recordEnvelope, traceEnvelope } from "../../engine/report.ts";
import type { Interruption } from "../../engine/runner.ts";
import { Trace } from "../../engine/trace.ts";
import { bytesValue, valueBytes } from "../../graph/bytes.ts";
import type { Graph } from "../../graph/model.ts";
import { isObject, object, toPrettyText, type Value } from "../../graph/value.ts";
import { checkLoaded } from "../../runtime/check.ts";
import { execute, newRunId, type Executed, type ExecuteResult } from "../../runtime/execute.ts";
import { loadDocument } from "../../runtime/documents.ts";
import { rehearsalFor, type Rehearsing } from "../../runtime/rehearsal.ts";
import { documentAt } from "../../runtime/root.ts";
import { readOperator, readTransports, type Operator } from "../../runtime/operator.ts";
import {
  defaultStart,
  fanoutFor,
  timeoutFor,
  unavailableSetting,
  unverified,
  wantsSignature,
} from "../../runtime/starting.ts";
import { assumptionProblem, rootGraph, type Bundle } from "../../runtime/graphs.ts";
import { readPayload, readRecord } from "../input.ts";
import { recordRefusedStart } from "../refused-start.ts";
import { refuseUnwritable, writeOutput } from "../outputs.ts";
import { signing } from "../signing.ts";
import { progressFor, silent } from "../progress.ts";
import { printDiagnostics } from "../render/diagnostics.ts";
import { cleanLines } from "../render/text.ts";
import { styleFor, type Terminal } from "../terminal.ts";
import { receiptsFor, tellSealing } from "../sealing.ts";
import { UsageError } from "../usage.ts";
import { streamCommand } from "./stream.ts";

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

/** Runs a document. */
export async function runCommand(terminal: Terminal, named: string, options: RunCommandOptions): Promise<number> {
  const file = await documentAt(named, terminal.cwd);
  const operator = await operatorFor(terminal, file, options.flags);
  const { settings } = operator;
  refuseUnavailable(operator);
  const loaded = await loadDocument(file, terminal.cwd);
  const refused = { document: file, run: options.runId ?? null, environment: settings.environment };
  if (!loaded.ok) {
    const { message, problem, diagnostics } = loaded;
    const why = { code: `document.${problem}`, message: diagnostics[0]?.message ?? message };
    if (problem !== "read") await recordRefusedStart(terminal, operator, { ...refused, ...why });
    return refuse(terminal, file, loaded);
  }
  const graph = rootGraph(loaded.bundle);
  if (wantsSignature(graph)) {
    const why = { code: "signing.unavailable", message: unverified };
    await recordRefusedStart(terminal, operator, { ...refused, ...why });
    terminal.err(`countersign: ${unverified}; it was not run [signing.unavailable]\n`);
    return 5;
  }
  if (isStream(graph, settings.input, options)) {
    const flag = stateDirFlag(terminal, operator);
    return streamCommand(terminal, { bundle: loaded.bundle, graph, operator, stateDirFlag: flag }, options);
  }
  const input = await payload(terminal, graph, settings.input, options);
  const warnings = await checkLoaded(loaded.bundle, operator);
  const transports = await readTransports(settings, terminal.env, terminal.cwd);
  if ("code" in transports) throw new UsageError(transports.code, transports.message);
  const start = settings.start ?? startOf(graph);
  await refuseUnwritable(terminal, [
    ["--trace", options.trace],
    ["--record", settings.record],
    ["--out", options.out],
  ]);
  const style = styleFor(terminal);
  const trace = new Trace();
  const cost = new Cost();
  const progress = settings.quiet ? silent : progressFor(terminal, style, kindOf(graph), settings.dryRun !== "no");
  const control = interruptible(terminal, operator.stateDir !== null);
  const began = Date.now();
  const governance = operator.governance("run", graph.dialect);
  const runId = runIdFor(options.runId, operator);
  if (!settings.quiet && isObject(graph.operation.logging))
    terminal.err(
      `${style.yellow("!")} [logging] has no effect: this version writes no logs, the journal holds every event\n`,
    );
  if (!settings.quiet && warnings > 0)
    terminal.err(
      `${style.yellow("!")} ${warnings} ${warnings === 1 ? "warning" : "warnings"}; see: countersign validate ${file}\n`,
    );
  const receipts = receiptsFor(terminal, operator, graph.dialect, options.receiptDir);
  const executed = await execute(loaded.bundle, {
    cwd: terminal.cwd,
    env: terminal.env,
    governance,
    stageDefaults: operator.stages,
    workspace: operator.runx.cwd,
    transports,
    mcpStdio: settings.mcpStdio,
    timeoutMs: settings.timeoutSecs * 1000,
    ...(await rehearsal(terminal, operator, options, loaded.bundle)),
    dryRun: settings.dryRun !== "no",
    runId,
    stateDir: operator.stateDir,
    start,
    triggerKind: "manual",
    input,
    options: {
      dryRun: settings.dryRun,
      replay: false,
      assume: assumptions(options.assume ?? [], settings.dryRun !== "no", loaded.bundle),
      canPause: operator.stateDir !== null,
      timeoutMs: timeoutFor(graph, settings.timeoutSecs),
      maxFanout: fanoutFor(graph, operator.runx.maxFanout),
    },
    principal: operator.principal,
    ...(await signing(terminal, operator, file, governance.posture.environment, options)),
    receipts,
    control,
    onEvent: (event: JournalEvent) => {
      trace.add(event);
      cost.add(event);
      progress.event(event);
    },
  });
  control.release();
  progress.end();
  if (!executed.ok) {
    const { code, message } = executed.problem;
    const { environment } = governance.posture;
    await recordRefusedStart(terminal, operator, { document: file, run: runId, environment, code, message });
  }
  if (executed.ok && executed.run.outcome.status === "paused") trace.pause(executed.run.result.state.at);
  return report(terminal, executed, {
    file,
    graph,
    start,
    trace,
    cost,
    wallMs: Date.now() - began,
    trace_file: options.trace,
    record: settings.record,
    out: options.out,
    stateDir: operator.stateDir,
    stateDirFlag: stateDirFlag(terminal, operator),
    quiet: settings.quiet,
    receiptsNamed: receipts?.named === true,
  });
}

/** What a finished command still has to write and print. */
export interface Report {
  readonly file: string;
  readonly graph: Graph;
  readonly start: string | null;
  readonly trace: Trace;
  readonly cost: Cost;
  readonly wallMs: number;
  readonly trace_file: string | undefined;
  readonly record: string | null;
  readonly out: string | undefined;
  readonly stateDir: string | null;
  /** What a next command needs to find the run: ` --state-dir DIR`, or nothing where it is found anyway. */
  readonly stateDirFlag: string;
  /** Only what a person must know is said. */
  readonly quiet: boolean;
  /** Somebody named the directory of receipts. */
  readonly receiptsNamed: boolean;
}

/** Prints an outcome, writes the files that were asked for, and gives the exit code. */
export async function report(terminal: Terminal, executed: Executed, about: Report): Promise<number> {
  if (!executed.ok) {
    const { message, code, exit, failure } = executed.problem;
    terminal.err(`countersign: ${cleanLines(message)} [${code}]\n`);
    if (failure !== undefined) {
      const outcome = outcomeEnvelope({ status: "failed", reason: message, error: failure, lastNode: null });
      terminal.out(`${prettyEnvelope(outcome)}\n`);
    }
    return exit;
  }
  const { run } = executed;
  const { outcome } = run;
  const kind = kindOf(about.graph);
  const problems: (string | null)[] = [];
  if (about.trace_file !== undefined) {
    const text = run.mask(prettyEnvelope(traceEnvelope(about.trace.entries, kind)));
    problems.push(await writeOutput(terminal, "--trace", about.trace_file, `${text}\n`));
  }
  if (about.record !== null) {
    const head = { workflow: about.graph.name, start: about.start, runId: run.runId, wallMs: about.wallMs };
    const text = run.mask(prettyEnvelope(recordEnvelope(head, outcome, about.cost, about.trace.entries, kind)));
    const problem = await writeOutput(terminal, "--record", about.record, `${text}\n`);
    problems.push(problem);
    if (problem === null) terminal.err(`run record written to ${about.record}\n`);
  }
  if (about.out !== undefined && outcome.status === "completed") {
    problems.push(await writeOutput(terminal, "--out", about.out, maskedBytes(run, outcome.finalValue)));
  }
  terminal.out(`${run.mask(prettyEnvelope(outcomeEnvelope(outcome)))}\n`);
  explain(terminal, run, about);
  const unsealed = tellSealing(terminal, run.receipts, {
    runId: run.runId,
    quiet: about.quiet,
    named: about.receiptsNamed,
  });
  const unwritten = problems.filter((one) => one !== null);
  for (const one of unwritten) terminal.err(`countersign: ${cleanLines(one)} [output.file]\n`);
  const code = exitCode(outcome);
  return code === 0 && (unwritten.length > 0 || unsealed) ? 2 : code;
}

/** The bytes of the final value, without the secrets that it holds as text; other bytes stay as they are. */
function maskedBytes(run: ExecuteResult, value: Value): Uint8Array {
  const bytes = valueBytes(value);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const masked = run.mask(text);
  return masked === text ? bytes : new TextEncoder().encode(masked);
}

/** What to do next, for a person; standard error only. */
function explain(terminal: Terminal, run: ExecuteResult, about: Report): void {
  const { outcome } = run;
  if (outcome.status === "failed" && outcome.error !== undefined)
    terminal.err(`countersign: ${cleanLines(run.mask(outcome.reason))}\n`);
  if (run.folder === null || about.stateDir === null) return;
  const flag = about.stateDirFlag;
  if (outcome.status === "paused") {
    terminal.err(`paused: what it asks   countersign approvals show ${run.runId}${flag}\n`);
    terminal.err(`paused: answer with   countersign resume ${run.runId}${flag}\n`);
  } else if (run.result.interrupted) terminal.err(`stopped: go on with   countersign resume ${run.runId}${flag}\n`);
  if (run.result.journalFailure !== null)
    terminal.err(`the journal could not be written any more; what it holds is in ${run.folder}\n`);
  else if (!about.quiet) terminal.err(`journal: ${run.folder}\ninspect: countersign inspect ${run.runId}${flag}\n`);
}

/** The flag that names the state directory, unless a variable or a `countersign.toml` above does. */
export function stateDirFlag(terminal: Terminal, operator: Operator): string {
  const { stateDir, settings, workspace } = operator;
  if (stateDir === null) return "";
  const byVariable = ["COUNTERSIGN_STATE_DIR", "AGENTD_STATE_DIR"].some((name) => terminal.env[name] === stateDir);
  const above = workspace === null ? null : path.relative(path.dirname(workspace.file), terminal.cwd);
  const byFile = settings.stateDir === null && above !== null && !above.startsWith("..") && !path.isAbsolute(above);
  return byVariable || byFile ? "" : ` --state-dir ${shellWord(path.relative(terminal.cwd, stateDir) || ".")}`;
}

/** A word as a shell takes it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Flags, variables and configuration for a document; all problems are one usage error. */
export async function operatorFor(terminal: Terminal, file: string, flags: Flags): Promise<Operator> {
  const folder = path.dirname(path.resolve(terminal.cwd, file));
  const read = await readOperator({ flags, env: terminal.env, cwd: terminal.cwd, folder });
  if (read.ok) return read.operator;
  throw new UsageError(read.problems[0]?.code ?? "config", read.problems.map((one) => one.message).join("\n"));
}

/** Settings that this version takes but cannot carry out are refused, not ignored. */
export function refuseUnavailable(operator: Operator): void {
  const found = unavailableSetting(operator.settings);
  if (found !== null) throw new UsageError("not_available", found);
}

async function refuse(
  terminal: Terminal,
  file: string,
  loaded: {
    readonly problem: "read" | "parse" | "invalid";
    readonly message: string;
    readonly diagnostics: readonly Parameters<typeof printDiagnostics>[1][number][];
    readonly name?: string;
  },
): Promise<number> {
  if (loaded.diagnostics.length === 0) terminal.err(`countersign: ${cleanLines(loaded.message)}\n`);
  else await printDiagnostics(terminal, loaded.diagnostics, file);
  if (loaded.problem !== "invalid") return 2;
  // Standard output of a run that was refused (spec/workflow.md §3); errors only, as the reference has no warnings.
  const issues = loaded.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ code, message }) => object({ code, message }));
  terminal.out(`${toPrettyText(object({ issues, ok: false, workflow: loaded.name ?? "" }))}\n`);
  return 5;
}

function startOf(graph: Graph): string | null {
  const chosen = defaultStart(graph);
  if (chosen.ok) return chosen.start;
  throw new UsageError("start", chosen.message);
}

/** A pipeline without an input takes record after record. */
function isStream(graph: Graph, given: string | null, options: RunCommandOptions): boolean {
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

async function payload(
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

function runIdFor(given: string | undefined, operator: Operator): string {
  const id = given ?? operator.runx.runId ?? newRunId();
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id))
    throw new UsageError("run_id", `--run-id takes 1 to 128 letters, digits, "_" and "-"`);
  return id;
}

function assumptions(given: readonly string[], dryRun: boolean, bundle: Bundle): Record<string, string> {
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

async function rehearsal(
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

/** The kind of a root node, for traces and progress. */
export function kindOf(graph: Graph): (node: string) => string {
  const kinds = new Map(graph.nodes.map((node) => [node.id, node.kind]));
  return (node) => kinds.get(node) ?? "";
}

/** Ctrl-C stops a kept run so that it can be resumed, and cancels any other; a second one ends the process. */
export function interruptible(terminal: Terminal, kept: boolean): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let count = 0;
  const release = terminal.onInterrupt((signal) => {
    if (++count > 1) process.exit(signal === "SIGTERM" ? 143 : 130);
    const why: Interruption = { how: kept ? "stop" : "cancel", by: signal, reason: null };
    terminal.err(
      kept
        ? "stopping at the next safe point; press again to end at once\n"
        : "cancelling; press again to end at once\n",
    );
    controller.abort(why);
  });
  return { signal: controller.signal, release };
}
