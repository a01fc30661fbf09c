/**
 * Runs of a document that wait for an answer, or that were cut: by the end of their window, a crash or a power failure (spec/editor.md §7). Looks
 * at the state directory only; the engine is not needed to know that there are some.
 */
import { listRuns } from "../../connect/journal/runs.ts";
import { operatorOf, type EditorPlace } from "./place.ts";

/** A run that can be resumed. */
export interface UnfinishedRun {
  readonly runId: string;
  /** The document it was started from; with the runner for an X.yaml. */
  readonly root: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** No other run of the document has been started since. */
  readonly latest: boolean;
}

/** What is known of the runs of a document that have not ended. */
export interface Unfinished {
  /** Those for real that were interrupted, newest first. */
  readonly runs: readonly UnfinishedRun[];
  /** The latest run of the document, when it waits for an answer. */
  readonly waiting: UnfinishedRun | null;
  /** The latest run of the document is under way, or its process has not let go of it yet. */
  readonly underWay: boolean;
}

/** Looks at the runs of this document. `storage` as for a run that is started. */
export async function unfinishedRuns(place: EditorPlace, storage: string): Promise<Unfinished> {
  const read = await operatorOf(place);
  const listed = read.ok ? await listRuns(read.operator.stateDir ?? storage) : null;
  if (listed?.ok !== true) return { runs: [], waiting: null, underWay: false };
  const document = withoutRunner(place.file);
  const own = listed.value.filter((one) => one.root !== null && withoutRunner(one.root) === document);
  const standing = (wanted: "interrupted" | "paused"): UnfinishedRun[] =>
    own.flatMap(({ id, root, status, dryRun, startedAt }, i) =>
      status === wanted && !dryRun && root !== null
        ? [{ runId: id, root, startedAt: startedAt ?? 0, latest: i === 0 }]
        : [],
    );
  const waiting = standing("paused").find(({ latest }) => latest) ?? null;
  return { runs: standing("interrupted"), waiting, underWay: own[0]?.status === "running" };
}

function withoutRunner(file: string): string {
  return file.replace(/#[^/\\]*$/, "");
}
