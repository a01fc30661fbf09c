/** What the context menu offers for debugging. */
import { tell } from "../host.ts";
import type { PageState } from "../model.ts";
import { changeBreakpoint } from "./actions.ts";
import { debugWords } from "./words.ts";

/** An entry that changes nothing in the document. */
export interface DebugItem {
  readonly label: string;
  readonly keys: string;
  readonly act: () => void;
}

/** Entries for a node or an edge of the document. */
export function debugItems({ breakpoints, debug }: PageState, element: string, what: "node" | "edge"): DebugItem[] {
  const set = breakpoints.get(element);
  const items: DebugItem[] = [];
  const add = (label: string, act: () => void, keys = ""): void => {
    items.push({ label, keys, act });
  };
  add(set === undefined ? debugWords.add : debugWords.remove, () => changeBreakpoint(element, "toggle"), "F9");
  if (set !== undefined)
    add(set.state === "disabled" ? debugWords.enable : debugWords.disable, () => changeBreakpoint(element, "enable"));
  add(debugWords.condition, () => changeBreakpoint(element, "condition"));
  add(debugWords.log, () => changeBreakpoint(element, "log"));
  if (debug === null || debug.stop === null || what === "edge") return items;
  if (debug.stop.reason !== "end") add(debugWords.runTo, () => tell({ type: "debugGo", how: "runTo", node: element }));
  add(debug.dry ? debugWords.restart : debugWords.lookBack, () =>
    tell({ type: "debugGo", how: "restart", node: element }),
  );
  return items;
}
