/** A graph as a picture, for the command line and reports. */
import { drawGraph } from "../../draw/make.ts";
import { svg } from "../../draw/svg.ts";
import type { Theme } from "../../draw/svg-look.ts";
import type { Graph } from "../../graph/model.ts";
import { layoutOnce } from "./layout-once.ts";
import { lookOf } from "./state.ts";

/** The graph as an SVG file. */
export async function pictureOf(graph: Graph, theme: Theme): Promise<string> {
  const drawing = drawGraph(graph, lookOf);
  return svg(drawing, await layoutOnce(drawing), { theme });
}
