/**
 * The journal of a run without a state directory: neither serialised nor hashed (spec/runtime.md §3).
 */
import type { JournalEvent, RunEvent } from "../../effects/events.ts";
import type { JournalStore } from "../../effects/seam.ts";
import type { Failure } from "../../graph/failure.ts";
import { masked, type Masking } from "./masking.ts";
import { placeEvent } from "./place.ts";

/** What the in-memory journal takes. */
export interface MemoryOptions {
  /** Gets every event, masked, at once and in order. Must not throw. */
  readonly listener?: (event: JournalEvent) => void;
  /** Secrets become markers in what the listener gets. */
  readonly masking?: Masking | null;
  /** Keeps the events for {@link MemoryJournal.events}; false for runs that go on for long. */
  readonly retain?: boolean;
  /** Events of the run so far, when another journal is gone on with; the listener has heard them. */
  readonly earlier?: readonly JournalEvent[];
}

/** A journal that ends with its process. */
export class MemoryJournal implements JournalStore {
  private readonly kept: JournalEvent[] = [];
  private readonly options: MemoryOptions;
  private seq = 0;

  constructor(options: MemoryOptions = {}) {
    this.options = options;
    const { earlier = [] } = options;
    this.kept.push(...earlier);
    this.seq = earlier.at(-1)?.seq ?? 0;
  }

  /** Everything appended so far, as the run sees it (secrets included); empty when nothing is retained. */
  get events(): readonly JournalEvent[] {
    return this.kept;
  }

  append(event: RunEvent, at: number): JournalEvent {
    const placed = placeEvent(event, ++this.seq, at);
    if (this.options.retain !== false) this.kept.push(placed);
    this.options.listener?.(masked(placed, this.options.masking ?? null));
    return placed;
  }

  sync(): Promise<Failure | null> {
    return Promise.resolve(null);
  }

  /** Nobody else can reach this memory. */
  stillOwner(): Promise<Failure | null> {
    return Promise.resolve(null);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
