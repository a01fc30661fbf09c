/**
 * The runs of some state directories for a view that stays open: each is looked at once, and again only when its
 * journal has changed (size and time of its segments), so that thousands of kept runs cost little.
 *
 * Invariants: of a run only its beginning and its end are read, never its journal as a whole; what is gone is
 * forgotten; a run that cannot be read is in the list with the reason.
 */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { isRunId, runsFolder, segmentEpoch } from "../../connect/journal/layout.ts";
import { ioProblem, journalProblemSentence, systemCode } from "../../connect/journal/problem.ts";
import { findRun, type RunsOptions, type RunSummary } from "../../connect/journal/runs.ts";

/** A run and where it is kept. */
export interface KeptRun {
  /** Absolute. */
  readonly stateDir: string;
  readonly summary: RunSummary;
}

/** What is known so far. */
export interface KeptRuns {
  /** Newest start first; those without a start last. */
  readonly runs: readonly KeptRun[];
  /** Runs that are kept and have not been looked at yet. */
  readonly pending: number;
  /** State directories that cannot be read, as sentences. */
  readonly problems: readonly string[];
}

/** Runs that are looked at before the first answer, and between two answers. */
const FIRST = 60;
const PART = 500;
/** Runs that are looked at at the same time. */
const AT_ONCE = 8;
/** Folders whose names and times are read before others get their turn. */
const LOOKS = 200;

/** One run's place in memory. */
interface Known {
  readonly stateDir: string;
  readonly id: string;
  /** Changes with the journal. */
  stamp: string;
  /** Time of the journal's last change, in milliseconds since 1970. */
  changedAt: number;
  summary: RunSummary | null;
  /** The summary is of the present stamp. */
  fresh: boolean;
}

/** See the header. */
export class RunList {
  private readonly options: RunsOptions;
  private readonly known = new Map<string, Known>();

  constructor(options: RunsOptions = {}) {
    this.options = options;
  }

  /**
   * Looks at what has changed, the newest first, and says more than once what is known by then; the last answer is
   * whole. Whoever has enough ends the iteration.
   */
  async *list(stateDirs: readonly string[]): AsyncGenerator<KeptRuns, void, void> {
    const problems: string[] = [];
    const present = new Set<string>();
    for (const stateDir of new Set(stateDirs)) {
      const problem = await this.look(stateDir, present);
      if (problem !== null) problems.push(problem);
    }
    for (const key of this.known.keys()) if (!present.has(key)) this.known.delete(key);
    const stale = [...this.known.values()].filter((one) => !one.fresh).sort((a, b) => b.changedAt - a.changedAt);
    for (let from = 0, most = FIRST; ; from += most, most = PART) {
      await this.read(stale.slice(from, from + most));
      const pending = Math.max(0, stale.length - from - most);
      yield { runs: this.sorted(), pending, problems };
      if (pending === 0) return;
    }
  }

  /** Finds the runs of a state directory and which of them have changed; gives a sentence where that is not possible. */
  private async look(stateDir: string, present: Set<string>): Promise<string | null> {
    const folder = runsFolder(stateDir);
    let names: readonly string[];
    try {
      names = readdirSync(folder);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return null;
      return journalProblemSentence(ioProblem(error, "list the runs", folder));
    }
    let looks = 0;
    for (const id of names.filter(isRunId)) {
      // A look at a name is many times cheaper than a trip to another thread, but thousands of them are not.
      if (++looks % LOOKS === 0) await new Promise((resolve) => setImmediate(resolve));
      const seen = stampOf(path.join(folder, id));
      if (seen === null) continue;
      const key = path.join(stateDir, id);
      present.add(key);
      const before = this.known.get(key);
      if (before === undefined) this.known.set(key, { stateDir, id, ...seen, summary: null, fresh: false });
      else if (before.stamp !== seen.stamp || mayChangeByItself(before.summary))
        Object.assign(before, seen, { fresh: false });
    }
    return null;
  }

  private async read(stale: readonly Known[]): Promise<void> {
    const waiting = [...stale];
    const work = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const found = await findRun(one.stateDir, one.id, this.options);
        if (found.ok) one.summary = found.value;
        else this.known.delete(path.join(one.stateDir, one.id));
        one.fresh = true;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  private sorted(): readonly KeptRun[] {
    const runs = [...this.known.values()].flatMap(({ stateDir, summary }) =>
      summary === null ? [] : [{ stateDir, summary }],
    );
    return runs.sort(
      ({ summary: a }, { summary: b }) => (b.startedAt ?? -1) - (a.startedAt ?? -1) || (a.id < b.id ? -1 : 1),
    );
  }
}

/** How a run stands may change without its journal: its process ends, or lets go of it. */
function mayChangeByItself(summary: RunSummary | null): boolean {
  if (summary === null) return true;
  return summary.held || summary.status === "unknown" || summary.problem?.code === "journal.io";
}

/** What a run's journal looks like from outside; null when the folder is gone or none. */
function stampOf(folder: string): Pick<Known, "stamp" | "changedAt"> | null {
  try {
    let changedAt = 0;
    const parts = readdirSync(folder)
      .filter((name) => segmentEpoch(name) !== null)
      .sort()
      .map((name) => {
        const { size, mtimeMs } = statSync(path.join(folder, name));
        changedAt = Math.max(changedAt, mtimeMs);
        return `${name} ${size} ${mtimeMs}`;
      });
    return { stamp: parts.join("\n"), changedAt };
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    // What cannot be looked at is listed with the reason, which the reader finds; what is gone is no run.
    return code === "ENOENT" || code === "ENOTDIR" ? null : { stamp: code, changedAt: 0 };
  }
}
