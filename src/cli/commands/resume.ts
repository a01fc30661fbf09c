/**
 * `countersign resume RUN_ID`: answer what a run waits for and let it go on (spec/workflow.md §16 with Decision D16,
 * spec/runtime.md §4, §7).
 *
 * Nothing is approved by default: without a terminal the answer must be a flag. What policy stopped, and everything in
 * staging and prod, needs signed approvals: those in the run's folder, and those that `--approval` brings.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Flags } from "../../config/settings.ts";
import type { ApprovalRequest } from "../../effects/events.ts";
import { Cost } from "../../engine/report.ts";
import type { RunState } from "../../engine/state.ts";
import { Trace } from "../../engine/trace.ts";
import { parseJson } from "../../graph/json.ts";
import { isObject, member, toPrettyText, toText, type Value } from "../../graph/value.ts";
import { saysHappened } from "../../engine/doubt.ts";
import { readCredentialFile } from "../../runtime/approvals/given.ts";
import { unsignedProblem } from "../../runtime/approvals/resuming.ts";
import { loadDocument } from "../../runtime/documents.ts";
import { listRuns, readRecorded, resume, type Answer, type StartProblem } from "../../runtime/execute.ts";
import { rootGraph } from "../../runtime/graphs.ts";
import { readTransports, type Operator } from "../../runtime/operator.ts";
import { documentAt } from "../../runtime/root.ts";
import { signing } from "../signing.ts";
import { progressFor, silent } from "../progress.ts";
import { recordRefusedStart } from "../refused-start.ts";
import { refuseUnwritable } from "../outputs.ts";
import { clean, cleanLines } from "../render/text.ts";
import { styleFor, type Terminal } from "../terminal.ts";
import { receiptsFor } from "../sealing.ts";
import { UsageError } from "../usage.ts";
import { interruptible } from "../interrupt.ts";
import { operatorFor, refuseUnavailable } from "../operator.ts";
import { kindOf, report, stateDirFlag } from "../report.ts";

/** Options of `resume` beside the settings. */
export interface ResumeCommandOptions {
  readonly flags: Flags;
  readonly approve?: boolean;
  readonly deny?: boolean;
  readonly reason?: string;
  readonly answers?: string;
  /** The document's file, when it has been edited. */
  readonly file?: string;
  readonly allowChanged?: boolean;
  readonly takeOver?: boolean;
  /** Every interrupted run, of the document in `file` when one is named. */
  readonly incomplete?: boolean;
  readonly trace?: string;
  /** Files of signed approvals. */
  readonly approval?: readonly string[];
  /** Where receipts go (`--receipt-dir`). */
  readonly receiptDir?: string;
}

/** Resumes the named run, the newest resumable one for `last`, or with `--incomplete` every interrupted one. */
export async function resumeCommand(
  terminal: Terminal,
  named: string | undefined,
  options: ResumeCommandOptions,
): Promise<number> {
  if (options.approve === true && options.deny === true)
    throw new UsageError("answer", "--approve and --deny contradict each other");
  const operator = await operatorFor(terminal, options.file ?? "countersign.toml", options.flags);
  refuseUnavailable(operator);
  const { stateDir } = operator;
  if (stateDir === null) throw new UsageError("state_dir", "resume needs --state-dir (where the run is kept)");
  if (options.incomplete === true) return resumeIncomplete(terminal, stateDir, options, operator);
  if (named === undefined)
    throw new UsageError("run_id", "which run? countersign runs lists them; `last` is the newest");
  const runId = named === "last" ? await newest(stateDir) : named;
  return resumeOne(terminal, runId, stateDir, options, operator);
}

async function newest(stateDir: string): Promise<string> {
  const listed = await listRuns(stateDir);
  if (!listed.ok) throw new UsageError(listed.problem.code, listed.problem.message);
  const run = listed.value.find((one) => one.status === "paused" || one.status === "interrupted");
  if (run === undefined) throw new UsageError("run_id", `no run in ${stateDir} is paused or interrupted`);
  return run.id;
}

