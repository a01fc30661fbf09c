/** An event in its place. */
import type { JournalEvent, RunEvent } from "../../effects/events.ts";

/**
 * A copy of `event` with its `seq` and `at`. Not written as `{ ...event, seq, at }`: with the ten members of an event
 * V8 takes a slow path for that, which costs more than everything else a plain node needs.
 */
export function placeEvent(event: RunEvent, seq: number, at: number): JournalEvent {
  const placed = Object.assign({}, event) as { -readonly [K in keyof JournalEvent]: JournalEvent[K] };
  placed.seq = seq;
  placed.at = at;
  return placed as JournalEvent;
}
