/** Run, Dry run, Cancel and the timeline's switch, for the toolbar. */
import { tell } from "../host.ts";
import { change, pageState, usePage } from "../state.ts";
import { runWords } from "./words.ts";

/** See the header. Disabled with the reason where runs are refused. */
export function RunButtons() {
  const canRun = usePage((page) => page.canRun);
  const run = usePage((page) => page.run?.runId ?? null);
  const underWay = usePage((page) => page.run !== null && page.run.ended === null && page.debug === null);
  const timeline = usePage((page) => page.timeline);
  const start = (dry: boolean): void => {
    const { drawing, selected } = pageState();
    const entry = drawing?.dialect === "workflow" ? drawing.entries.find(({ key }) => key === selected) : undefined;
    tell({ type: "start", dry, start: entry?.name ?? null });
  };
  const button = (icon: string, label: string, dry: boolean) => (
    <button
      type="button"
      className="run-button"
      title={canRun.yes ? label : canRun.reason}
      aria-label={label}
      aria-disabled={!canRun.yes}
      {...(canRun.yes ? {} : { "aria-description": canRun.reason })}
      onClick={() => {
        // The host refuses as well, and says why.
        start(dry);
      }}
    >
      <i className={`codicon codicon-${icon}`} aria-hidden />
      <span>{label}</span>
    </button>
  );
  return (
    <>
      {button("play", runWords.run, false)}
      {button("beaker", runWords.dryRun, true)}
      {run !== null && underWay && (
        <button
          type="button"
          title={runWords.cancel}
          aria-label={runWords.cancel}
          onClick={() => {
            tell({ type: "cancelRun", runId: run });
          }}
        >
          <i className="codicon codicon-debug-stop" aria-hidden />
        </button>
      )}
      {run !== null && (
        <button
          type="button"
          title={runWords.timeline}
          aria-label={runWords.timeline}
          aria-pressed={timeline}
          onClick={() => {
            change({ type: "timeline", open: !timeline });
          }}
        >
          <i className="codicon codicon-list-ordered" aria-hidden />
        </button>
      )}
    </>
  );
}
