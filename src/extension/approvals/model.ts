/**
 * The requests of all sources of a window, as they were read last, and what is new among them. Knows nothing of VS Code.
 *
 * Invariants: one reading at a time, however often something changes; a request is told as new once, and never when it
 * was there at the first reading; what a source cannot read is said and hides nothing of the others.
 */
import type { ApprovalSource, EndedRequest, ListedRequest, RequestRef } from "../../runtime/approvals/source.ts";

/** A request with where it is from. */
export interface Placed<T extends ListedRequest = ListedRequest> {
  readonly source: ApprovalSource;
  readonly request: T;
}

/** What was read last. */
export interface Snapshot {
  /** Null before the first reading. */
  readonly pending: readonly Placed[] | null;
  readonly problems: readonly string[];
}

/** Most ended requests that are listed. */
const MAX_ENDED = 200;

/** Names a request among all. */
export function keyOf(source: ApprovalSource, ref: RequestRef): string {
  return JSON.stringify([source.id, ref.runId, ref.id, ref.askedAt]);
}

/** See the header. */
export class Requests {
  snapshot: Snapshot = { pending: null, problems: [] };
  private readonly sources: () => Promise<readonly ApprovalSource[]>;
  private readonly tell: (arrived: readonly Placed[]) => void;
  private readonly known = new Set<string>();
  private reading: Promise<void> | null = null;
  private again = false;

  /** `tell` is called after every reading, with the requests that were not there before. */
  constructor(sources: () => Promise<readonly ApprovalSource[]>, tell: (arrived: readonly Placed[]) => void) {
    this.sources = sources;
    this.tell = tell;
  }

  /** Reads anew. Resolves when what was there at the call has been read. */
  async refresh(): Promise<void> {
    if (this.reading !== null) {
      this.again = true;
      return this.reading;
    }
    this.reading = this.readAll();
    try {
      await this.reading;
    } finally {
      this.reading = null;
    }
  }

  private async readAll(): Promise<void> {
    do {
      this.again = false;
      await this.read();
    } while (this.again);
  }

  private async read(): Promise<void> {
    const pending: Placed[] = [];
    const problems: string[] = [];
    for (const source of await this.sources()) {
      const read = await source.pending();
      if (read.ok) pending.push(...read.value.map((request) => ({ source, request })));
      else problems.push(read.problem.message);
    }
    const first = this.snapshot.pending === null;
    const arrived = pending.filter(({ source, request }) => !this.known.has(keyOf(source, request.ref)));
    for (const { source, request } of arrived) this.known.add(keyOf(source, request.ref));
    this.snapshot = { pending, problems };
    this.tell(first ? [] : arrived);
  }

  /** What came to its end, the latest first. */
  async ended(): Promise<readonly Placed<EndedRequest>[]> {
    const found: Placed<EndedRequest>[] = [];
    for (const source of await this.sources()) {
      const read = await source.history(MAX_ENDED);
      if (read.ok) found.push(...read.value.map((request) => ({ source, request })));
    }
    return found.sort((a, b) => b.request.answer.at - a.request.answer.at).slice(0, MAX_ENDED);
  }
}

/** How many of them can still be answered. */
export function waiting(pending: readonly Placed[], now: number): number {
  return pending.filter(({ request }) => request.expiresAt === null || now < request.expiresAt).length;
}
