/** The arrow at the node before which a session stands, or inside which it does. */
import type { PageState } from "../model.ts";
import { usePage } from "../state.ts";
import { debugWords } from "./words.ts";

/** How a session stands to an element: `key` is its way through the drawing. */
export function standing({ debug }: Pick<PageState, "debug">, key: string): "here" | "inside" | null {
  return standingOf(debug?.node ?? null, key);
}

/** The same for the way to the node before which the session stands. */
export function standingOf(node: string | null, key: string): "here" | "inside" | null {
  if (node === null) return null;
  if (node === key) return "here";
  return node.startsWith(`${key}/`) ? "inside" : null;
}

/** See the header. */
export function CurrentMark({ node }: { readonly node: string }) {
  const how = usePage((page) => standing(page, node));
  if (how === null) return null;
  const text = how === "here" ? debugWords.current : debugWords.around;
  return (
    <span className={`current-mark current-${how}`} title={text}>
      <i className={`codicon codicon-debug-stackframe${how === "here" ? "" : "-dot"}`} aria-hidden />
      <span className="only-said">{text}</span>
    </span>
  );
}
