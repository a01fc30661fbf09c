/** The page: toolbar, palette, canvas, fields, and a line that says what happened. */
import { ReactFlowProvider } from "@xyflow/react";
import { useEffect } from "react";
import { exportAs, say } from "./actions.ts";
import { Canvas } from "./canvas/Canvas.tsx";
import { DebugBar } from "./debug/DebugBar.tsx";
import { heardAnswer } from "./debug/looking.ts";
import { TimeSlider } from "./debug/TimeSlider.tsx";
import { keep, keptState, listen } from "./host.ts";
import { Inspector } from "./panels/Inspector.tsx";
import { Palette } from "./panels/Palette.tsx";
import { Legend } from "./panels/Legend.tsx";
import { Menu } from "./panels/Menu.tsx";
import { Search } from "./panels/Search.tsx";
import { Toolbar } from "./panels/Toolbar.tsx";
import { pngOf } from "./picture.ts";
import { acknowledge } from "./run/following.ts";
import { Timeline } from "./run/Timeline.tsx";
import { Shown } from "./Shown.tsx";
import { change, usePage } from "./state.ts";
import { words } from "./words.ts";

/** See the header. */
export function App() {
  const show = usePage((page) => page.show);
  const search = usePage((page) => page.search);
  const broken = usePage((page) => page.broken);
  const without = usePage((page) => page.without);
  const selected = usePage((page) => page.selected);
  const notice = usePage((page) => page.notice);
  const said = usePage((page) => page.said);
  useEffect(
    () =>
      listen((message) => {
        change({ type: "host", message });
        acknowledge(message);
        heardAnswer(message);
        if (message.type === "rasterise") {
          pngOf(message.svg).then(
            (png) => {
              exportAs("png", png);
            },
            () => {
              say(words.noPicture, true);
            },
          );
        }
      }),
    [],
  );
  useEffect(() => {
    // Keys are the canvas's where nothing else on the page has the focus; what had it before gets it back.
    let last: Element | null = null;
    const note = ({ target }: FocusEvent): void => {
      if (target instanceof HTMLElement) last = target;
    };
    const focus = (): void => {
      const first =
        document.querySelector<HTMLElement>(".empty.whole button") ?? document.querySelector<HTMLElement>(".canvas");
      const back = last instanceof HTMLElement && last.isConnected ? last : first;
      if (document.activeElement === document.body) back?.focus();
    };
    document.addEventListener("focusin", note);
    if (document.hasFocus()) focus();
    window.addEventListener("focus", focus);
    return () => {
      document.removeEventListener("focusin", note);
      window.removeEventListener("focus", focus);
    };
  }, [without]);
  useEffect(() => {
    keep({ viewport: keptState().viewport, selected, ...show });
  }, [show, selected]);
  return (
    <ReactFlowProvider>
      <Toolbar />
      <DebugBar />
      <main>
        {show.palette && <Palette />}
        <div className="stage">
          {broken !== null && without === "syntax" && (
            <div className="banner" role="alert">
              <strong>{words.brokenTitle}.</strong> {words.brokenText}
              <ul>
                {broken.slice(0, 5).map((mark) => (
                  <li key={`${mark.code} ${mark.message}`}>
                    <Shown text={mark.message} /> <code>{mark.code}</code>
                  </li>
                ))}
              </ul>
            </div>
          )}
          {search !== null && <Search text={search} />}
          {notice !== null && (
            <div className="banner notice" role="status">
              {notice}
            </div>
          )}
          <Canvas />
          <Legend />
          <div
            key={said.count}
            className={`said${said.refusal ? " refusal" : ""}`}
            role={said.refusal ? "alert" : "status"}
          >
            <Shown text={said.text} />
          </div>
        </div>
        {show.inspector && <Inspector />}
      </main>
      <TimeSlider />
      <Timeline />
      <Menu />
    </ReactFlowProvider>
  );
}
