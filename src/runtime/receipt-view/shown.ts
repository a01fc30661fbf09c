/** Texts of receipts as they may be shown: one line, short, with what hides or reorders text shown by its code. Pure. */
import { visibleText } from "../../graph/visible.ts";

/** Characters of a text that a page or a list shows. */
const MAX_TEXT = 600;

/** See the header. */
export function shown(text: string, most = MAX_TEXT): string {
  // What is cut off need not be looked at; half a character at the cut is shown as one.
  const cut = text.length > most;
  const safe = visibleText(cut ? text.slice(0, most) : text);
  return cut ? `${safe}… (${text.length} characters)` : safe;
}

/** Plain JSON data in a line. */
export function shownData(data: unknown): string {
  return typeof data === "string" ? shown(data) : shown(JSON.stringify(data) ?? "");
}

/** `3 receipts`, `1 receipt`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
