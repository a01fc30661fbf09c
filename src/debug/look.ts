/**
 * Looking at an instant of a run: what references lead to there, and which walk stands within which.
 *
 * Boundary: pure; values come from the history, so what was masked stays masked.
 */
import type { Bundle } from "../dialects/bundle.ts";
import { rulesFor } from "../dialects/rules.ts";
import { splitReference, walk } from "../graph/reference.ts";
import type { Value } from "../graph/value.ts";
import type { FrameHistory, History } from "./history.ts";

/** Resolves references in a frame's context at `seq` (spec/workflow.md §4.3); undefined for what is missing. */
export function lookupAt(
  bundle: Bundle,
  history: History,
  frame: FrameHistory,
  seq: number,
): (reference: string) => Value | undefined {
  return (reference) => {
    const { head, rest } = splitReference(reference);
    const output = history.outputAt(frame, head, seq);
    if (output !== undefined) return walk(output, rest);
    return head === "trigger" ? walk(triggerOf(bundle, history, frame), rest) : undefined;
  };
}

/** The value under `trigger` in a frame. */
export function triggerOf(bundle: Bundle, history: History, frame: FrameHistory): Value {
  const dialect = bundle.entries.get(frame.document)?.graph?.dialect ?? "workflow";
  const triggerKind = frame.parent === null ? (history.started?.triggerKind ?? "manual") : "manual";
  return rulesFor(dialect).trigger({
    frame: frame.frame,
    start: frame.start,
    input: frame.input,
    triggerKind,
    ...nothingYet,
  });
}

const nothingYet = {
  steps: 0,
  active: [],
  lastEntered: null,
  pending: null,
  ended: new Map(),
  visits: new Map(),
  loops: new Map(),
  resolvedGates: new Set<string>(),
} as const;

/** The frame around a frame; null for the root. */
export function parentOf(history: History, frame: FrameHistory): FrameHistory | null {
  return frame.parent === null ? null : (history.frames.get(frame.parent.frame) ?? null);
}

/** The nodes around a node, outermost first, and the node itself: its way through the drawing. */
export function wayTo(history: History, frame: FrameHistory, node: string | null): readonly string[] {
  const way = node === null ? [] : [node];
  for (const { parent } of framesAround(history, frame)) if (parent !== null) way.unshift(parent.node);
  return way;
}

/** True when the walk `inner` is `outer` or stands, at any depth, within it. */
export function isWithin(inner: string, outer: string): boolean {
  return outer === "" || inner === outer || inner.startsWith(`${outer}/`);
}

/** The frame and those around it, innermost first. */
export function framesAround(history: History, frame: FrameHistory): FrameHistory[] {
  const chain: FrameHistory[] = [];
  for (let at: FrameHistory | null = frame; at !== null; at = parentOf(history, at)) chain.push(at);
  return chain;
}
