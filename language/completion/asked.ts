/** What completion is asked: a place in a document, and the graph that its names are about. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourcePoint } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Graph } from "../../src/graph/model.ts";
import type { Session } from "../feature.ts";
import type { FieldInfo } from "../schema/fields.ts";
import { graphAt } from "../schema/where.ts";
import { folderOf } from "../uris.ts";
import type { Snapshot } from "../workspace.ts";
import type { Slot } from "./slot.ts";

/** A cursor in a document. */
export interface Cursor {
  readonly session: Session;
  readonly document: Snapshot;
  readonly live: LiveDocument;
  readonly point: SourcePoint;
  readonly offset: number;
}

/** A value that is being typed. */
export interface Asked extends Cursor {
  readonly path: DocumentPath;
  readonly field: FieldInfo | null;
  readonly slot: Slot;
}

/** The document and the graph that names at a place are about. */
export interface Subject {
  readonly document: Snapshot;
  readonly graph: Graph;
}

/** Its own graph; for a fixture, the one that it tests. Null where there is none. */
export async function subjectOf(
  { session, document, live }: Omit<Cursor, "offset" | "point">,
  path: DocumentPath,
): Promise<Subject | null> {
  if (live.what.document !== "fixture") {
    const graph = graphAt(live, path)?.graph;
    return graph === undefined ? null : { document, graph };
  }
  const key = fixtureTarget(session, document);
  const tested = key === null ? null : await session.workspace.document(key);
  const graph = tested?.live.graphs[0]?.graph;
  return tested === null || graph === undefined ? null : { document: tested, graph };
}

/** The key of the document that a fixture tests. */
export function fixtureTarget(session: Session, { live, key }: Snapshot): string | null {
  const workflow = live.what.document === "fixture" && live.what.dialect === "workflow";
  const named = live.source.element([workflow ? "document" : "target"])?.text;
  if (named === null || named === undefined) return workflow ? `${folderOf(key)}/workflow.toml` : null;
  return session.workspace.files.resolve(named, key)[0] ?? null;
}
