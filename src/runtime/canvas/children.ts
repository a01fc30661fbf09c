/** Documents that nodes run: where they may stand, and how they are drawn inside the node or opened (issue: "Children open in place"). */
import path from "node:path";
import type { OpenLive } from "../../dialects/live/live.ts";
import { splitRunner } from "../../dialects/skill/front-end.ts";
import type { FileReference } from "../../graph/model.ts";
import { loading } from "../documents.ts";
import { drawDocument, isDrawn, type CanvasState } from "./state.ts";

/** A child document, by name. */
export interface ChildName {
  /** Paths to try in order; relative ones are meant beside the document. */
  readonly candidates: readonly string[];
  /** As the document writes it. */
  readonly text: string;
  readonly runner: string | null;
}

/** The document that a node runs; null when it runs none that is a file. */
export function childOf(state: CanvasState, key: string): ChildName | null {
  const drawn = state.drawing.nodes.find((one) => one.key === key);
  const node = drawn === undefined ? undefined : state.graph.nodes[drawn.index];
  const file: FileReference | undefined = node?.files.find((one) => one.role !== "schema");
  if (file === undefined) return null;
  const runner = file.role === "skill" ? splitRunner(file.text).runner : null;
  return { candidates: loading.candidates(file), text: file.text, runner };
}

/** Draws a child's text; a sentence when it cannot be drawn. */
export function drawChild(text: string, file: string, open: OpenLive, runner: string | null): CanvasState | string {
  const state = drawDocument(text, file, open, null, runner);
  if (isDrawn(state)) return state;
  const name = path.basename(file);
  return state.live === null ? `${name} is no graph document` : `${name} does not parse`;
}
