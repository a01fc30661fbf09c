/**
 * Debugging and time travel on the canvas (spec/editor.md §5): where breakpoints stand, where a session stands still, and
 * what a run looked like at an instant. Parts of `webview.ts`; types and zod only.
 *
 * Invariants: the page decides nothing of this and only draws it; an instant of a run is named by how many of its steps
 * had happened; texts are short and masked before they get here.
 */
import { z } from "zod";
import { runSnapshot, runStep } from "./run.ts";

const key = z.string();
const count = z.number().int().min(0);

/** The name of the run that shows a session up to its next fork. */
export function debugRunId(session: string, forks: number): string {
  return `${DEBUG_RUN} ${session} ${forks}`;
}

/** Whether a run is that of a session. */
export function isDebugRun(runId: string): boolean {
  return runId.startsWith(`${DEBUG_RUN} `);
}

const DEBUG_RUN = "debug";

/** A breakpoint on an element of the drawing. */
export const pageBreakpoint = z.object({
  element: key,
  /** `pending`: there is no session, or it could not put the breakpoint anywhere. */
  state: z.enum(["active", "disabled", "pending"]),
  kind: z.enum(["plain", "conditional", "log"]),
  /** The condition, hit count or message, as it was written. */
  text: z.string(),
  /** Why it is pending, where that is known. */
  message: z.string().nullable(),
});

/** Why a session stands still. */
export const stopReason = z.enum([
  "entry",
  "step",
  "breakpoint",
  "pause",
  "goto",
  "failure",
  "decision",
  "end",
  "end of recording",
  "start of recording",
]);

/** A session of the document that is shown. */
export const debugView = z.object({
  /** The run that shows its steps; another one after a fork. */
  runId: z.string(),
  dry: z.boolean(),
  /** Null while it goes on. */
  stop: z.object({ reason: stopReason, text: z.string().nullable() }).nullable(),
  /**
   * The node that is about to be entered, or was last, by its way through the drawing (`split/score`); null for none. It is
   * that of the thread and step which are selected in the editor.
   */
  node: key.nullable(),
  name: z.string().nullable(),
  /** How many entries of nodes lie before the instant that is looked at, and how many there are. */
  place: count,
  places: count,
  /** One looks at an instant before the present. */
  past: z.boolean(),
  /** Documents whose text is another than the one that is debugged, and those that are gone, by name. */
  changed: z.array(z.string()),
  gone: z.array(z.string()),
});

/** Messages of the host. */
export const debugToPage = [
  z.object({ type: z.literal("breakpoints"), list: z.array(pageBreakpoint) }),
  z.object({ type: z.literal("debug"), session: debugView.nullable() }),
  /**
   * What the run looked like after `next` of its steps; `step` is the last of them. `earliest`: steps before are not kept,
   * so no earlier instant can be shown. `asked`: the page wanted to know; else the session has gone there. `run` null:
   * nothing is known of that run any more.
   */
  z.object({
    type: z.literal("runAt"),
    runId: z.string(),
    next: count,
    earliest: count,
    asked: z.boolean(),
    run: runSnapshot.nullable(),
    step: runStep.nullable(),
  }),
] as const;

/** Messages of the page. */
export const debugFromPage = [
  /** `toggle` sets or removes; `enable` lets it count or not; the others ask for a text. */
  z.object({
    type: z.literal("breakpoint"),
    element: key,
    what: z.enum(["toggle", "enable", "condition", "log"]),
  }),
  z.object({ type: z.literal("lookAtRun"), runId: z.string(), next: count }),
  /** To the instant before the entry with this number; the present for the number of entries. */
  z.object({ type: z.literal("debugLookAt"), place: count }),
  z.object({ type: z.literal("debugGo"), how: z.enum(["runTo", "restart"]), node: key }),
] as const;

/** See {@link pageBreakpoint}. */
export type PageBreakpoint = z.infer<typeof pageBreakpoint>;
/** See {@link debugView}. */
export type DebugView = z.infer<typeof debugView>;
/** A message of {@link debugFromPage}. */
export type DebugFromPage = z.infer<(typeof debugFromPage)[number]>;
/** A message of {@link debugToPage}. */
export type DebugToPage = z.infer<(typeof debugToPage)[number]>;