/** Every interrupted run, in the order of their ids; the last exit code that is not 0 (spec/workflow.md §16). */
async function resumeIncomplete(
  terminal: Terminal,
  stateDir: string,
  options: ResumeCommandOptions,
  operator: Operator,
): Promise<number> {
  const listed = await listRuns(stateDir);
  if (!listed.ok) throw new UsageError(listed.problem.code, listed.problem.message);
  const workflow = options.file === undefined ? null : await workflowName(terminal, options.file);
  const wanted = listed.value.filter(
    (run) => run.status === "interrupted" && (workflow === null || run.workflow === workflow),
  );
  const ids = wanted.map((run) => run.id).sort();
  if (ids.length === 0) {
    terminal.err(`no recoverable runs${workflow === null ? "" : ` for workflow \`${workflow}\``} in ${stateDir}\n`);
  }
  let code = 0;
  for (const id of ids) {
    const one = await resumeOne(terminal, id, stateDir, options, operator);
    if (one !== 0) code = one;
  }
  return code;
}

async function workflowName(terminal: Terminal, file: string): Promise<string> {
  const loaded = await loadDocument(await documentAt(file, terminal.cwd), terminal.cwd);
  if (loaded.ok) return rootGraph(loaded.bundle).name;
  throw new UsageError(`document.${loaded.problem}`, `${file}: ${loaded.message}`);
}

async function resumeOne(
  terminal: Terminal,
  runId: string,
  stateDir: string,
  options: ResumeCommandOptions,
  operator: Operator,
): Promise<number> {
  const trace = new Trace();
  const cost = new Cost();
  const recorded = await readRecorded(stateDir, runId, terminal.cwd, (event) => {
    trace.add(event);
    cost.add(event);
  });
  if (!recorded.ok) return failed(terminal, recorded.problem);
  const { bundle, state } = recorded.run;
  const dryRun = state.started?.options.dryRun !== "no";
  const graph = rootGraph(bundle);
  // The configuration beside the document speaks of its runs, wherever they are resumed from.
  const own = await operatorFor(terminal, bundle.root, options.flags);
  const { settings } = own;
  const changed = await changedBundle(terminal, options, bundle.digest, graph.name);
  if (changed !== null && "exit" in changed) return failed(terminal, changed);
  const transports = await readTransports(settings, terminal.env, terminal.cwd);
  if ("code" in transports) throw new UsageError(transports.code, transports.message);
  await refuseUnwritable(terminal, [
    ["--trace", options.trace],
    ["--record", settings.record],
  ]);
  const style = styleFor(terminal);
  const progress = settings.quiet ? silent : progressFor(terminal, style, kindOf(graph), dryRun);
  const control = interruptible(terminal, true);
  const began = Date.now();
  const governance = own.governance("run", graph.dialect, state.started ?? undefined);
  const credentials = await credentialsFrom(terminal, options.approval ?? []);
  const receipts = receiptsFor(terminal, own, graph.dialect, options.receiptDir);
  const executed = await resume({
    cwd: terminal.cwd,
    env: terminal.env,
    governance,
    stageDefaults: own.stages,
    workspace: own.runx.cwd,
    transports,
    mcpStdio: settings.mcpStdio,
    timeoutMs: settings.timeoutSecs * 1000,
    rehearsal: null,
    dryRun,
    runId,
    stateDir,
    principal: own.principal,
    ...(await signing(terminal, { ...own, stateDir }, bundle.root, governance.posture.environment, {}, dryRun)),
    credentials,
    receipts,
    takeOver: options.takeOver === true,
    changed,
    control,
    answers: (asked) => answersFor(terminal, runId, asked, options, own),
    onEvent: (event) => {
      trace.add(event);
      cost.add(event);
      progress.event(event);
    },
  });
  control.release();
  progress.end();
  const start = recorded.run.state.started?.start ?? null;
  if (!executed.ok) {
    const { code, message } = executed.problem;
    const environment = state.started?.environment ?? null;
    const refused = { document: graph.file, run: runId, environment, code, message };
    await recordRefusedStart(terminal, { ...own, stateDir }, refused, dryRun);
  }
  return report(terminal, executed, {
    file: graph.file,
    graph,
    start,
    trace,
    cost,
    wallMs: Date.now() - began,
    trace_file: options.trace,
    record: settings.record,
    out: undefined,
    stateDir,
    stateDirFlag: stateDirFlag(terminal, operator),
    quiet: settings.quiet,
    receiptsNamed: receipts?.named === true,
  });
}

function failed(terminal: Terminal, problem: StartProblem): number {
  terminal.err(`countersign: ${cleanLines(problem.message)} [${problem.code}]\n`);
  return problem.exit;
}

/** The edited document, when it may replace the pinned one; null when it is the same or none was named (§16, D16). */
async function changedBundle(
  terminal: Terminal,
  options: ResumeCommandOptions,
  pinned: string,
  name: string,
): Promise<Parameters<typeof resume>[0]["changed"] | StartProblem> {
  if (options.file === undefined) return null;
  const loaded = await loadDocument(await documentAt(options.file, terminal.cwd), terminal.cwd);
  if (!loaded.ok) throw new UsageError(`document.${loaded.problem}`, `${options.file}: ${loaded.message}`);
  if (loaded.bundle.digest === pinned) return null;
  const other = rootGraph(loaded.bundle).name;
  if (other !== name) {
    const message = `workflow \`${other}\`: checkpoint is for workflow \`${name}\`, not \`${other}\``;
    return { exit: 5, code: "document.name", message };
  }
  if (options.allowChanged === true) return loaded.bundle;
  throw new UsageError(
    "document.changed",
    `${options.file} has changed since the run started; --allow-changed goes on with it, leaving the file out goes on with what was pinned`,
  );
}

