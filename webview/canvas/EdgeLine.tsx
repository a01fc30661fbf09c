/** An arrow: along the way that the layout found, or between its ports; loop edges are curved and carry their budget. */
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type Edge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import type { WireDrawing } from "../../src/protocol/webview.ts";
import { EdgeBreakpoint } from "../debug/EdgeBreakpoint.tsx";
import { shownRun } from "../debug/past.ts";
import { Shown } from "../Shown.tsx";
import { LabelBox } from "./LabelBox.tsx";
import { usePage } from "../state.ts";
import { words } from "../words.ts";
import { wayPath } from "./ways.ts";

/** Radius of corners in pixels; a loop edge is curved more, so that it is told apart. */
const CORNER = 6;
const LOOP_CORNER = 22;

/** What React Flow carries for an edge. `points`: the way the layout found; null for straight between the ports. */
export type EdgeLineEdge = Edge<
  {
    readonly edge: WireDrawing["edges"][number] | null;
    readonly points: readonly { readonly x: number; readonly y: number }[] | null;
  },
  "line"
>;

/** See the header. */
export const EdgeLine = memo(function EdgeLine(props: EdgeProps<EdgeLineEdge>) {
  const { id, data } = props;
  const edge = data?.edge ?? null;
  const taken = usePage((page) => shownRun(page)?.taken.has(id) === true);
  const breakpoint = usePage((page) => page.breakpoints.get(id));
  const selected = usePage((page) => page.group.has(id));
  const labelling = usePage((page) => page.labelling === id);
  const difference = usePage((page) => page.changes.get(id));
  const missed = usePage((page) => page.coverage.get(id) === 0);
  const mark = usePage((page) => page.marks.get(id)?.[0]?.severity);
  const points = data?.points ?? null;
  const loop = edge?.loop ?? null;
  const [path, x, y] = points === null ? getBezierPath(props) : wayPath(points, loop === null ? CORNER : LOOP_CORNER);
  const label = [edge?.label ?? null, loop === null ? null : words.loop(loop)].filter((one) => one !== null);
  const state = `${selected ? " selected" : ""}${taken ? " taken" : ""}${difference === undefined ? "" : ` difference-${difference}`}${mark === undefined ? "" : ` mark-${mark}`}${missed ? " not-taken" : ""}`;
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        markerEnd={props.markerEnd ?? ""}
        className={`edge edge-${edge?.type ?? "entry"}${state}`}
        interactionWidth={16}
      />
      {labelling && edge !== null && <LabelBox edge={edge} x={x} y={y} />}
      {breakpoint !== undefined && (
        <EdgeBreakpoint edge={id} breakpoint={breakpoint} x={x} y={y} beside={label.length > 0 && !labelling} />
      )}
      {label.length > 0 && !labelling && (
        <EdgeLabelRenderer>
          <div
            className={`edge-label${state}`}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            <Shown text={label.join(" · ")} />
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
