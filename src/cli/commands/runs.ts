/**
 * `countersign runs`: what is kept, newest first; `runs prune` and `runs delete` remove it. Exit code 0; 2 when the
 * runs cannot be read or the wanted one is not there or must stay.
 */
import {
  deleteRun,
  findRun,
  journalProblemText,
  KEEP_DAYS,
  KEEP_RUNS,
  listRuns,
  pruneRuns,
  type RunStatus,
  type RunSummary,
} from "../../runtime/runs.ts";
import { stateDirOf } from "../operator.ts";
import { oneOf, textOption, wholeOption } from "../options.ts";
import { clean, count, productStyle, productWidth, table, type Cell } from "../render/text.ts";
import { localTime, relativeTime } from "../../runtime/kept-runs/time.ts";
import { statusPaint } from "../../runtime/kept-runs/status.ts";
import type { Style, Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `runs`. */
export interface RunsOptions {
  readonly stateDir?: unknown;
  readonly json?: unknown;
  /** Statuses separated by commas; only runs of these. */
  readonly status?: unknown;
  /** The time it is, in milliseconds since 1970. */
  readonly now?: number;
}

const statuses: readonly RunStatus[] = [
  "running",
  "paused",
  "interrupted",
  "completed",
  "failed",
  "timed_out",
  "unknown",
  "unreadable",
];

/** Lists the runs of a state directory on standard output. */
export async function runsCommand(terminal: Terminal, options: RunsOptions = {}): Promise<number> {
  const wanted = textOption("--status", options.status)
    ?.split(",")
    .map((word) => oneOf("--status", word.trim(), statuses));
  const stateDir = await stateDirOf(terminal, textOption("--state-dir", options.stateDir));
  const listed = await listRuns(stateDir);
  if (!listed.ok) throw new UsageError(listed.problem.code, listed.problem.message);
  const runs = listed.value.filter((run) => wanted === undefined || wanted.includes(run.status));
  if (options.json === true) {
    terminal.out(`${JSON.stringify(runs.map(jsonRun), null, 2)}\n`);
  } else if (runs.length > 0) {
    const rows = runTable(runs, options.now ?? Date.now(), productStyle(terminal), productWidth(terminal));
    terminal.out(`${rows.join("\n")}\n`);
  } else if (listed.value.length > 0) {
    terminal.err(
      `none of the ${count(listed.value.length, "run")} in ${clean(stateDir)} is ${(wanted ?? []).join(" or ")}\n`,
    );
  } else {
    terminal.err(
      `no runs in ${clean(stateDir)} yet; start one with   countersign run FILE --state-dir ${clean(stateDir)}\n`,
    );
  }
  return 0;
}

function jsonRun(run: RunSummary): object {
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    id: run.id,
    status: run.status,
    workflow: run.workflow,
    dialect: run.dialect,
    document: run.root,
    dry_run: run.dryRun,
    principal: run.principal,
    started_at: time(run.startedAt),
    updated_at: time(run.updatedAt),
    requests: run.requests.map(({ id, subject, reason, act }) => ({
      id,
      subject,
      reason,
      node: act === null ? null : act.frame === "" ? act.node : `${act.frame}/${act.node}`,
    })),
    held: run.held,
    problem: run.problem,
  };
}

function runTable(runs: readonly RunSummary[], now: number, style: Style, columns: number): string[] {
  const head = ["RUN", "WORKFLOW", "STATUS", "STARTED", ""].map((text): Cell => ({ text, paint: style.dim }));
  const rows = runs.map((run): Cell[] => [
    { text: run.id },
    { text: `${clean(run.workflow ?? "?")}${run.dryRun ? " (dry run)" : ""}` },
    { text: run.status, paint: statusPaint(run.status, style) },
    { text: run.startedAt === null ? "?" : `${localTime(run.startedAt)}, ${relativeTime(run.startedAt, now)}` },
    { text: remark(run), paint: style.dim },
  ]);
  return table([head, ...rows], columns);
}

/** What a run waits for, or what is to be known of it. */
function remark(run: RunSummary): string {
  if (run.status === "paused") {
    const [first] = run.requests;
    if (first === undefined) return "answered; waits to be resumed";
    const more = run.requests.length === 1 ? "" : ` and ${run.requests.length - 1} more`;
    const why = first.reason === null ? "" : `: ${clean(first.reason)}`;
    return `waits for ${clean(first.id)}${more}${why}`;
  }
  if (run.status === "interrupted") return "can be resumed";
  if (run.status === "unreadable" && run.problem !== null) return clean(journalProblemText(run.problem));
  if (run.owner !== null && (run.status === "running" || run.status === "unknown"))
    return `process ${run.owner.pid} on ${clean(run.owner.host)}`;
  return "";
}

/** Options of `runs prune`. */
export interface RunsPruneOptions {
  readonly stateDir?: unknown;
  /** How many of the newest runs stay in any case. */
  readonly keep?: unknown;
  /** Runs written within so many days stay in any case. */
  readonly days?: unknown;
  readonly dryRun?: unknown;
  readonly json?: unknown;
  readonly now?: number;
}

/** Removes old runs; prints the ids that went, or would go. */
export async function runsPruneCommand(terminal: Terminal, options: RunsPruneOptions = {}): Promise<number> {
  const preview = options.dryRun === true;
  const keepRuns = wholeOption("--keep", options.keep, KEEP_RUNS);
  const keepDays = wholeOption("--days", options.days, KEEP_DAYS);
  const stateDir = await stateDirOf(terminal, textOption("--state-dir", options.stateDir));
  const pruned = await pruneRuns(stateDir, { now: options.now ?? Date.now(), keepRuns, keepDays, preview });
  if (!pruned.ok) throw new UsageError(pruned.problem.code, pruned.problem.message);
  const { removed, problems } = pruned.value;
  if (options.json === true) terminal.out(`${JSON.stringify({ dry_run: preview, removed, problems }, null, 2)}\n`);
  else for (const id of removed) terminal.out(`${id}\n`);
  for (const problem of problems) terminal.err(`countersign: ${clean(journalProblemText(problem))}\n`);
  terminal.err(
    `${count(removed.length, "run")} ${preview ? "would be removed" : "removed"}; the newest ${keepRuns}, those of the last ${count(keepDays, "day")}, and paused and running ones stay\n`,
  );
  return problems.length === 0 ? 0 : 2;
}

/** Options of `runs delete`. */
export interface RunsDeleteOptions {
  readonly stateDir?: unknown;
  /** Also a paused one, and one that cannot be judged or read. */
  readonly force?: unknown;
}

/** Removes one run. */
export async function runsDeleteCommand(
  terminal: Terminal,
  runId: string,
  options: RunsDeleteOptions = {},
): Promise<number> {
  const stateDir = await stateDirOf(terminal, textOption("--state-dir", options.stateDir));
  const found = await findRun(stateDir, runId);
  if (!found.ok) throw new UsageError(found.problem.code, found.problem.message);
  const gone = await deleteRun(stateDir, runId, { force: options.force === true });
  if (!gone.ok) throw new UsageError(gone.problem.code, gone.problem.message);
  terminal.err(`run ${runId} (${clean(gone.value.workflow ?? "?")}, ${gone.value.status}) is removed\n`);
  return 0;
}
