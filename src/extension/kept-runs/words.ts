/** What the view of runs says. */
import type { RunStatus } from "../../runtime/runs.ts";

/** Groups of the view, in their order. */
export const groups = {
  running: "Running",
  waiting: "Waiting for an answer",
  interrupted: "Interrupted",
  ended: "Ended",
  unreadable: "Cannot be read",
} as const;

/** A group. */
export type Group = keyof typeof groups;

/** How a run stands, in a word or two. */
export const statusWords: Readonly<Record<RunStatus | "cancelled", string>> = {
  running: "running",
  paused: "waiting",
  interrupted: "interrupted",
  completed: "completed",
  failed: "failed",
  timed_out: "timed out",
  cancelled: "cancelled",
  unknown: "running elsewhere",
  unreadable: "cannot be read",
};

const runs = (n: number): string => (n === 1 ? "1 run" : `${n} runs`);

/** Sentences, labels and titles. */
export const words = {
  dry: "dry run",
  live: "for real",
  noDocument: "unknown document",
  resumable: "It can be resumed.",
  waitsFor: (reason: string): string => `Waits for an answer: ${reason}`,
  waits: "Waits for an answer.",
  answered: "Answered; waits to be resumed.",
  ownedBy: (pid: number, host: string): string => `Written by process ${pid} on ${host}.`,
  more: (n: number): string => `Show ${n} more`,
  moreOf: (n: number): string => `${runs(n)} not shown`,
  looking: (n: number): string => `Looking at ${runs(n)} more…`,
  shown: (n: number): string => runs(n),
  some: (shown: number, all: number): string => `${shown} of ${runs(all)}`,
  filterTitle: "Filter runs by",
  byText: "Text…",
  byStatus: "Status…",
  byDocument: "Document…",
  byEnvironment: "Environment…",
  clear: "Clear Filter",
  textPrompt: "Runs whose document, name, id, reason, environment or person has this text",
  whichStatus: "Runs that stand so; none chosen means all",
  whichDocument: "Runs of which document?",
  whichEnvironment: "Runs of which environment?",
  noActiveDocument: "Open the document whose runs are to be shown first.",
  which: "Which run?",
  whichOther: (name: string): string => `Compare the run of ${name} with which other?`,
  noRuns: "No runs are kept here yet.",
  twoRuns: "Select two runs to compare them.",
  gone: "This run is not kept any more: it was deleted.",
  refused: (what: string, why: string): string => `${what}: ${why}`,
  cannotShow: "The run cannot be shown on the canvas",
  cannotRead: "The run cannot be shown",
  cannotResume: "The run does not go on",
  cannotReplay: "The run cannot be replayed",
  cannotCompare: "The runs cannot be compared",
  cannotExport: "Nothing was exported",
  cannotDelete: "The run was not deleted",
  showText: "Show as Text",
  changed: (name: string): string =>
    `${name} has changed since this run. The graph as it was then is shown, read only.`,
  goneDocument: (name: string): string =>
    `${name} is not there any more. The graph as it was then is shown, read only.`,
  childrenChanged: (name: string, files: readonly string[]): string =>
    `${name} is as it was, but ${files.join(", ")} ${files.length === 1 ? "has" : "have"} changed since this run.`,
  stillRunning: (name: string): string => `The run of ${name} goes on; it is shown as far as it has come.`,
  openNow: "Open Present Document",
  noDocumentFile: (file: string): string => `${file} is not there any more.`,
  showPinned: "Show It as It Was",
  replaying: (name: string): string => `Replay of the run of ${name}`,
  replayed: (name: string, sentence: string): string => `The run of ${name} was replayed: ${sentence}`,
  showDifferences: "Show Differences",
  compared: (summary: string): string => summary,
  notElsewhere: (pid: number, host: string): string =>
    `This run is not of this window: process ${pid} on ${host} works on it. Cancel it there: in its own window, or with Ctrl+C in its terminal.`,
  notRunning: "This run is not under way, so there is nothing to cancel.",
  untrusted: "This workspace is not trusted, so nothing is run in it, resumed or replayed.",
  deleteOne: (name: string, started: string | null): string =>
    started === null ? `Delete the run ${name}?` : `Delete the run of ${name}, begun ${started}?`,
  deleteMany: (n: number): string => `Delete ${runs(n)}?`,
  deleteDetail: "Its journal goes for good, and with it what it would take to resume, replay or prove it from here.",
  deleteWaiting: "It waits for an answer, which then can never be given. ",
  deleteUnread: "It cannot be read, so nobody can say what is lost. ",
  delete: "Delete",
  notWhileRunning: "A run is not deleted while it is under way. Cancel it first.",
  snapshotTitle: "Export snapshot",
  bundleTitle: "Export incident bundle",
  exported: (file: string): string => `Written: ${file}`,
  holdsValues: "A bundle holds the run's values: inputs, outputs, file contents.",
  reveal: "Reveal in Explorer",
  noSaveAsTest: "Saving a run as a test is not available here.",
  onlyThen: "This is the graph as it was when the run began. It is only shown.",
  comparison: (left: string, right: string): string => `${left} ↔ ${right}`,
  recordedAndReplayed: (name: string): string => `${name}: recorded ↔ replayed`,
} as const;
