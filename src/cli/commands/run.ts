/**
 * `countersign run FILE`: load, run, print the outcome (spec/workflow.md §14, §17; spec/runtime.md §9).
 *
 * Standard output holds the outcome JSON and nothing else; progress and messages go to standard error.
 */
import type { JournalEvent } from "../../effects/events.ts";
import { Cost } from "../../engine/report.ts";
import { Trace } from "../../engine/trace.ts";
import { isObject, object, toPrettyText } from "../../graph/value.ts";
import { checkLoaded } from "../../runtime/check.ts";
import { loadDocument } from "../../runtime/documents.ts";
import { execute } from "../../runtime/execute.ts";
import { rootGraph } from "../../runtime/graphs.ts";
import { readTransports } from "../../runtime/operator.ts";
import { documentAt } from "../../runtime/root.ts";
import { fanoutFor, timeoutFor, unverified, wantsSignature } from "../../runtime/starting.ts";
import { interruptible } from "../interrupt.ts";
import { operatorFor, refuseUnavailable } from "../operator.ts";
import { refuseUnwritable } from "../outputs.ts";
import { progressFor, silent } from "../progress.ts";
import { recordRefusedStart } from "../refused-start.ts";
import { printDiagnostics } from "../render/diagnostics.ts";
import { cleanLines } from "../render/text.ts";
import { kindOf, report, stateDirFlag } from "../report.ts";
import {
  assumptions,
  isStream,
  payload,
  rehearsal,
  runIdFor,
  startOf,
  type RunCommandOptions,
} from "../run-options.ts";
import { receiptsFor } from "../sealing.ts";
import { signing } from "../signing.ts";
import { styleFor, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";
import { streamCommand } from "./stream.ts";

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
