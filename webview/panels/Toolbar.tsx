/** The row of buttons above the canvas. */
import { useReactFlow } from "@xyflow/react";
import { visibleText } from "../../src/graph/visible.ts";
import { exportAs } from "../actions.ts";
import { tell } from "../host.ts";
import { RunButtons } from "../run/RunButtons.tsx";
import { Shown } from "../Shown.tsx";
import { change, pageState, usePage } from "../state.ts";
import { words } from "../words.ts";

/** See the header. */
export function Toolbar() {
  const flow = useReactFlow();
  const show = usePage((page) => page.show);
  const title = usePage((page) => page.drawing?.name ?? page.title);
  const button = (icon: string, label: string, act: () => void, pressed?: boolean) => (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={act}
    >
      <i className={`codicon codicon-${icon}`} aria-hidden />
    </button>
  );
  return (
    <header className="toolbar" role="toolbar" aria-label={visibleText(title)}>
      {button(
        "layout-sidebar-left",
        words.togglePalette,
        () => {
          change({ type: "toggle", what: "palette" });
        },
        show.palette,
      )}
      <h1>
        <Shown text={title} />
      </h1>
      <RunButtons />
      <span className="spacer" />
      {button("search", words.search, () => {
        change({ type: "search", text: pageState().search === null ? "" : null });
      })}
      {button(
        "references",
        words.data,
        () => {
          change({ type: "toggle", what: "data" });
        },
        show.data,
      )}
      {button("type-hierarchy", words.arrange, () => {
        tell({ type: "moved", places: null });
      })}
      {button("zoom-out", words.zoomOut, () => void flow.zoomOut({ duration: 120 }))}
      {button("zoom-in", words.zoomIn, () => void flow.zoomIn({ duration: 120 }))}
      {button("screen-full", words.fit, () => void flow.fitView({ padding: 0.15, maxZoom: 1, duration: 150 }))}
      {button("export", words.exportSvg, () => {
        exportAs("svg");
      })}
      {button("device-camera", words.exportPng, () => {
        exportAs("png");
      })}
      {button("go-to-file", words.openText, () => {
        tell({ type: "openText", element: pageState().selected });
      })}
      {button(
        "layout-sidebar-right",
        words.toggleInspector,
        () => {
          change({ type: "toggle", what: "inspector" });
        },
        show.inspector,
      )}
    </header>
  );
}
