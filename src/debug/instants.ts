/**
 * Instants of a run's history as a session sees them: what stands there, where a walk is, which breakpoints are hit.
 *
 * Boundary: reads the history; only breakpoints count their hits.
 */
import type { Activation } from "../effects/effect.ts";
import type { Bundle } from "../dialects/bundle.ts";
import type { Breakpoints, Hit } from "./breakpoints.ts";
import type { History, Visit } from "./history.ts";
import { lookupAt } from "./look.ts";
import type { Stop, StopReason } from "./session-types.ts";

/** The stop before the entry with this index; null where there is no such entry. */
export function stopBefore(history: History, index: number, reason: StopReason): Stop | null {
  const visit = history.entries[index];
  if (visit === undefined) return null;
  const { frame, node } = visit.act;
  return { reason, frame, node, seq: visit.enteredSeq - 1, breakpoints: [], text: null };
}

/** The stop at the present of a run that is over. */
export function stopAtEnd(history: History): Stop {
  return { reason: "end", frame: "", node: null, seq: history.tip, breakpoints: [], text: null };
}

/** Where a walk is at `seq`: before the node of the stop when it is the walk's own, else at what it entered last. */
export function walkAt(
  history: History,
  seq: number,
  stop: Stop | null,
  frame: string,
): { readonly frame: string; readonly node: string | null; readonly visit: number } {
  const known = history.frames.get(frame);
  const visit = known === undefined ? null : history.visitAt(known, seq);
  if (stop?.frame === frame && stop.node !== null)
    return { frame, node: stop.node, visit: (known?.byNode.get(stop.node)?.length ?? 0) + 1 };
  return { frame, node: visit?.act.node ?? null, visit: visit?.act.visit ?? 0 };
}

/** Breakpoints that the entry of a node is stopped or logged by, with the values of the instant `seq`. */
export function hitsAt(
  breakpoints: Breakpoints,
  bundle: Bundle,
  history: History,
  entry: {
    readonly act: Pick<Activation, "frame"> & { readonly node: string };
    readonly edge: string | null;
    readonly seq: number;
  },
): readonly Hit[] {
  const { act, edge, seq } = entry;
  const frame = history.frames.get(act.frame);
  if (frame === undefined || breakpoints.empty) return [];
  const lookup = lookupAt(bundle, history, frame, seq);
  const hits = breakpoints.reached({ on: "node", document: frame.document, node: act.node }, lookup);
  if (edge === null) return hits;
  return [...hits, ...breakpoints.reached({ on: "edge", document: frame.document, edge }, lookup)];
}

/** Numbers of the breakpoints that stop at an entry of the past. */
export function stopsAt(breakpoints: Breakpoints, bundle: Bundle, history: History, visit: Visit): number[] {
  const { act, edge, enteredSeq } = visit;
  const hits = hitsAt(breakpoints, bundle, history, { act, edge, seq: enteredSeq - 1 });
  return hits.flatMap((hit) => (hit.what === "stop" ? [hit.id] : []));
}

/** Counts what the entries before the one with this index have hit, where a hit count decides. */
export function countHits(breakpoints: Breakpoints, bundle: Bundle, history: History, before: number): void {
  if (!breakpoints.counted) return;
  for (let at = 0; at < before; at++) stopsAt(breakpoints, bundle, history, history.entries[at] as Visit);
}

/** The last entry before the one with this index at which a breakpoint stops; null for none. Counts. */
export function lastHit(breakpoints: Breakpoints, bundle: Bundle, history: History, before: number): number | null {
  const stops = (at: number): boolean => stopsAt(breakpoints, bundle, history, history.entries[at] as Visit).length > 0;
  let last: number | null = null;
  if (breakpoints.counted) {
    // A hit count goes by everything that was reached up to there.
    for (let at = 0; at < before; at++) if (stops(at)) last = at;
    return last;
  }
  for (let at = before - 1; at >= 0 && last === null; at--) if (stops(at)) last = at;
  return last;
}
