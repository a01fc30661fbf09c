/**
 * `countersign graph FILE`: the graph as text for Mermaid or Graphviz, or as an SVG picture. Also a graph with errors is drawn, since that is
 * when one wants to see it; its errors are counted on standard error. Exit code 0; 2 when there is nothing to draw.
 */
import { dot, mermaid } from "../../draw/text.ts";
import { readGraph } from "../../runtime/read-graph.ts";
import { documentAt } from "../../runtime/root.ts";
import { oneOf } from "../options.ts";
import { refuseDocument } from "../render/refusal.ts";
import { clean, count } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";

/** Options of `graph`. */
export interface GraphOptions {
  /** `mermaid` (default), `dot` or `svg`. */
  readonly format?: unknown;
  /** Colours of the SVG: `light` (default) or `dark`. */
  readonly theme?: unknown;
}

/** Prints the drawing on standard output. */
export async function graphCommand(terminal: Terminal, named: string, options: GraphOptions = {}): Promise<number> {
  const format = oneOf("--format", options.format ?? "mermaid", ["mermaid", "dot", "svg"]);
  const theme = oneOf("--theme", options.theme ?? "light", ["light", "dark"]);
  const file = await documentAt(named, terminal.cwd);
  const read = await readGraph(file, terminal.cwd);
  if (!read.ok) return refuseDocument(terminal, file, read);
  if (format === "svg") {
    const { pictureOf } = await import("../../runtime/canvas/picture.ts");
    terminal.out(await pictureOf(read.graph, theme));
  } else terminal.out(format === "dot" ? dot(read.graph) : mermaid(read.graph));
  if (read.errors > 0)
    terminal.err(`${clean(file)} has ${count(read.errors, "error")}; see: countersign validate ${clean(file)}\n`);
  return 0;
}
