/**
 * Kept runs as rows of the view: in which group, in which words, and what can be done with each. Knows nothing of
 * VS Code.
 */
import path from "node:path";
import { visibleText } from "../../graph/visible.ts";
import type { KeptRun } from "../../runtime/kept-runs/list.ts";
import { clockTime, duration, localTime, relativeTime } from "../../runtime/kept-runs/time.ts";
import type { RunSummary } from "../../runtime/runs.ts";
import { statusWords, words, type Group } from "./words.ts";

/** One row. Texts are safe to show. */
export interface Row {
  /** Equal for the same run for as long as it is kept. */
  readonly key: string;
  readonly run: KeptRun;
  readonly group: Group;
  /** The document's name. */
  readonly label: string;
  /** How it stands, when it began, how long it took, where. */
  readonly description: string;
  /** Lines with everything that is known. */
  readonly details: readonly string[];
  /** A product icon and a colour of the theme; null for none. */
  readonly icon: string;
  readonly color: string | null;
  /** What can be done with it, as words of a `contextValue`. */
  readonly can: readonly string[];
}

/** What rows are made with. */
export interface RowLook {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Runs that this window works on. */
  readonly own: ReadonlySet<string>;
  /** What a state directory is called; null where there is only one. */
  readonly labelOf: (stateDir: string) => string | null;
}

/** The row of a run. */
export function rowOf(run: KeptRun, look: RowLook): Row {
  const { stateDir, summary } = run;
  const { startedAt, environment, dryRun } = summary;
  const place = look.labelOf(stateDir);
  const parts = [
    statusText(summary),
    dryRun ? words.dry : null,
    startedAt === null ? null : clockTime(startedAt, look.now),
    tookText(summary),
    environment,
    place,
  ];
  return {
    key: JSON.stringify([stateDir, summary.id]),
    run,
    group: groupOf(summary),
    label: nameOf(summary),
    description: parts.flatMap((part) => (part === null ? [] : [visibleText(part)])).join(" · "),
    details: detailsOf(run, look, place),
    ...iconOf(summary),
    can: canOf(summary, look),
  };
}

/** What people call the run's document: its file's name, else the name of the workflow. */
export function nameOf({ root, workflow, id }: RunSummary): string {
  if (root !== null) return visibleText(path.basename(root));
  return visibleText(workflow ?? id);
}

/** How it stands, in a word or two. */
export function statusText({ status, cancelled }: RunSummary): string {
  return statusWords[cancelled ? "cancelled" : status];
}

/** When it began, for a question or a title: local time; null when nothing tells. */
export function startedText({ startedAt }: RunSummary): string | null {
  return startedAt === null ? null : localTime(startedAt);
}

/** Nothing is said of a run that goes on: nobody would see it change. */
function tookText({ startedAt, updatedAt, status }: RunSummary): string | null {
  if (startedAt === null || updatedAt === null || ["unreadable", "running", "unknown"].includes(status)) return null;
  return duration(Math.max(0, updatedAt - startedAt));
}

/** Runs of one group, newest first. */
export interface Grouped {
  readonly group: Group;
  readonly runs: readonly KeptRun[];
}

/** The group that a run stands in. */
export function groupOf({ status }: RunSummary): Group {
  switch (status) {
    case "running":
    case "unknown":
      return "running";
    case "paused":
      return "waiting";
    case "interrupted":
      return "interrupted";
    case "unreadable":
      return "unreadable";
    case "completed":
    case "failed":
    case "timed_out":
      return "ended";
  }
}

function iconOf({ status, cancelled }: RunSummary): Pick<Row, "icon" | "color"> {
  if (cancelled) return { icon: "circle-slash", color: "descriptionForeground" };
  switch (status) {
    case "running":
      return { icon: "sync~spin", color: "charts.blue" };
    case "unknown":
      return { icon: "vm-running", color: "charts.blue" };
    case "paused":
      return { icon: "debug-pause", color: "charts.yellow" };
    case "interrupted":
      return { icon: "debug-disconnect", color: "charts.yellow" };
    case "completed":
      return { icon: "pass", color: "testing.iconPassed" };
    case "failed":
      return { icon: "error", color: "testing.iconFailed" };
    case "timed_out":
      return { icon: "watch", color: "testing.iconFailed" };
    case "unreadable":
      return { icon: "warning", color: "charts.red" };
  }
}

function canOf({ status, root, held, dryRun, id }: RunSummary, { own }: RowLook): readonly string[] {
  const can = ["run"];
  const ended = status === "completed" || status === "failed" || status === "timed_out";
  if (status !== "unreadable") can.push("readable");
  if (root !== null) can.push("document");
  if (!dryRun && (status === "interrupted" || status === "paused")) can.push("resumable");
  // A run elsewhere has the command too, which says where it can be cancelled.
  if (own.has(id) || status === "running" || status === "unknown") can.push("cancellable");
  if (ended || status === "paused" || status === "interrupted") can.push("replayable");
  if (!held && !own.has(id)) can.push("deletable");
  return can;
}

function detailsOf({ stateDir, summary }: KeptRun, look: RowLook, place: string | null): readonly string[] {
  const { root, workflow, start, startedAt, environment, principal, requests, problem, owner } = summary;
  const { status, reason, dryRun, id } = summary;
  const told: (readonly [string, string | null])[] = [
    ["Document", root],
    ["Name", workflow],
    ["Start", start],
    ["Status", statusText(summary)],
    ["Reason", reason],
    ["Began", startedAt === null ? null : `${localTime(startedAt)}, ${relativeTime(startedAt, look.now)}`],
    ["Took", tookText(summary)],
    ["Environment", environment],
    ["Done", startedAt === null ? null : dryRun ? words.dry : words.live],
    ["By", principal],
    ["Run", id],
    ["Kept in", place === null ? stateDir : `${stateDir} (${place})`],
  ];
  const lines = told.flatMap(([name, text]) => (text === null || text === "" ? [] : [`${name}: ${visibleText(text)}`]));
  if (status === "paused") {
    const [first] = requests;
    if (first === undefined) lines.push(words.answered);
    else lines.push(first.reason === null ? words.waits : words.waitsFor(visibleText(first.reason)));
  }
  if (status === "interrupted" && !dryRun) lines.push(words.resumable);
  if (problem !== null) lines.push(visibleText(`${problem.message} [${problem.code}]`));
  if (owner !== null && (status === "running" || status === "unknown") && !look.own.has(id))
    lines.push(words.ownedBy(owner.pid, visibleText(owner.host)));
  return lines;
}
