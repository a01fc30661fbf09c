/** The live half of `countersign replay --execute`: approval first, then a new run of the recorded documents. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { exitCode, outcomeEnvelope, prettyEnvelope } from "../../engine/report.ts";
import { execute, newRunId } from "../../runtime/execute.ts";
import { resolveApprovalKeys } from "../../runtime/keys.ts";
import { approveReplay } from "../../runtime/ops/replay-execute.ts";
import { replayGovernance, type Recording } from "../../runtime/ops/replay.ts";
import { readTransports, type Operator } from "../../runtime/operator.ts";
import { recordRefusedStart } from "../refused-start.ts";
import { refuseOps } from "../render/ops.ts";
import { cleanLines } from "../render/text.ts";
import { receiptsFor, tellSealing } from "../sealing.ts";
import { signing } from "../signing.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";
import { interruptible } from "../interrupt.ts";

/** Executes a recording again, if it is approved. Exit codes of `run`. */
export async function executeReplay(
  terminal: Terminal,
  recording: Recording,
  operator: Operator,
  given: { readonly approval: string | null; readonly keySet: string | null },
): Promise<number> {
  const governance = replayGovernance(recording, operator);
  const { posture } = governance;
  const keys = await resolveApprovalKeys({
    env: terminal.env,
    cwd: terminal.cwd,
    keySetFlag: given.keySet,
    documentFolder: null,
    posture: posture.environment,
    user: operator.user,
    api: operator.stages.api,
  });
  if (!keys.ok) throw new UsageError(keys.problem.code, keys.problem.message);
  for (const notice of keys.value.notices) terminal.err(`note: ${cleanLines(notice.message)} [${notice.code}]\n`);
  const { started, bundle } = recording;
  const runId = newRunId();
  const { environment } = posture;
  const { root } = bundle;
  // The same credential may allow effects too; each is decided like those of any run.
  const files = given.approval === null ? {} : { approval: [given.approval] };
  const signed = await signing(terminal, operator, root, environment, files);
  const refused = { document: root, run: runId, environment };
  const approved = await approveReplay(recording, {
    text: await credentialText(terminal, given.approval),
    keys: keys.value.keySet,
    posture,
    rules: signed.approvals.rules,
    requester: operator.principal,
    runId,
    stateDir: operator.stateDir,
    now: Date.now(),
  });
  if (!approved.ok) {
    const { code, message } = approved.problem;
    await recordRefusedStart(terminal, operator, { ...refused, code, message });
    return refuseOps(terminal, approved.problem);
  }
  const transports = await readTransports(operator.settings, terminal.env, terminal.cwd);
  if ("code" in transports) throw new UsageError(transports.code, transports.message);
  const dialect = bundle.entries.get(root)?.graph?.dialect ?? "workflow";
  const receipts = receiptsFor(terminal, operator, dialect, undefined);
  const control = interruptible(terminal, operator.stateDir !== null);
  const executed = await execute(bundle, {
    cwd: terminal.cwd,
    env: terminal.env,
    governance,
    stageDefaults: operator.stages,
    workspace: operator.runx.cwd,
    transports,
    mcpStdio: operator.settings.mcpStdio,
    timeoutMs: started.options.timeoutMs,
    rehearsal: null,
    dryRun: false,
    runId,
    stateDir: operator.stateDir,
    start: started.start,
    triggerKind: started.triggerKind,
    input: started.input,
    options: {
      dryRun: "no",
      replay: true,
      assume: {},
      canPause: operator.stateDir !== null,
      timeoutMs: started.options.timeoutMs,
      maxFanout: started.options.maxFanout,
    },
    principal: operator.principal,
    ...signed,
    receipts,
    control,
  });
  control.release();
  if (!executed.ok) {
    const { message, code, exit } = executed.problem;
    await recordRefusedStart(terminal, operator, { ...refused, code, message });
    terminal.err(`countersign: ${cleanLines(message)} [${code}]\n`);
    return exit;
  }
  const { run } = executed;
  terminal.out(`${run.mask(prettyEnvelope(outcomeEnvelope(run.outcome)))}\n`);
  if (run.folder !== null) terminal.err(`journal: ${run.folder}\n`);
  const { quiet } = operator.settings;
  const unsealed = tellSealing(terminal, run.receipts, { runId, quiet, named: receipts?.named === true });
  const code = exitCode(run.outcome);
  return code === 0 && unsealed ? 2 : code;
}

async function credentialText(terminal: Terminal, file: string | null): Promise<string | null> {
  if (file === null) return null;
  try {
    return await readFile(path.resolve(terminal.cwd, file), "latin1");
  } catch (problem) {
    throw new UsageError(
      "approval",
      `--approval ${file}: cannot be read (${(problem as NodeJS.ErrnoException).code ?? "?"})`,
    );
  }
}
