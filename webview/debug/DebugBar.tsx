/** Where a debugging session stands and why, said to screen readers too; and that the text is another by now. */
import { Shown } from "../Shown.tsx";
import { usePage } from "../state.ts";
import "./debug.css";
import { debugWords, differsText, standsText } from "./words.ts";

/** See the header; nothing without a session. */
export function DebugBar() {
  const debug = usePage((page) => page.debug);
  const differs = debug === null ? null : differsText(debug);
  return (
    <>
      <div className="only-said" role="status" aria-live="polite">
        {debug === null ? "" : <Shown text={standsText(debug)} />}
      </div>
      {debug !== null && (
        <section className={`debug-bar${debug.stop === null ? " running" : ""}`} aria-label={debugWords.bar}>
          <i className={`codicon codicon-${debug.stop === null ? "debug-alt" : "debug-stackframe"}`} aria-hidden />
          <span className="debug-stands" aria-hidden>
            <Shown text={standsText(debug)} />
          </span>
          {differs !== null && (
            <span className="debug-differs" role="alert">
              <i className="codicon codicon-warning" aria-hidden /> <Shown text={differs} />
            </span>
          )}
        </section>
      )}
    </>
  );
}
