/**
 * A `spec.kv` while it is being typed (spec/editor.md §4).
 *
 * Boundary: pure. Lines are read by the front end's own reader; what it accepts gives the same graph. Nothing is
 * remembered: reading all lines again takes no time that anybody would notice.
 */
import type { Detected } from "../detect.ts";
import type { LiveDocument } from "../live/live.ts";
import { TextLines } from "../live/text-lines.ts";
import { createPipelineFrontEnd, type PipelineOptions } from "./front-end.ts";
import { recoverPipeline } from "./live-recover.ts";
import { readTree } from "./live-tree.ts";

/** Gives the function that opens texts of this dialect. */
export function pipelineLive(options: PipelineOptions): (text: string, file: string, what: Detected) => LiveDocument {
  const frontEnd = createPipelineFrontEnd(options);
  return (text, file, what) => {
    const lines = new TextLines(text);
    const base = { file, text, what, lines, source: readTree(text, lines) };
    const { graph, diagnostics } = frontEnd.parse(text, file);
    if (graph !== null) {
      const findings = [...diagnostics, ...frontEnd.validate(graph)];
      return { ...base, graphs: [{ runner: null, graph, whole: true }], findings, accepted: true };
    }
    const recovered = recoverPipeline(text, file, diagnostics, options);
    const findings = [...diagnostics, ...recovered.findings];
    return { ...base, graphs: [{ runner: null, graph: recovered.graph, whole: false }], findings, accepted: false };
  };
}
