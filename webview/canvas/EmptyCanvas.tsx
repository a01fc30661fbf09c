/** What stands on a canvas that has nothing to draw: what to do next. */
import { begin } from "../actions.ts";
import { change, usePage } from "../state.ts";
import { words } from "../words.ts";

/** See the header. Nothing where there is a graph with nodes, or text that does not parse. */
export function EmptyCanvas() {
  const without = usePage((page) => page.without);
  const isEmpty = usePage((page) => page.drawing?.nodes.length === 0);
  const palette = usePage((page) => page.show.palette);
  if (without === "blank") {
    return (
      <div className="empty whole">
        <h2>{words.blankTitle}</h2>
        <p>{words.blankText}</p>
        <button
          type="button"
          autoFocus
          onClick={() => {
            begin();
            document.querySelector<HTMLElement>(".canvas")?.focus();
          }}
        >
          {words.begin}
        </button>
      </div>
    );
  }
  if (without === "other") {
    return (
      <div className="empty whole">
        <h2>{words.otherTitle}</h2>
        <p>{words.otherText}</p>
      </div>
    );
  }
  if (!isEmpty) return null;
  return (
    <div className="empty">
      <h2>{words.emptyTitle}</h2>
      <p>{words.emptyText}</p>
      {!palette && (
        <button
          type="button"
          onClick={() => {
            change({ type: "toggle", what: "palette" });
          }}
        >
          {words.showPalette}
        </button>
      )}
    </div>
  );
}
