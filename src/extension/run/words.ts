/** What the extension says about runs. */
import type { RunEnd } from "../../protocol/run.ts";
import { duration } from "../../runtime/kept-runs/time.ts";

/** Sentences, labels and titles. */
export const words = {
  untrusted: "This workspace is not trusted, so nothing is run in it. Graphs are still checked and drawn.",
  manageTrust: "Manage Workspace Trust",
  noDocument: "Open a graph document first: a workflow, a skill graph or a spec.kv.",
  notAFile: "Save the document as a file first: a run reads its documents from disk.",
  unsaved: (count: number): string =>
    count === 1
      ? "A run takes what is on disk, and this document has unsaved changes."
      : `A run takes what is on disk, and ${count} of its documents have unsaved changes.`,
  saveAndRun: "Save and Run",
  notSaved: "The document could not be saved, so it was not run.",
  what: (dry: boolean): string => (dry ? "Dry run" : "Run"),
  refused: (dry: boolean, name: string, why: string): string => `${words.what(dry)} of ${name} did not begin: ${why}`,
  running: (dry: boolean, name: string): string => `${words.what(dry)} of ${name}`,
  resume: "Resume",
  underWay: "it is under way in this window",
  nothingToResume: (name: string): string => `No run of ${name} was interrupted.`,
  whichRun: (name: string): string => `Which run of ${name} goes on?`,
  resumeRefused: (name: string, why: string): string => `The run of ${name} does not go on: ${why}`,
  whichStart: "Which start?",
  whichInput: (dry: boolean): string => `Input of the ${dry ? "dry run" : "run"}`,
  last: "Last Input",
  form: "Fill In",
  json: "JSON…",
  text: "Text…",
  file: "A File…",
  none: "No Input",
  noneDetail: "the payload is null",
  fixtureDry: "its trigger, and its mocks for what is not done",
  fixtureLive: "its trigger; its mocks are not used in a run for real",
  typeJson: "The payload as JSON",
  typeText: "The record's text",
  optional: "optional; empty leaves it out",
  showOnCanvas: "Show on Canvas",
  showLog: "Show Log",
  showProblem: "Show",
  more: (count: number): string => (count === 1 ? " (and one more problem)" : ` (and ${count} more problems)`),
} as const;

/** How a run came out, as a sentence for a notification. */
export function endSentence(dry: boolean, name: string, end: RunEnd, ms: number): string {
  const what = `${words.what(dry)} of ${name}`;
  const at = end.last === null ? "" : ` at ${end.last}`;
  const why = end.reason === null || end.reason === "" ? "" : `: ${end.reason}`;
  switch (end.status) {
    case "completed":
      return `${what} completed in ${duration(ms)}${assumptions(end)}.`;
    case "failed":
      return `${what} failed${at}${why}`;
    case "timed_out":
      return `${what} timed out${at}${why}`;
    case "cancelled":
      return `${what} was cancelled${at}.`;
    case "stopped":
      return `${what} was interrupted${at}; it can be resumed.`;
    case "paused": {
      const count = end.waitsFor.length;
      const waits = count === 1 ? "an answer" : `${count} answers`;
      return `${what} waits for ${waits}${at}${why}`;
    }
  }
}

function assumptions({ assumed, wouldPause }: RunEnd): string {
  const parts = [
    ...(assumed.length === 0 ? [] : [`branches were assumed at ${assumed.slice(0, 5).join(", ")}`]),
    ...(wouldPause.length === 0 ? [] : [`it would wait for approval at ${wouldPause.slice(0, 5).join(", ")}`]),
  ];
  return parts.length === 0 ? "" : `; ${parts.join("; ")}`;
}
