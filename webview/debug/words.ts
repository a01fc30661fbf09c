/** What the page says about debugging and time travel. */
import type { DebugView, PageBreakpoint } from "../../src/protocol/debug.ts";
import type { RunStep } from "../../src/protocol/run.ts";
import { time } from "../run/words.ts";

const reasons: Readonly<Record<NonNullable<DebugView["stop"]>["reason"], string>> = {
  entry: "the first node",
  step: "step",
  breakpoint: "breakpoint",
  pause: "paused",
  goto: "gone there",
  failure: "a failure",
  decision: "a decision of policy",
  end: "the end",
  "end of recording": "the end of what was recorded",
  "start of recording": "the beginning",
};

const kinds: Readonly<Record<PageBreakpoint["kind"], string>> = {
  plain: "Breakpoint",
  conditional: "Conditional breakpoint",
  log: "Log point",
};

const states: Readonly<Record<PageBreakpoint["state"], string>> = {
  active: "",
  disabled: ", disabled",
  pending: ", pending",
};

/** Labels and sentences. */
export const debugWords = {
  added: "Breakpoint added",
  removed: "Breakpoint removed",
  add: "Add breakpoint",
  remove: "Remove breakpoint",
  disable: "Disable breakpoint",
  enable: "Enable breakpoint",
  condition: "Breakpoint condition…",
  log: "Log point…",
  runTo: "Run to here",
  restart: "Restart from here",
  lookBack: "Go back to here",
  spot: (id: string, set: boolean): string => (set ? `Remove the breakpoint of ${id}` : `Add a breakpoint to ${id}`),
  nothingChosen: "Select a node or an edge first; F9 sets its breakpoint.",
  /** A breakpoint in words: what it is, how it stands, and its text. */
  breakpoint: ({ kind, state, text, message }: PageBreakpoint): string => {
    const why = message === null ? "" : ` (${message})`;
    return `${kinds[kind]}${states[state]}${why}${text === "" ? "" : `: ${text}`}`;
  },
  current: "The session stands before this node",
  around: "The session stands inside this node",
  edited: "its value was set by hand",
  bar: "Debugging",
  instant: "Instant of the run",
  live: "Live",
  liveHint: "Back to the present of the run",
  present: "the present",
  earliest: (next: number): string => `Steps before ${next} are not kept, so the run can be looked at from there on.`,
  pauseFirst: "The session goes on; pause it to look back.",
  values: "In the run",
  valuesThen: "At this instant",
  notYet: "Not entered at this instant.",
  back: "One step back",
  forward: "One step on",
} as const;

/** Where a session stands, as a sentence. */
export function standsText(view: DebugView): string {
  const { stop, name, dry } = view;
  const what = dry ? "Dry run" : "Live run";
  if (stop === null) return `${what} goes on`;
  if (stop.reason === "end") return `${what}: at its end. ${capital(stop.text ?? "")}`.trimEnd();
  const where = name === null ? "stopped" : `stopped before ${name}`;
  const why = stop.text === null ? reasons[stop.reason] : `${reasons[stop.reason]}: ${stop.text}`;
  const back = view.past ? ", looking back" : "";
  return `${what} ${where}${back} (${why})`;
}

/** What has become of the documents of a session; null when they are as they were. */
export function differsText({ changed, gone }: DebugView): string | null {
  const parts = [
    changed.length === 0 ? null : `${changed.join(", ")} has changed since the session began.`,
    gone.length === 0 ? null : `${gone.join(", ")} is not there any more.`,
  ].filter((one) => one !== null);
  if (parts.length === 0) return null;
  return `${parts.join(" ")} Places and values are those of the text that the session began with.`;
}

/** An instant of a run, for the slider: where it is, when, and what had just happened. */
export function instantText(at: number, last: number, step: RunStep | null): string {
  const where = `step ${at} of ${last}`;
  return step === null ? where : `${where}, ${time(step.at)}: ${stepText(step)}`;
}

/** A place of a session, for the slider. */
export function placeText({ place, places, name }: DebugView): string {
  if (place >= places) return `the present, after ${places} ${places === 1 ? "node" : "nodes"}`;
  return `before ${name ?? "a node"}, ${place + 1} of ${places}`;
}

const outcomes: Readonly<Record<Extract<RunStep, { type: "ended" }>["outcome"], string>> = {
  done: "is done",
  failed: "failed",
  skipped: "was skipped",
};

/** A step in a few words. */
export function stepText(step: RunStep): string {
  switch (step.type) {
    case "started":
      return "the run began";
    case "entered":
      return `${step.node} was entered`;
    case "decided":
      return `policy decided about ${step.node}`;
    case "performed":
      return `an effect of ${step.node} ${step.ok ? "was done" : "failed"}`;
    case "retrying":
      return `${step.node} waits to try again`;
    case "asked":
      return `${step.node} asked for an answer`;
    case "answered":
      return step.approved ? "an answer came: yes" : "an answer came: no";
    case "child":
      return step.opened ? `a child of ${step.node} began` : `a child of ${step.node} ended`;
    case "ended":
      return `${step.node} ${outcomes[step.outcome]}`;
    case "edited":
      return `${step.node} was given another value`;
    case "finished":
      return "the run ended";
  }
}

function capital(text: string): string {
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
