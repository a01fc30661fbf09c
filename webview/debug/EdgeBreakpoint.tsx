/** The breakpoint of an edge, at its middle or beside its label; a click removes it. */
import { EdgeLabelRenderer } from "@xyflow/react";
import { visibleText } from "../../src/graph/visible.ts";
import type { PageBreakpoint } from "../../src/protocol/debug.ts";
import { changeBreakpoint } from "./actions.ts";
import { breakpointIcon } from "./BreakpointSpot.tsx";
import { debugWords } from "./words.ts";

/** See the header. `x` and `y`: the middle of the edge; `beside`: a label stands there. */
export function EdgeBreakpoint({
  edge,
  breakpoint,
  x,
  y,
  beside,
}: {
  readonly edge: string;
  readonly breakpoint: PageBreakpoint;
  readonly x: number;
  readonly y: number;
  readonly beside: boolean;
}) {
  const text = visibleText(debugWords.breakpoint(breakpoint));
  return (
    <EdgeLabelRenderer>
      <button
        type="button"
        className="breakpoint-spot edge-breakpoint set nodrag nopan"
        tabIndex={-1}
        title={text}
        aria-label={`${text}. ${debugWords.remove}`}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y + (beside ? BESIDE : 0)}px)` }}
        onClick={(event) => {
          event.stopPropagation();
          changeBreakpoint(edge, "toggle");
        }}
      >
        <i className={breakpointIcon(breakpoint)} aria-hidden />
      </button>
    </EdgeLabelRenderer>
  );
}

/** How far below a label, in pixels. */
const BESIDE = 16;
