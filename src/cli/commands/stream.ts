/**
 * `countersign run spec.kv` without an input: the long-running path of a pipeline (spec/pipeline.md §1).
 *
 * Standard output holds the output records and nothing else, framed as the input; everything for people goes to
 * standard error. The first SIGINT or SIGTERM drains, the second cancels the record under way, the third ends at once.
 */
import path from "node:path";
import { exitCode } from "../../engine/report.ts";
import type { Graph } from "../../graph/model.ts";
import { newRunId } from "../../runtime/execute.ts";
import type { Bundle } from "../../runtime/graphs.ts";
import { readTransports, type Operator } from "../../runtime/operator.ts";
import { fanoutFor } from "../../runtime/starting.ts";
import { framed, framings, type Framing } from "../../runtime/stream/framing.ts";
import { preflight } from "../../runtime/stream/preflight.ts";
import { byteSource, folderSource, type RecordSource } from "../../runtime/stream/source.ts";
import { cancelledBy, stream, type StreamResult } from "../../runtime/stream/stream.ts";
import { recordRefusedStart } from "../refused-start.ts";
import { cleanLines } from "../render/text.ts";
import { receiptsFor, tellSealing } from "../sealing.ts";
import { signing, type SigningOptions } from "../signing.ts";
import { styleFor, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `run` that speak of streams. */
export interface StreamCommandOptions extends SigningOptions {
  readonly frame?: string;
  readonly source?: string;
  readonly once?: boolean;
  readonly runId?: string;
  readonly trace?: string;
  readonly out?: string;
  readonly mocks?: string;
  readonly fromRun?: string;
  readonly receiptDir?: string;
}

/** What `run` has found out already. */
export interface StreamStart {
  readonly bundle: Bundle;
  readonly graph: Graph;
  readonly operator: Operator;
  readonly stateDirFlag: string;
}

/** Works off records until the source ends, a record does not complete, or somebody stops it. */
export async function streamCommand(
  terminal: Terminal,
  { bundle, graph, operator, stateDirFlag }: StreamStart,
  options: StreamCommandOptions,
): Promise<number> {
  refuseSingle(options, operator);
  const { settings } = operator;
  const framing = framingOf(options.frame);
  const source = sourceOf(terminal, options, framing);
  const governance = operator.governance("run", graph.dialect);
  const { environment } = governance.posture;
  const about = { document: graph.file, run: options.runId ?? null, environment };
  if (settings.dryRun === "no") {
    const refused = await preflight(bundle, governance, terminal.cwd);
    if (refused !== null) {
      await recordRefusedStart(terminal, operator, { ...about, code: refused.code, message: refused.reason });
      terminal.err(`countersign: ${cleanLines(refused.reason)}; no record was read [${refused.code}]\n`);
      return refused.needsApproval ? 6 : 5;
    }
  }
  const transports = await readTransports(settings, terminal.env, terminal.cwd);
  if ("code" in transports) throw new UsageError(transports.code, transports.message);
  const style = styleFor(terminal);
  if (options.source === undefined && terminal.interactive.input && !settings.quiet)
    terminal.err(style.dim("reading records from standard input, one a line; Ctrl-D ends\n"));
  const drain = new AbortController();
  const cancel = new AbortController();
  const release = onSignals(terminal, drain, cancel);
  const counter = progress(terminal, settings.quiet);
  const sealing = receiptsFor(terminal, operator, graph.dialect, options.receiptDir);
  const streamed = await stream(bundle, {
    cwd: terminal.cwd,
    env: terminal.env,
    governance,
    stageDefaults: operator.stages,
    workspace: operator.runx.cwd,
    transports,
    mcpStdio: settings.mcpStdio,
    timeoutMs: settings.timeoutSecs * 1000,
    rehearsal: null,
    dryRun: settings.dryRun !== "no",
    runId: runIdOf(options.runId, operator),
    stateDir: operator.stateDir,
    start: null,
    options: {
      dryRun: settings.dryRun,
      replay: false,
      assume: {},
      // A record waits for nobody: what is behind it would wait too.
      canPause: false,
      timeoutMs: settings.timeoutSecs * 1000,
      maxFanout: fanoutFor(graph, operator.runx.maxFanout),
    },
    principal: operator.principal,
    receipts: sealing,
    ...(await signing(terminal, operator, graph.file, governance.posture.environment, options)),
    source,
    drain: drain.signal,
    cancel: cancel.signal,
    write: (outputs) => terminal.outBytes(Buffer.concat(outputs.map((output) => framed(output, framing)))),
    onProgress: counter.at,
  });
  release();
  counter.end();
  terminal.closeInput();
  if (!streamed.ok) {
    const { code, message } = streamed.problem;
    await recordRefusedStart(terminal, operator, { ...about, code, message });
    terminal.err(`countersign: ${cleanLines(streamed.problem.message)} [${streamed.problem.code}]\n`);
    return streamed.problem.exit;
  }
  tell(terminal, streamed.stream, settings.quiet, stateDirFlag);
  const { outcome, receipts, runId } = streamed.stream;
  const unsealed = tellSealing(terminal, receipts, { runId, quiet: settings.quiet, named: sealing?.named === true });
  const code = exitCode(outcome);
  return code === 0 && unsealed ? 2 : code;
}

function refuseSingle(options: StreamCommandOptions, operator: Operator): void {
  const single: readonly (readonly [boolean, string])[] = [
    [options.trace !== undefined, "--trace"],
    [options.out !== undefined, "--out"],
    [operator.settings.record !== null, "--record"],
    [options.mocks !== undefined, "--mocks"],
    [options.fromRun !== undefined, "--from-run"],
  ];
  const flag = single.find(([given]) => given)?.[1];
  if (flag !== undefined)
    throw new UsageError("stream", `${flag} speaks of one record; add --input, --input-ascii or --input-hex`);
}

function framingOf(given: string | undefined): Framing {
  const found = framings.find((one) => one === (given ?? "lines"));
  if (found !== undefined) return found;
  throw new UsageError("frame", `--frame takes ${framings.join(" or ")}; got "${given ?? ""}"`);
}

function sourceOf(terminal: Terminal, options: StreamCommandOptions, framing: Framing): RecordSource {
  const { source, once = false } = options;
  if (source === undefined) {
    if (once) throw new UsageError("once", "--once goes with --source=dir:PATH; standard input ends by itself");
    return byteSource(terminal.inputChunks(), framing);
  }
  const folder = source.startsWith("dir:") ? source.slice("dir:".length) : "";
  if (folder === "") throw new UsageError("source", `--source takes dir:PATH; got "${source}"`);
  return folderSource(path.resolve(terminal.cwd, folder), { once });
}

function runIdOf(given: string | undefined, operator: Operator): string {
  const id = given ?? operator.runx.runId ?? newRunId();
  if (/^[A-Za-z0-9_-]{1,128}$/.test(id)) return id;
  throw new UsageError("run_id", `--run-id takes 1 to 128 letters, digits, "_" and "-"`);
}

function onSignals(terminal: Terminal, drain: AbortController, cancel: AbortController): () => void {
  let count = 0;
  return terminal.onInterrupt((signal) => {
    count++;
    if (count === 1) {
      terminal.err("draining: records that were read are worked off; again cancels the one under way\n");
      drain.abort();
    } else if (count === 2) {
      terminal.err("cancelling; again ends at once\n");
      cancel.abort(cancelledBy(signal));
    } else process.exit(signal === "SIGTERM" ? 143 : 130);
  });
}

/** A counter on a terminal, a few times a second at most. */
function progress(
  terminal: Terminal,
  quiet: boolean,
): { readonly at: (records: number) => void; readonly end: () => void } {
  const shown = terminal.interactive.output && !quiet;
  let last = 0;
  return {
    at(records) {
      if (!shown || Date.now() - last < 200) return;
      last = Date.now();
      terminal.err(`\r${records.toLocaleString("en-US")} records`);
    },
    end() {
      if (shown && last > 0) terminal.err("\r\u001b[K");
    },
  };
}

function tell(terminal: Terminal, result: StreamResult, quiet: boolean, flag: string): void {
  const { outcome, records } = result;
  if (outcome.status === "failed") {
    const code = outcome.error?.class ?? "failed";
    terminal.err(`countersign: ${cleanLines(result.mask(outcome.reason))} [${code}]\n`);
  }
  if (quiet && outcome.status === "completed") return;
  terminal.err(`${records.toLocaleString("en-US")} ${records === 1 ? "record" : "records"} completed\n`);
  if (result.folder !== null)
    terminal.err(`journal: ${result.folder}\ninspect: countersign inspect ${result.runId}${flag}\n`);
}
