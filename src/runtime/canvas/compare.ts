/**
 * What two drawings of one document differ in: the graph of git's HEAD beside the present one (spec/editor.md §8). Pure.
 * Comments, white space, quoting and the order of keys are no difference.
 */
import type { DrawnEdge } from "../../draw/drawing.ts";
import type { ElementChange } from "../../protocol/webview.ts";
import { followNodes } from "./follow.ts";
import { writtenFields } from "./forms.ts";
import type { CanvasState } from "./state.ts";

/** Changed elements of both drawings, by their own keys. */
export interface Comparison {
  /** What is not there any more is `removed`. */
  readonly before: readonly ElementChange[];
  /** What was not there is `added`. */
  readonly after: readonly ElementChange[];
}

/** Compares an older drawing with a newer one. A node that only has another name is `changed`. */
export function compareDrawings(before: CanvasState, after: CanvasState): Comparison {
  const moves = followNodes(before, after) ?? new Map(before.drawing.nodes.map(({ key }) => [key, key] as const));
  const [gone, come]: [ElementChange[], ElementChange[]] = [[], []];
  for (const { key } of before.drawing.nodes) {
    const to = moves.get(key);
    if (to === undefined) gone.push({ element: key, change: "removed" });
    else if (fieldsOf(before, key) !== fieldsOf(after, to)) {
      gone.push({ element: key, change: "changed" });
      come.push({ element: to, change: "changed" });
    }
  }
  const known = new Set(moves.values());
  for (const { key } of after.drawing.nodes) if (!known.has(key)) come.push({ element: key, change: "added" });
  compareEdges(before, after, moves, gone, come);
  return { before: gone, after: come };
}

function compareEdges(
  before: CanvasState,
  after: CanvasState,
  moves: ReadonlyMap<string, string>,
  gone: ElementChange[],
  come: ElementChange[],
): void {
  const nameOf = ({ from, to, port }: Pick<DrawnEdge, "from" | "to" | "port">): string =>
    JSON.stringify([from, to, port]);
  const left = new Map<string, DrawnEdge[]>();
  for (const edge of after.drawing.edges) {
    const same = left.get(nameOf(edge)) ?? [];
    left.set(nameOf(edge), same);
    same.push(edge);
  }
  for (const edge of before.drawing.edges) {
    const name = nameOf({
      from: moves.get(edge.from) ?? edge.from,
      to: moves.get(edge.to) ?? edge.to,
      port: edge.port,
    });
    const other = left.get(name)?.shift();
    if (other === undefined) gone.push({ element: edge.key, change: "removed" });
    else if (other.loop !== edge.loop) {
      gone.push({ element: edge.key, change: "changed" });
      come.push({ element: other.key, change: "changed" });
    }
  }
  for (const edges of left.values()) for (const { key } of edges) come.push({ element: key, change: "added" });
}

/** Everything that a node says, in the order of its keys. */
function fieldsOf({ drawing, graph, live }: CanvasState, key: string): string {
  const node = drawing.nodes.find((one) => one.key === key);
  const at = node === undefined ? undefined : graph.nodes[node.index]?.at;
  const fields = at === undefined ? [] : writtenFields(live, at);
  return JSON.stringify(
    fields.map((one) => [one.key, one.value]).sort((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1)),
  );
}
