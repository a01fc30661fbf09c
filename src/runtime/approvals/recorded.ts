/**
 * What a run has asked so far and how it was answered, folded from its journal (spec/runtime.md §7). Reads without
 * resolving secrets, so nothing here can show one; writes nothing.
 */
import { readRun } from "../../connect/journal/reader.ts";
import type { JournalProblem } from "../../connect/journal/problem.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { apply, initialState, type AskedRequest, type RunStarted } from "../../engine/state.ts";

/** How a request came to its end. */
export interface RecordedAnswer {
  readonly approved: boolean;
  /** Principals, or what ended it (`expiry`). */
  readonly by: string;
  readonly reason: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** It rests on signed credentials. */
  readonly signed: boolean;
}

/** One request of a run. */
export interface RecordedRequest {
  readonly asked: AskedRequest;
  /** Null while it is open, and where other documents took its place before anybody answered. */
  readonly answer: RecordedAnswer | null;
  /** It waits for an answer. */
  readonly open: boolean;
}

/** A run, as far as it is about requests. */
export interface AskingRecord {
  readonly started: RunStarted;
  /** Digest of the documents that it goes on with. */
  readonly graphDigest: string;
  /** Nodes of the root walk that have ended, in their order, with how they ended. */
  readonly soFar: readonly { readonly node: string; readonly outcome: string }[];
  /** In the order in which they were asked. */
  readonly requests: readonly RecordedRequest[];
  /** The node of the root walk in which a frame is open, by the frame's name. */
  readonly rootNodes: ReadonlyMap<string, string>;
}

/** Reads it; null when the run was cut before its first event was kept. */
export async function readAsking(
  stateDir: string,
  runId: string,
): Promise<
  { readonly ok: true; readonly record: AskingRecord | null } | { readonly ok: false; readonly problem: JournalProblem }
> {
  const state = initialState();
  const soFar: { node: string; outcome: string }[] = [];
  const requests: { asked: AskedRequest; answer: RecordedAnswer | null }[] = [];
  const rootNodes = new Map<string, string>();
  const read = await readRun(stateDir, runId, {
    onEvent: (event) => {
      apply(state, event);
      visited(event, soFar);
      if (event.type === "frame.opened" && event.parent !== null) {
        const { frame, node } = event.parent;
        rootNodes.set(event.frame, frame === "" ? node : (rootNodes.get(frame) ?? node));
      }
      if (event.type === "approval.requested") {
        const asked = state.asked.get(event.id);
        if (asked !== undefined) requests.push({ asked, answer: null });
      }
      if (event.type === "approval.answered") {
        const one = requests.findLast(({ asked, answer }) => asked.request.id === event.id && answer === null);
        const { approved, by, reason, at, credentials = [] } = event;
        if (one !== undefined) one.answer = { approved, by, reason, at, signed: credentials.length > 0 };
      }
    },
  });
  if (!read.ok) return read;
  const { started } = state;
  if (started === null) return { ok: true, record: null };
  const all = requests.map((one) => ({ ...one, open: state.asked.get(one.asked.request.id) === one.asked }));
  const graphDigest = state.resumed?.graphDigest ?? started.graphDigest;
  return { ok: true, record: { started, graphDigest, soFar, requests: all, rootNodes } };
}

/** Nodes of the root walk as they end. */
function visited(event: JournalEvent, soFar: { node: string; outcome: string }[]): void {
  if (event.type === "node.ended" && event.frame === "") soFar.push({ node: event.node, outcome: event.outcome });
  if (event.type === "node.failed" && event.frame === "" && event.then !== "retry")
    soFar.push({ node: event.node, outcome: "error" });
}
