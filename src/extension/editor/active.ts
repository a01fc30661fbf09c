/** The views that are open, for commands that concern the one with the focus. */
import type { GraphView } from "./view.ts";

const views = new Set<GraphView>();

/** Adds a view; the returned function takes it out again. */
export function addView(view: GraphView): () => void {
  views.add(view);
  return () => {
    views.delete(view);
  };
}

/** All views that are open. */
export function allViews(): readonly GraphView[] {
  return [...views];
}

/** The view with the focus; null when another editor has it. */
export function activeView(): GraphView | null {
  return [...views].find((view) => view.active) ?? null;
}
