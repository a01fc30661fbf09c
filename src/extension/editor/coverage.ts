/** Coverage on a canvas: how often tests took each element of the drawing. */
import type { FileCoverage } from "../../fixtures/coverage-report.ts";
import type { ToPage } from "../../protocol/webview.ts";
import type { CanvasState } from "../../runtime/canvas/index.ts";

/** The message that marks the drawing; without coverage it clears all marks. What was added since has no mark. */
export function coverageMessage(coverage: FileCoverage | null, state: CanvasState | null): ToPage {
  if (coverage === null || state === null) return { type: "coverage", taken: [] };
  const { drawing, graph } = state;
  const nodes = new Map(coverage.nodes.map(({ id, visits }) => [id, visits]));
  const edges = new Map(coverage.nodes.flatMap((node) => node.edges.map(({ key, taken }) => [key, taken] as const)));
  const marks = (element: string, times: number | undefined) => (times === undefined ? [] : [{ element, times }]);
  return {
    type: "coverage",
    taken: [
      ...drawing.nodes.flatMap(({ key, index }) => marks(key, nodes.get(graph.nodes[index]?.id ?? ""))),
      ...drawing.edges.flatMap(({ key, index }) =>
        marks(key, index === null ? undefined : edges.get(graph.edges[index]?.key ?? "")),
      ),
    ],
  };
}
