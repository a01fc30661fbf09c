/**
 * A run as views follow it: one closed union of steps, and the snapshot that they fold into (spec/editor.md §3). Both cross
 * between host and page and are checked with zod at both ends.
 *
 * Invariants: texts are short and masked before they get here; no environment value, file content or secret is in a
 * step beyond the shortened outputs of nodes. `at` is milliseconds since the run began; `seq` counts from 0 without
 * gaps.
 */
import { z } from "zod";

const count = z.number().int().min(0);
const decisionKind = z.enum(["Allow", "DryRunOnly", "RequireApproval", "Deny"]);

/** What policy said of an effect, and in a dry run what it would say for real. */
export const stepDecision = z.object({
  decision: decisionKind,
  code: z.string(),
  reason: z.string(),
  live: z.object({ decision: decisionKind, code: z.string() }).nullable(),
});

const base = z.object({ seq: count, at: z.number().min(0) });

/**
 * Something at a visit of a node. `act` names the visit within the run; `node` is the node's key in the drawing,
 * behind the keys of the nodes whose children it stands in (`split/score`).
 */
const visit = base.extend({ act: z.string(), node: z.string() });

/** One step of a run. */
export const runStep = z.discriminatedUnion("type", [
  base.extend({
    type: z.literal("started"),
    start: z.string().nullable(),
    environment: z.string(),
    dry: z.enum(["no", "stub", "reads"]),
    /** Milliseconds since 1970. */
    began: z.number(),
  }),
  visit.extend({
    type: z.literal("entered"),
    name: z.string(),
    visit: count,
    /** Of the child document that it stands in; 0 for the document that was started. */
    depth: count,
    /** Keys of the drawing's edges by which it was reached. */
    edges: z.array(z.string()),
    assumed: z.boolean(),
  }),
  visit.extend({ type: z.literal("decided"), what: z.string(), decision: stepDecision }),
  /** An effect came to its end. `by`: who answered it. */
  visit.extend({
    type: z.literal("performed"),
    ok: z.boolean(),
    by: z.enum(["performer", "dry", "mock", "record", "engine"]),
  }),
  visit.extend({ type: z.literal("retrying"), attempt: count, inMs: z.number().min(0), message: z.string() }),
  /** Somebody is asked. A dry run goes on and only says so. */
  visit.extend({ type: z.literal("asked"), id: z.string(), subject: z.string(), reason: z.string().nullable() }),
  base.extend({ type: z.literal("answered"), id: z.string(), approved: z.boolean() }),
  /** A child of this node began or ended. */
  visit.extend({ type: z.literal("child"), opened: z.boolean() }),
  visit.extend({
    type: z.literal("ended"),
    outcome: z.enum(["done", "failed", "skipped"]),
    label: z.string().nullable(),
    message: z.string().nullable(),
    preview: z.string(),
    assumed: z.boolean(),
  }),
  /** Somebody gave the node another output in a debugging session. */
  visit.extend({ type: z.literal("edited"), preview: z.string(), by: z.string() }),
  base.extend({
    type: z.literal("finished"),
    /** `stopped`: it was interrupted and can be resumed. */
    status: z.enum(["completed", "failed", "timed_out", "paused", "cancelled", "stopped"]),
    reason: z.string().nullable(),
    last: z.string().nullable(),
    /** Requests that a paused run waits for. */
    waitsFor: z.array(z.object({ id: z.string(), reason: z.string().nullable() })),
    /** Branches that were assumed and pauses that were passed in a dry run, as node names. */
    assumed: z.array(z.string()),
    wouldPause: z.array(z.string()),
    preview: z.string(),
  }),
]);

/** How a node stands. `paused`: it waits for an answer; `stopped`: the run ended while it was under way. */
export const nodeState = z.enum(["running", "retrying", "paused", "done", "failed", "skipped", "stopped"]);

/** A node in the run that is shown, over all its visits; the texts are those of the latest. */
export const nodeRun = z.object({
  state: nodeState,
  visits: count,
  attempt: count,
  /** When the latest visit began, and how long it took so far. */
  at: z.number(),
  ms: z.number(),
  label: z.string().nullable(),
  preview: z.string(),
  message: z.string().nullable(),
  decision: stepDecision.nullable(),
  /** Who answered its last effect; null when it had none. */
  by: z.string().nullable(),
  assumed: z.boolean(),
  children: z.object({ opened: count, ended: count }),
  /** Its output was set by hand. */
  edited: z.boolean(),
});

/** One visit, as the timeline shows it. */
export const timelineRow = z.object({
  act: z.string(),
  node: z.string(),
  name: z.string(),
  visit: count,
  depth: count,
  state: nodeState,
  at: z.number(),
  ms: z.number(),
  attempt: count,
  label: z.string().nullable(),
  message: z.string().nullable(),
  assumed: z.boolean(),
});

/** All steps of a run up to `next`, folded, as it crosses: keys are other people's text, so no object is keyed by them. */
export const runSnapshot = z.object({
  runId: z.string(),
  dry: z.enum(["no", "stub", "reads"]),
  environment: z.string(),
  start: z.string().nullable(),
  began: z.number(),
  /** The step that comes next. */
  next: count,
  /** Time of the latest step. */
  now: z.number(),
  nodes: z.array(z.tuple([z.string(), nodeRun])),
  /** How often each edge was taken. */
  taken: z.array(z.tuple([z.string(), count])),
  rows: z.array(timelineRow),
  /** Rows that were dropped from the front, because only the latest are kept. */
  dropped: count,
  asked: z.array(z.object({ id: z.string(), act: z.string(), reason: z.string().nullable() })),
  ended: z
    .object({
      status: z.enum(["completed", "failed", "timed_out", "paused", "cancelled", "stopped"]),
      reason: z.string().nullable(),
      last: z.string().nullable(),
      waitsFor: z.array(z.object({ id: z.string(), reason: z.string().nullable() })),
      assumed: z.array(z.string()),
      wouldPause: z.array(z.string()),
      preview: z.string(),
    })
    .nullable(),
});

/** See {@link runStep}. */
export type RunStep = z.infer<typeof runStep>;
/** See {@link nodeState}. */
export type NodeState = z.infer<typeof nodeState>;
/** See {@link nodeRun}. */
export type NodeRun = z.infer<typeof nodeRun>;
/** See {@link timelineRow}. */
export type TimelineRow = z.infer<typeof timelineRow>;
/** See {@link runSnapshot}. */
export type RunSnapshot = z.infer<typeof runSnapshot>;
/** How a run came out. */
export type RunEnd = NonNullable<RunSnapshot["ended"]>;
