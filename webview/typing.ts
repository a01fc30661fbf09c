/** Keys while one types in a field of the page: what is the field's stays there, what is VS Code's goes on to it. */
import type { KeyboardEvent } from "react";

/** Undo, redo and "select all" are the field's while it has the focus (spec/editor.md §2). */
const own = ["z", "y", "a"];

/** Keeps the field's keys from the canvas and from VS Code; saving, commands and function keys go on. */
export function keepTyping(event: KeyboardEvent<HTMLElement>): void {
  const control = event.ctrlKey || event.metaKey;
  const kept = control ? own.includes(event.key.toLowerCase()) : !/^F[0-9]+$/.test(event.key);
  if (kept) event.stopPropagation();
}
