/** What a run that has come to its end still has to write and print: files that were asked for, the outcome, what to do next. */
import path from "node:path";
import {
  exitCode,
  outcomeEnvelope,
  prettyEnvelope,
  recordEnvelope,
  traceEnvelope,
  type Cost,
} from "../engine/report.ts";
import type { Trace } from "../engine/trace.ts";
import { valueBytes } from "../graph/bytes.ts";
import type { Graph } from "../graph/model.ts";
import type { Value } from "../graph/value.ts";
import type { Executed, ExecuteResult } from "../runtime/execute.ts";
import type { Operator } from "../runtime/operator.ts";
import { writeOutput } from "./outputs.ts";
import { cleanLines } from "./render/text.ts";
import { tellSealing } from "./sealing.ts";
import type { Terminal } from "./terminal.ts";

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

/** The kind of a root node, for traces and progress. */
export function kindOf(graph: Graph): (node: string) => string {
  const kinds = new Map(graph.nodes.map((node) => [node.id, node.kind]));
  return (node) => kinds.get(node) ?? "";
}
