/** Takes the snapshot of a recorded run: reads it, folds it, and looks up its documents. */
import type { JournalEvent } from "../../effects/events.ts";
import type { Graph } from "../../graph/model.ts";
import { parseDocument } from "../documents.ts";
import type { OpsResult } from "./problem.ts";
import { readEvents, readPinned, type PinnedBytes, type RunSource } from "./run-source.ts";
import { SnapshotFold, type Snapshot } from "./snapshot.ts";

/** Reads a run and gives its snapshot; `alsoTo` hears every event. */
export async function takeSnapshot(
  source: RunSource,
  alsoTo: (event: JournalEvent) => void = () => undefined,
): Promise<OpsResult<Snapshot>> {
  const fold = new SnapshotFold();
  const read = await readEvents(source, (event) => {
    fold.add(event);
    alsoTo(event);
  });
  if (!read.ok) return read;
  const { started, resumed } = fold.state;
  const pinned = await readPinned(source, resumed?.documents ?? started?.documents ?? []);
  const graphs = pinned.ok ? graphsOf(pinned.value) : new Map<string, Graph>();
  return { ok: true, value: fold.snapshot(source.runId, read.value, graphs) };
}

/** The graphs among pinned documents, by key; what does not parse is left out. */
export function graphsOf(documents: readonly PinnedBytes[]): ReadonlyMap<string, Graph> {
  const graphs = new Map<string, Graph>();
  for (const { key, role, bytes } of documents) {
    if (role === "schema" || role === "policy") continue;
    const { graph } = parseDocument(Buffer.from(bytes).toString("utf8"), key);
    if (graph !== null) graphs.set(key, graph);
  }
  return graphs;
}
