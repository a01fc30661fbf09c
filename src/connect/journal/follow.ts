/**
 * Follows a run while it is being written: every event so far, then each new one, over take-overs, until aborted.
 *
 * A line without its end is waited for. A former owner's line that was shown before the take-over was seen is taken
 * back with `void`. Lines are checked against the chain as by any reader.
 */
import type { JournalEvent } from "../../effects/events.ts";
import { Chain } from "./chain.ts";
import { nodeFiles, type JournalFiles, type ReadFile } from "./file.ts";
import { runFolder, segmentEpoch } from "./layout.ts";
import { ioProblem, systemCode, type JournalProblem } from "./problem.ts";
import { forEachLine, loadEvent, missing } from "./reader.ts";
import { findSegments, type Segment } from "./segment.ts";

/** What a follower sees. */
export type Followed =
  | { readonly type: "event"; readonly event: JournalEvent }
  /** Events after `seq` that were given before do not count: a take-over had cut them off. */
  | { readonly type: "void"; readonly seq: number }
  /** Reading cannot go on; the last item. */
  | { readonly type: "problem"; readonly problem: JournalProblem };

/** How to follow. */
export interface FollowOptions {
  readonly files?: JournalFiles;
  /** Events up to this one are read and checked, but not given. */
  readonly afterSeq?: number;
}

/** Follows run `runId` until `signal` aborts. Secrets stay markers. */
export async function* followRun(
  stateDir: string,
  runId: string,
  signal: AbortSignal,
  options: FollowOptions = {},
): AsyncGenerator<Followed, void> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) {
    yield { type: "problem", problem: folder.problem };
    return;
  }
  const files = options.files ?? nodeFiles;
  const follower = new Follower(files, folder.value, runId, options.afterSeq ?? 0);
  let bell: Bell | null = null;
  try {
    bell = new Bell(files, folder.value, signal);
    while (!signal.aborted && follower.problem === null) {
      yield* follower.news(signal);
      if (follower.problem === null) await bell.rung();
    }
    if (follower.problem !== null && !signal.aborted) yield { type: "problem", problem: follower.problem };
  } catch (error) {
    const gone = systemCode(error) === "ENOENT" && !(await files.exists(folder.value));
    const problem = gone ? missing(stateDir, runId) : ioProblem(error, "follow the run", folder.value);
    yield { type: "problem", problem };
  } finally {
    bell?.end();
  }
}

/** Tells that the folder may have changed since one last asked. */
class Bell {
  private changed = false;
  private wake: (() => void) | null = null;
  private readonly unwatch: () => void;
  private readonly signal: AbortSignal;

  constructor(files: JournalFiles, folder: string, signal: AbortSignal) {
    this.signal = signal;
    this.unwatch = files.watch(folder, this.ring);
    signal.addEventListener("abort", this.ring);
  }

  private readonly ring = (): void => {
    this.changed = true;
    this.wake?.();
  };

  async rung(): Promise<void> {
    if (!this.changed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.changed = false;
    this.wake = null;
  }

  end(): void {
    this.unwatch();
    this.signal.removeEventListener("abort", this.ring);
  }
}

class Follower {
  problem: JournalProblem | null = null;
  private chain = new Chain();
  private current: Segment | null = null;
  private given: number;
  private readonly files: JournalFiles;
  private readonly folder: string;
  private readonly runId: string;

  constructor(files: JournalFiles, folder: string, runId: string, afterSeq: number) {
    this.files = files;
    this.folder = folder;
    this.runId = runId;
    this.given = afterSeq;
  }

  /** Everything that has come since the last call. */
  async *news(signal: AbortSignal): AsyncGenerator<Followed> {
    const names = await this.files.names(this.folder);
    const highest = Math.max(0, ...names.map((name) => segmentEpoch(name) ?? 0));
    if (this.current !== null && highest === this.current.epoch) {
      yield* this.lines(this.current, null, signal);
      return;
    }
    const found = await findSegments(this.files, this.folder, this.runId);
    if (!found.ok) {
      this.problem = found.problem;
      return;
    }
    yield* this.takenOver(found.value.segments, signal);
  }

  /** Goes on from where we stand to the newest segment. */
  private async *takenOver(segments: readonly Segment[], signal: AbortSignal): AsyncGenerator<Followed> {
    let from = segments.findIndex((segment) => segment.epoch === this.current?.epoch);
    const end = segments[from]?.end ?? null;
    const cutOff = this.current !== null && (from < 0 || (end !== null && this.chain.offset > end));
    if (cutOff) {
      // Read it all again, giving nothing up to the cut; the first new event tells where the cut is.
      this.chain = new Chain();
      this.current = null;
      from = -1;
    }
    for (const segment of segments.slice(Math.max(from, 0))) {
      if (this.current?.epoch !== segment.epoch) this.chain.enter(segment);
      this.current = segment;
      yield* this.lines(segment, segment.end, signal, cutOff);
      if (this.problem !== null || signal.aborted) return;
    }
  }

  /** The lines of a segment behind the last accepted one; to `end`, or to what is there. */
  private async *lines(
    segment: Segment,
    end: number | null,
    signal: AbortSignal,
    cutOff = false,
  ): AsyncGenerator<Followed> {
    const file = await this.files.openRead(segment.path);
    try {
      const to = end ?? (await file.size());
      for (let more = true; more && !signal.aborted && this.problem === null;) {
        const events: JournalEvent[] = [];
        more = await this.batch(file, to, end === null, events);
        for (const event of events) {
          if (cutOff && event.type === "segment.opened" && event.seq <= this.given) {
            this.given = event.seq - 1;
            yield { type: "void", seq: this.given };
          }
          if (event.seq <= this.given) continue;
          this.given = event.seq;
          yield { type: "event", event };
        }
      }
      if (end !== null && this.chain.offset !== end && this.problem === null && !signal.aborted) {
        this.problem = this.chain.problem("the segment after this one cites an end that is not here");
      }
    } finally {
      await file.close();
    }
  }

  /** Accepts the next lines; false when there are no more for now. A line that may still grow is left for later. */
  private async batch(file: ReadFile, to: number, growing: boolean, events: JournalEvent[]): Promise<boolean> {
    const { chain } = this;
    let full = false;
    await forEachLine(file, chain.offset, to, async (line, next) => {
      const link = chain.accept(line);
      if (link.type === "unparsable" && growing && next === to) return false;
      if (link.type === "unparsable" || link.type === "broken") {
        this.problem = link.problem;
        return false;
      }
      if (link.type !== "event") return true;
      const loaded = await loadEvent(this.files, this.folder, link, null);
      if (loaded.ok) events.push(loaded.value);
      else this.problem = { ...chain.place(), ...loaded.problem };
      full = events.length === BATCH_EVENTS;
      return loaded.ok && !full;
    });
    return full;
  }
}

/** Events that are read before they are given. */
const BATCH_EVENTS = 512;
