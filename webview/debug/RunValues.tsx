/** What the run that is shown says of the selected node, at the instant that is looked at: for the fields' panel. */
import { nodeText } from "../run/words.ts";
import { Shown } from "../Shown.tsx";
import { usePage } from "../state.ts";
import "./debug.css";
import { shownRun } from "./past.ts";
import { debugWords } from "./words.ts";

/** See the header; nothing without a run. */
export function RunValues({ node }: { readonly node: string }) {
  const isPast = usePage((page) => page.past !== null);
  const run = usePage(shownRun);
  if (run === null) return null;
  const own = run.nodes.get(node);
  const title = isPast ? debugWords.valuesThen : debugWords.values;
  return (
    <section className="run-values" aria-label={title}>
      <h3>{title}</h3>
      {own === undefined ? (
        <p className="hint">{debugWords.notYet}</p>
      ) : (
        <>
          {own.edited && (
            <p>
              <i className="codicon codicon-edit" aria-hidden /> {debugWords.edited}
            </p>
          )}
          <pre tabIndex={0} aria-label={title}>
            <Shown text={nodeText(own)} />
          </pre>
        </>
      )}
    </section>
  );
}
