/**
 * The journal of one record within the journal of a stream (spec/runtime.md §8): the record's run is folded from all
 * of its events, of which the stream keeps only what touches the world; one `record.ended` stands for the rest.
 *
 * Invariant: whatever must be durable before an effect leaves is durable in the stream's journal.
 */
import { placeEvent } from "../../connect/journal/place.ts";
import type { Activation } from "../../effects/effect.ts";
import type { JournalEvent, RunEvent } from "../../effects/events.ts";
import type { JournalStore } from "../../effects/seam.ts";
import type { Failure } from "../../graph/failure.ts";

/** The frame that a record's effects stand in. */
export function recordFrame(record: number): string {
  return `record[${record}]`;
}

/** See the header. */
export class RecordJournal implements JournalStore {
  private readonly stream: JournalStore;
  private readonly frame: string;
  private seq = 0;
  /** Something of this record stands in the stream's journal and nobody has waited for it yet. */
  private waiting = false;

  constructor(stream: JournalStore, record: number) {
    this.stream = stream;
    this.frame = recordFrame(record);
  }

  append(event: RunEvent, at: number): JournalEvent {
    switch (event.type) {
      case "effect.decided":
      case "effect.started":
      case "effect.ended":
      case "timer.set":
      case "timer.fired":
      case "approval.requested":
        this.stream.append({ ...event, act: this.within(event.act) }, at);
        this.waiting = true;
        break;
      case "provision.decided":
        this.stream.append(event.act === null ? event : { ...event, act: this.within(event.act) }, at);
        this.waiting = true;
        break;
      case "budget.exceeded":
      case "run.cancelled":
        this.stream.append(event, at);
        break;
      default:
        break;
    }
    return placeEvent(event, ++this.seq, at);
  }

  /** A record that has not touched the world waits for no disk: its end rides on the stream's next sync. */
  async sync(): Promise<Failure | null> {
    if (!this.waiting) return null;
    this.waiting = false;
    return this.stream.sync();
  }

  stillOwner(): Promise<Failure | null> {
    return this.stream.stillOwner();
  }

  /** The stream's journal goes on. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private within(act: Activation): Activation {
    return { ...act, frame: act.frame === "" ? this.frame : `${this.frame}/${act.frame}` };
  }
}
