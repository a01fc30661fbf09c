/** What quick fixes are asked: one finding, and what the document says at its place. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Edge, Graph, Node } from "../../src/graph/model.ts";
import type { Value } from "../../src/graph/value.ts";
import type { Session } from "../feature.ts";
import type { Finding } from "../findings.ts";
import { graphAt, nodeAt } from "../schema/where.ts";
import type { Snapshot } from "../workspace.ts";
import type { Change } from "./change.ts";

/** One thing that may be done. */
export interface Offer {
  readonly title: string;
  readonly change: Change;
  /** It is what nearly every author wants: it may be applied unseen, together with others. */
  readonly preferred?: boolean;
  /** A stretch of the new text that the author will want to write over; clients that can put the cursor there. */
  readonly placeholder?: string;
}

/** See the header. */
export interface About {
  readonly session: Session;
  readonly document: Snapshot;
  readonly live: LiveDocument;
  readonly finding: Finding;
  /** The path of the finding's place; of what stands at its beginning, where it has only a range. */
  readonly path: DocumentPath;
  readonly graph: Graph | null;
  /** Position of {@link graph} in the document. */
  readonly graphIndex: number;
  /** The node and the edge in whose construct it is. */
  readonly node: Node | null;
  readonly edge: Edge | null;
}

/** What may be done about a finding, best first. */
export type Family = (about: About) => readonly Offer[] | Promise<readonly Offer[]>;

/** Puts together what is known of a finding. */
export function aboutOf(session: Session, document: Snapshot, finding: Finding): About {
  const { live } = document;
  const path = finding.place?.path ?? live.source.at(live.lines.offset(finding.at.start)).path;
  const found = nodeAt(live, path);
  const graph = found?.graph ?? graphAt(live, path)?.graph ?? null;
  const index = live.graphs.findIndex((one) => one.graph === graph);
  return {
    session,
    document,
    live,
    finding,
    path,
    graph,
    graphIndex: Math.max(index, 0),
    node: found?.node ?? null,
    edge: graph?.edges.find((edge) => begins(path, edge.at) && graph.dialect === "workflow") ?? null,
  };
}

/** True when `path` is at or below `at`. */
export function begins(path: DocumentPath, at: DocumentPath): boolean {
  return path.length >= at.length && at.every((key, i) => path[i] === key);
}

/** A repair by values (see `Fix`): a key of the table at `at`. */
export function set(title: string, at: DocumentPath, key: string, value: Value): Offer {
  return { title, change: { type: "repair", fix: { type: "set", title, at: { path: at }, key, value } } };
}

/** A repair that takes the construct at `at` out. */
export function remove(title: string, at: DocumentPath): Offer {
  return { title, change: { type: "repair", fix: { type: "remove", title, at: { path: at, part: "construct" } } } };
}

/** A repair that puts `text` in place of a key, a string value, or a stretch of one. */
export function replace(
  title: string,
  at: DocumentPath,
  text: string,
  more: { readonly part?: "key" | "value"; readonly within?: { readonly from: number; readonly to: number } } = {},
): Offer {
  return {
    title,
    change: { type: "repair", fix: { type: "replace", title, at: { path: at, part: "value", ...more }, text } },
  };
}

/** `base`, or `base_2` and so on where that is taken. */
export function freeName(base: string, taken: Iterable<string>): string {
  const names = new Set(taken);
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}_${i}`;
    if (!names.has(name)) return name;
  }
}

/** Ids of a graph's nodes. */
export function idsOf(graph: Graph): string[] {
  return graph.nodes.map(({ id }) => id);
}
