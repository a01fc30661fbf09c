/** The graph editor's brain, for whoever shows it. */
export type { TextEdit } from "../../dialects/edits/edit.ts";
export type { LiveDocument, OpenLive } from "../../dialects/live/live.ts";
export type { Drawing } from "../../draw/drawing.ts";
export type { Layout, Point } from "../../draw/layout.ts";
export { CHILD_SCALE, withChildren, type DrawnChild } from "../../draw/children.ts";
export { closeFrames } from "../../draw/collapse.ts";
export { carried, carriedLayout, renamedKeys } from "../../draw/stability.ts";
export { svg } from "../../draw/svg.ts";
export { childOf, drawChild, type ChildName } from "./children.ts";
export { copyNodes } from "./clipboard.ts";
export { offersAt } from "./complete.ts";
export { decisionsOf, environmentNamed } from "./decisions.ts";
export { planOnCanvas, type CanvasPlan } from "./edits.ts";
export { inspect, paletteOf } from "./forms.ts";
export { LayoutWorker } from "./layout.ts";
export { drawDocument, elementAt, isDrawn, openDocuments, pathOf, type BrokenText, type CanvasState } from "./state.ts";
