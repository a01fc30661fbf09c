/**
 * Who runs whom: documents, their starts (of an X.yaml: its runners), and the nodes that run other documents with
 * `call`, `parallel`, `map` or as a nested skill.
 *
 * Invariants: a caller and what it calls are found from the same file references, so both directions agree; circles
 * are fine, because a client asks for one level at a time.
 */
import type { CancellationToken } from "vscode-languageserver";
import { nodeIndex, type Graph } from "../../src/graph/model.ts";
import type { Session } from "../feature.ts";
import type { Snapshot } from "../workspace.ts";
import { fileLinks, foundFile, type FileLink } from "./files.ts";

/** A document, or one of its starts or runners; `start` null: the document as a whole. */
export interface Callee {
  readonly document: Snapshot;
  readonly start: string | null;
}

/** One place where a node runs another document. */
export interface Call {
  readonly document: Snapshot;
  readonly link: FileLink;
  /** The node; a file reference outside of nodes calls nothing. */
  readonly node: string;
}

/** The places in a document where its nodes run others. */
export function callsIn(document: Snapshot): Call[] {
  return fileLinks(document.live).flatMap((link) =>
    link.node !== null && (link.role === "child" || link.role === "skill") ? [{ document, link, node: link.node }] : [],
  );
}

/** What a call runs; null when the file is not there or no document of ours. */
export async function calleeOf(session: Session, { document, link }: Call): Promise<Callee | null> {
  const file = await foundFile(session.workspace, document, link);
  if (file === null || file.document === null) return null;
  return { document: file.document, start: link.start ?? defaultStart(file.document) };
}

/** The start that a call without one enters: the first of a workflow, the default or only runner of an X.yaml. */
function defaultStart({ live }: Snapshot): string | null {
  const { what } = live;
  if (what.document === "graph" && what.dialect === "workflow") return live.graphs[0]?.graph.starts[0]?.name ?? null;
  if (what.document !== "skill" || what.form !== "manifest") return null;
  const runners = live.source.element(["runners"])?.children ?? [];
  const standard = runners.find((one) => live.source.element(["runners", one, "default"])?.text === "true");
  const chosen = standard ?? (runners.length === 1 ? runners[0] : undefined);
  return chosen === undefined ? null : String(chosen);
}

/** Every call of `callee` in the documents that the session knows. Empty when it was cancelled. */
export async function callersOf(session: Session, callee: Callee, token: CancellationToken): Promise<readonly Call[]> {
  const found: Call[] = [];
  for (const document of await session.workspace.all()) {
    const known = new Map<string, Promise<Callee | null>>();
    for (const call of callsIn(document)) {
      if (token.isCancellationRequested) return [];
      const name = JSON.stringify([call.link.role, call.link.text, call.link.start]);
      const target = known.get(name) ?? calleeOf(session, call);
      known.set(name, target);
      const one = await target;
      if (one?.document.key !== callee.document.key) continue;
      if (callee.start === null || one.start === callee.start) found.push(call);
    }
  }
  return found;
}

/** Ids of the nodes that a run can reach from `from`, along edges or, with `back`, against them; itself included. */
export function reached(graph: Graph, from: string, back = false): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const edge of graph.edges) {
    const [source, target] = back ? [edge.to, edge.from] : [edge.from, edge.to];
    const list = next.get(source);
    if (list === undefined) next.set(source, [target]);
    else list.push(target);
  }
  const index = nodeIndex(graph);
  const seen = new Set(index.has(from) ? [from] : []);
  for (const id of seen) for (const one of next.get(id) ?? []) if (index.has(one)) seen.add(one);
  return seen;
}

/** The node that a start enters: the one it names, or the single node without an in-edge. */
export function entryOf(graph: Graph, start: string): string | null {
  const found = graph.starts.find((one) => one.name === start);
  if (found === undefined) return null;
  if (found.entry !== null) return found.entry;
  const targets = new Set(graph.edges.map((edge) => edge.to));
  const roots = graph.nodes.filter((node) => !targets.has(node.id));
  return roots.length === 1 ? (roots[0]?.id ?? null) : null;
}
