/** The page's one state, and who listens to it. The state itself is `model.ts`; components select their slice. */
import { useSyncExternalStore } from "react";
import { keptState } from "./host.ts";
import { applied, emptyState, type Change, type PageState } from "./model.ts";

export type { PageState } from "./model.ts";

const { selected, palette, inspector, data } = keptState();
let state = emptyState(selected, { palette, inspector, data });
const listeners = new Set<() => void>();

/** The present state, for handlers. */
export function pageState(): PageState {
  return state;
}

/** Applies a change and tells those who listen. */
export function change(what: Change): void {
  const next = applied(state, what);
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

/** A slice of the state; the component is drawn again only when that slice is another one. */
export function usePage<T>(slice: (state: PageState) => T): T {
  return useSyncExternalStore(subscribe, () => slice(state));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
