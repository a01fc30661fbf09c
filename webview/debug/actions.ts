/** Breakpoints and steps, as one function each: the same for mouse, keyboard and menu. */
import { say } from "../actions.ts";
import { tell } from "../host.ts";
import { pageState } from "../state.ts";
import { words } from "../words.ts";
import { debugWords } from "./words.ts";

type What = "toggle" | "enable" | "condition" | "log";

/** Changes the breakpoint of an element. The answer shows on the canvas; a refusal is said. */
export function changeBreakpoint(element: string, what: What): void {
  const { broken, breakpoints } = pageState();
  if (broken !== null) {
    say(words.brokenText, true);
    return;
  }
  tell({ type: "breakpoint", element, what });
  if (what === "toggle") say(breakpoints.has(element) ? debugWords.removed : debugWords.added);
}

/** F9: the breakpoint of what is selected. */
export function toggleSelected(): void {
  const { drawing, selected } = pageState();
  const there = [...(drawing?.nodes ?? []), ...(drawing?.edges ?? [])].some(({ key }) => key === selected);
  if (selected === null || !there) say(debugWords.nothingChosen, true);
  else changeBreakpoint(selected, "toggle");
}
