/**
 * `countersign history [query]`: the receipts of a directory, newest first, with filters, and the runs that wait
 * (spec/skill-graph.md §6.8). Exit code 0; 2 when the directory or a filter cannot be used.
 */
import { readHistory, type HistoryEntry, type HistoryFilter } from "../../runtime/history.ts";
import { pinsOf } from "../../runtime/keys.ts";
import { receiptPlace, verifierKeys } from "../../runtime/receipts.ts";
import { listRuns } from "../../runtime/runs.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { clean, count, productStyle } from "../render/text.ts";
import type { Style, Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `history`. */
export interface HistoryOptions {
  readonly skill?: unknown;
  readonly status?: unknown;
  readonly source?: unknown;
  readonly actor?: unknown;
  readonly artifactType?: unknown;
  readonly since?: unknown;
  readonly until?: unknown;
  readonly limit?: unknown;
  readonly receiptDir?: unknown;
  readonly stateDir?: unknown;
  readonly json?: unknown;
}

/** Receipts that are listed unless told otherwise. */
const DEFAULT_LIMIT = 100;

/** Lists receipts on standard output. */
export async function historyCommand(
  terminal: Terminal,
  query: string | undefined,
  options: HistoryOptions,
): Promise<number> {
  const filter: HistoryFilter = {
    query: query ?? null,
    skill: textOption("--skill", options.skill) ?? null,
    status: textOption("--status", options.status) ?? null,
    source: textOption("--source", options.source) ?? null,
    actor: textOption("--actor", options.actor) ?? null,
    artifactType: textOption("--artifact-type", options.artifactType) ?? null,
    since: timeOption("since", options.since),
    until: timeOption("until", options.until),
  };
  const limit = typeof options.limit === "number" ? options.limit : DEFAULT_LIMIT;
  const stateDir = textOption("--state-dir", options.stateDir);
  const operator = await operatorAt(terminal, terminal.cwd, stateDir === undefined ? {} : { stateDir });
  const flag = textOption("--receipt-dir", options.receiptDir) ?? null;
  const directory = receiptPlace(flag, terminal.env, operator, "skill", terminal.cwd)?.directory;
  if (directory === undefined) throw new UsageError("receipts.directory", "pass --receipt-dir DIR");
  const keys = await verifierKeys(terminal.env, pinsOf(operator.user), [], [directory]);
  if (!keys.ok) throw new UsageError(keys.problem.code, keys.problem.message);
  const read = readHistory(directory, filter, { keys: keys.keys, allowPseudo: false });
  if (!read.ok) throw new UsageError(read.problem.code, read.problem.message);
  const pending = operator.stateDir === null ? [] : await pendingRuns(operator.stateDir);
  const shown = read.history.entries.slice(0, limit);
  if (options.json === true) {
    const { projector_id, store_label } = read.history;
    terminal.out(`${JSON.stringify({ projector_id, store_label, receipts: shown, pendingRuns: pending }, null, 2)}\n`);
    return 0;
  }
  const style = productStyle(terminal);
  const lines = shown.map((entry) => entryLine(entry, style));
  const more = read.history.entries.length - shown.length;
  if (more > 0) lines.push(style.dim(`… and ${more} more; --limit N shows them`));
  for (const run of pending) lines.push(`${style.yellow("waits")}  ${run.runId}  ${clean(run.workflow ?? "")}`);
  if (lines.length === 0) terminal.err(`no receipts in ${clean(directory)} pass these filters\n`);
  else terminal.out(`${lines.join("\n")}\n`);
  if (read.history.unreadable > 0)
    terminal.err(`${count(read.history.unreadable, "file")} could not be read as a receipt; see: countersign verify\n`);
  return 0;
}

function entryLine(entry: HistoryEntry, style: Style): string {
  const { verification, status } = entry;
  const paint =
    verification.status === "verified" ? style.green : verification.status === "invalid" ? style.red : style.yellow;
  const state = status === "closed" ? style.green(status) : style.red(status);
  return `${entry.created_at}  ${entry.id}  ${state}  ${paint(verification.status)}  ${clean(entry.name)}: ${clean(entry.summary)}`;
}

/** A time or a day, as milliseconds since 1970; the error names the field and what was given. */
function timeOption(field: "since" | "until", value: unknown): number | null {
  const given = textOption(`--${field}`, value);
  if (given === undefined) return null;
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(given);
  // A day is whole: it begins with its first instant and ends with its last.
  const at = Date.parse(day && field === "until" ? `${given}T23:59:59.999Z` : given);
  if (form.test(given) && !Number.isNaN(at)) return at;
  throw new UsageError("date", `${field}: "${clean(given)}" is no date; write 2026-01-31 or 2026-01-31T12:00:00Z`);
}

async function pendingRuns(stateDir: string) {
  const listed = await listRuns(stateDir);
  if (!listed.ok) return [];
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return listed.value
    .filter(({ status }) => status === "paused")
    .map(({ id, workflow, dialect, startedAt, updatedAt, requests }) => ({
      runId: id,
      status: "paused",
      workflow,
      dialect,
      startedAt: time(startedAt),
      updatedAt: time(updatedAt),
      requests: requests.map((request) => ({ id: request.id, subject: request.subject })),
    }));
}
