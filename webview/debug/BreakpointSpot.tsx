/** The place on a node where its breakpoint stands: drawn as VS Code draws it, set and removed by a click. */
import { memo } from "react";
import { visibleText } from "../../src/graph/visible.ts";
import type { PageBreakpoint } from "../../src/protocol/debug.ts";
import { usePage } from "../state.ts";
import { changeBreakpoint } from "./actions.ts";
import { debugWords } from "./words.ts";

/** The icon of a breakpoint; each way of standing has a shape of its own. */
export function breakpointIcon({ kind, state }: PageBreakpoint): string {
  const shape = kind === "plain" ? "debug-breakpoint" : `debug-breakpoint-${kind}`;
  // What is pending is hollow; what is disabled is whole and grey.
  const how = state === "pending" ? "-unverified" : state === "disabled" ? "-disabled" : "";
  return `codicon codicon-${shape}${how} breakpoint-${state}`;
}

/** See the header. */
export const BreakpointSpot = memo(function BreakpointSpot({
  node,
  id,
}: {
  readonly node: string;
  readonly id: string;
}) {
  const set = usePage((page) => page.breakpoints.get(node));
  const text = set === undefined ? "" : visibleText(debugWords.breakpoint(set));
  const act = visibleText(debugWords.spot(id, set !== undefined));
  return (
    <button
      type="button"
      className={`breakpoint-spot nodrag nopan${set === undefined ? "" : " set"}`}
      // By keyboard it is F9 on the node.
      tabIndex={-1}
      title={text === "" ? act : text}
      aria-label={text === "" ? act : `${text}. ${act}`}
      onClick={(event) => {
        event.stopPropagation();
        changeBreakpoint(node, "toggle");
      }}
      onDoubleClick={(event) => {
        event.stopPropagation();
      }}
    >
      <i className={set === undefined ? "codicon codicon-debug-breakpoint" : breakpointIcon(set)} aria-hidden />
    </button>
  );
});
