/**
 * Where breakpoints of a graph stand in its text (spec/editor.md §5): any line of a node's construct is the node's, the
 * lines of an edge are the edge's. One rule for the gutter, the debugger and the canvas. Pure.
 */
import type { LiveDocument } from "../../dialects/live/live.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";

/** A node or an edge in a text; lines and columns from 0. */
export interface GraphSpot {
  readonly on: "node" | "edge";
  /** The node's id or the edge's key. */
  readonly id: string;
  /** Its place in the graph's list. */
  readonly index: number;
  /** First and last line of its construct. */
  readonly from: number;
  readonly to: number;
  /** The line that is its breakpoint's: that of a node's id, of an edge's label. */
  readonly line: number;
  readonly column: number;
}

/** Everything of a graph on which a breakpoint can stand. Edges that a dialect derives stand nowhere of their own. */
export function spotsOf(graph: Graph, live: LiveDocument): GraphSpot[] {
  return [
    ...graph.nodes.flatMap(({ id, at }, index) => {
      const named = ["id", "name"].map((key) => [...at, key]).find((path) => live.source.element(path) !== null);
      return spot({ on: "node", id, index }, live, at, named ?? at);
    }),
    ...graph.edges.flatMap(({ key: id, at, when }, index) => {
      const label = [...at, "when"];
      const labelled = when !== null && live.source.element(label) !== null;
      return spot({ on: "edge", id, index }, live, at, labelled ? label : at);
    }),
  ];
}

/** What stands at a line, the innermost; null for nothing. */
export function spotAt<S extends Pick<GraphSpot, "from" | "to">>(spots: readonly S[], line: number): S | null {
  return spots.reduce<S | null>((best, one) => {
    if (line < one.from || one.to < line) return best;
    return best === null || one.to - one.from < best.to - best.from ? one : best;
  }, null);
}

function spot(
  what: Pick<GraphSpot, "on" | "id" | "index">,
  { source, lines }: LiveDocument,
  whole: DocumentPath,
  named: DocumentPath,
): GraphSpot[] {
  const construct = source.element(whole);
  const line = source.element(named);
  if (construct === null || line === null || whole.length === 0) return [];
  const at = lines.position((line.key ?? line.header ?? line.extent)[0]);
  return [
    {
      ...what,
      from: lines.position(construct.extent[0]).line,
      to: lines.position(construct.extent[1]).line,
      line: at.line,
      column: at.character,
    },
  ];
}