/** The files of `--approval`, as they are. */
async function credentialsFrom(
  terminal: Terminal,
  files: readonly string[],
): Promise<readonly { readonly source: string; readonly text: string }[]> {
  const found: { source: string; text: string }[] = [];
  for (const file of files) {
    const read = await readCredentialFile(path.resolve(terminal.cwd, file));
    if ("problem" in read) throw new UsageError("approval.file", `--approval ${file}: ${read.problem}`);
    found.push({ source: file, text: read.text });
  }
  return found;
}

async function answersFor(
  terminal: Terminal,
  runId: string,
  state: RunState,
  options: ResumeCommandOptions,
  operator: Operator,
): Promise<readonly Answer[] | StartProblem> {
  const asked = [...state.asked.values()].map((one) => one.request);
  if (asked.length === 0) return [];
  if (options.answers !== undefined)
    return answersFromFile(terminal, runId, asked, options.answers, options.reason ?? null);
  const made: Answer[] = [];
  for (const request of asked) {
    // Whether a signature is needed hangs on the request's terms and on what is answered.
    const unsigned = unsignedProblem(request, { approved: options.deny !== true, answer: true }, runId);
    if (unsigned?.code === "approval.unsigned") return unsigned;
    const answer = await answerOne(terminal, request, options, operator);
    if ("exit" in answer) return answer;
    made.push(answer);
  }
  return made;
}

async function answerOne(
  terminal: Terminal,
  request: ApprovalRequest,
  options: ResumeCommandOptions,
  operator: Operator,
): Promise<Answer | StartProblem> {
  const { id } = request;
  const reason = options.reason ?? null;
  if (options.approve === true || options.deny === true)
    return { id, approved: options.approve === true, reason, answer: options.approve === true };
  if (!terminal.interactive.input) {
    return {
      exit: 2,
      code: "approval.unanswered",
      message: `\`${id}\` waits for an answer; without a terminal say --approve or --deny (and --reason TEXT)`,
    };
  }
  const style = styleFor(terminal);
  terminal.err(`\n${style.bold(cleanLines(request.reason ?? "This run asks for your approval."))}\n`);
  if (request.summary !== null) terminal.err(`${cleanLines(toPrettyText(request.summary))}\n`);
  terminal.err(style.dim(`request ${clean(id)}, answering as ${clean(operator.principal)}\n`));
  for (let tries = 0; tries < 3; tries++) {
    const line = (await terminal.ask("approve? [y/N] "))?.trim().toLowerCase() ?? null;
    if (line === null) break;
    if (line === "y" || line === "yes") return { id, approved: true, reason, answer: true };
    if (line === "" || line === "n" || line === "no") {
      const why = reason ?? (await terminal.ask("why not? (optional) "))?.trim() ?? "";
      return { id, approved: false, reason: why === "" ? null : why, answer: false };
    }
    terminal.err('please answer "y" or "n"\n');
  }
  return { exit: 2, code: "approval.unanswered", message: `\`${id}\` was not answered; the run stays paused` };
}

/** `{"answers": {id: value}}` or the bare map; true and false approve and deny (spec/skill-graph.md §8). */
async function answersFromFile(
  terminal: Terminal,
  runId: string,
  asked: readonly ApprovalRequest[],
  file: string,
  reason: string | null,
): Promise<readonly Answer[] | StartProblem> {
  const refuse = (message: string): StartProblem => ({
    exit: 2,
    code: "answers",
    message: `--answers ${file}: ${message}`,
  });
  let text: string;
  try {
    text = await readFile(path.resolve(terminal.cwd, file), "utf8");
  } catch (problem) {
    return refuse(`cannot be read (${(problem as NodeJS.ErrnoException).code ?? String(problem)})`);
  }
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) return refuse("answers file must be a JSON object");
  const inner = member(parsed.value, "answers") ?? parsed.value;
  if (!isObject(inner)) return refuse("answers field must be a JSON object");
  const made: Answer[] = [];
  for (const request of asked) {
    const value = member(inner, request.id);
    if (value === undefined) return refuse(`answers file did not include ${request.id}`);
    const approved = approvedBy(value, request);
    if (approved === null)
      return refuse(`approval response payload for ${request.id} must be boolean, got ${toText(value).slice(0, 40)}`);
    // `{"approved": true, "actor": …}` says no more to an approval than `true`: who answers is the principal.
    const typed = request.subject !== "approval" || (request.terms?.answerSchema ?? null) !== null;
    const unsigned = unsignedProblem(request, { approved, answer: value }, runId);
    if (unsigned !== null) return unsigned;
    made.push({ id: request.id, approved, reason, answer: typed ? value : approved });
  }
  return made;
}

function approvedBy(value: Value, request: ApprovalRequest): boolean | null {
  if (typeof value === "boolean") return value;
  if (request.subject === "doubt" && saysHappened(value)) return true;
  // A typed answer is a yes; `false` refuses to give one.
  if ((request.terms?.answerSchema ?? null) !== null) return true;
  if (!isObject(value)) return null;
  const inner = member(value, "approved") ?? member(value, "payload");
  return typeof inner === "boolean" ? inner : null;
}
