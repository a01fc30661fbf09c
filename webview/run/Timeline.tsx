/**
 * The run in order: a row for each visit with its time, following it while it goes on. Only rows that are to be seen
 * are drawn. Up and Down walk, Enter shows the node; the run's state is announced, its steps are not.
 */
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { visibleLines, visibleText } from "../../src/graph/visible.ts";
import type { RunView } from "../../src/protocol/run-fold.ts";
import { select } from "../actions.ts";
import { stateIcon } from "../canvas/icons.ts";
import { tell } from "../host.ts";
import { shownRun } from "../debug/past.ts";
import { Shown } from "../Shown.tsx";
import { change, pageState, usePage } from "../state.ts";
import { bar, drawnNode, ROW_HEIGHT, visibleRows } from "./rows.ts";
import "./run.css";
import { runWords, standing, time } from "./words.ts";

/** See the header; nothing without a run. The announcement stays when the list is closed. */
export function Timeline() {
  const run = usePage((page) => page.run);
  const open = usePage((page) => page.timeline);
  // A session says itself where it stands.
  const debugged = usePage((page) => page.debug !== null);
  const text = run === null || debugged ? "" : visibleText(standing(run));
  return (
    <>
      <div className="only-said" role="status" aria-live="polite">
        {text}
      </div>
      {run !== null && open && <Panel run={run} text={text} debugged={debugged} />}
    </>
  );
}

function Panel({ run, text, debugged }: { readonly run: RunView; readonly text: string; readonly debugged: boolean }) {
  const shown = usePage(shownRun) ?? run;
  const happened = shown.dropped + shown.rows.length;
  const close = (): void => {
    change({ type: "timeline", open: false });
    document.querySelector<HTMLElement>(".canvas")?.focus();
  };
  return (
    <section className="timeline" aria-label={runWords.timelineTitle}>
      <header>
        <h2>{runWords.timelineTitle}</h2>
        <span className={`timeline-standing end-${run.ended?.status ?? "running"}`} title={text} aria-hidden>
          {text}
        </span>
        {(run.ended?.status === "stopped" || run.ended?.status === "paused") && run.dry === "no" && (
          <button
            type="button"
            className="run-button"
            title={run.ended.status === "paused" ? runWords.reviewHint : runWords.resumeHint}
            onClick={() => {
              tell({ type: "resumeRun", runId: run.runId });
            }}
          >
            <i className="codicon codicon-debug-continue" aria-hidden />
            <span>{run.ended.status === "paused" ? runWords.review : runWords.resume}</span>
          </button>
        )}
        {!debugged && (
          <button
            type="button"
            title={runWords.dismiss}
            aria-label={runWords.dismiss}
            onClick={() => {
              tell({ type: "dismissRun", runId: run.runId });
            }}
          >
            <i className="codicon codicon-clear-all" aria-hidden />
          </button>
        )}
        <button type="button" title={runWords.close} aria-label={runWords.close} onClick={close}>
          <i className="codicon codicon-close" aria-hidden />
        </button>
      </header>
      {run.dropped > 0 && <p className="timeline-earlier">{runWords.earlier(run.dropped)}</p>}
      <Rows run={run} happened={happened} onEscape={close} />
    </section>
  );
}

/** `happened`: how many visits, dropped ones included, had begun at the instant that is looked at. */
function Rows({
  run,
  happened,
  onEscape,
}: {
  readonly run: RunView;
  readonly happened: number;
  readonly onEscape: () => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const [{ top, height }, setSeen] = useState({ top: 0, height: 200 });
  const [chosen, setChosen] = useState<string | null>(null);
  const following = useRef(true);
  const { rows } = run;
  const at = chosen === null ? -1 : rows.findIndex(({ act }) => act === chosen);
  useEffect(() => {
    const { current } = list;
    if (current !== null && following.current) current.scrollTop = current.scrollHeight;
  }, [rows.length]);
  const look = (): void => {
    const { current } = list;
    if (current === null) return;
    following.current = current.scrollTop + current.clientHeight >= current.scrollHeight - ROW_HEIGHT;
    setSeen({ top: current.scrollTop, height: current.clientHeight });
  };
  useEffect(look, []);
  const choose = (index: number, reveal: boolean): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    const { current } = list;
    if (row === undefined || current === null) return;
    setChosen(row.act);
    const y = rows.indexOf(row) * ROW_HEIGHT;
    if (y < current.scrollTop) current.scrollTop = y;
    if (y + ROW_HEIGHT > current.scrollTop + current.clientHeight)
      current.scrollTop = y + ROW_HEIGHT - current.clientHeight;
    const keys = new Set(pageState().drawing?.nodes.map(({ key }) => key) ?? []);
    const node = drawnNode(keys, row.node);
    if (node !== null) select(node, reveal);
  };
  const keys = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / ROW_HEIGHT) - 1);
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowDown: at + 1, ArrowUp: at < 0 ? rows.length - 1 : at - 1, Home: 0, End: rows.length - 1 },
      ...{ PageDown: at + page, PageUp: at - page, Enter: at },
    };
    const to = steps[event.key];
    if (event.key === "Escape") onEscape();
    else if (to === undefined) return;
    else choose(to, event.key === "Enter");
    event.preventDefault();
    event.stopPropagation();
  };
  const [first, last] = visibleRows(rows.length, top, height);
  const shown = rows.slice(first, last);
  const optionId = (index: number): string => `timeline-${run.dropped + index}`;
  return (
    <div
      ref={list}
      className="timeline-rows"
      role="listbox"
      aria-label={runWords.timelineTitle}
      tabIndex={0}
      {...(at >= first && at < last ? { "aria-activedescendant": optionId(at) } : {})}
      onScroll={look}
      onKeyDown={keys}
    >
      <div role="presentation" className="timeline-space" ref={(element) => void sized(element, rows.length, first)}>
        {shown.map((row, i) => (
          <div
            key={row.act}
            id={optionId(first + i)}
            role="option"
            aria-selected={row.act === chosen}
            aria-setsize={rows.length}
            aria-posinset={first + i + 1}
            className={`timeline-row state-${row.state}${row.act === chosen ? " chosen" : ""}${run.dropped + first + i >= happened ? " later" : ""}`}
            title={row.message === null ? undefined : visibleLines(row.message)}
            onClick={() => {
              choose(first + i, true);
            }}
          >
            <i className={stateIcon(row.state)} aria-hidden />
            <span className="only-said">{runWords.row(row)}</span>
            <span
              className="timeline-name"
              ref={(element) => void element?.style.setProperty("--depth", `${row.depth}`)}
            >
              <Shown text={row.name} />
              {row.visit > 1 && <small> {row.visit}×</small>}
            </span>
            <span className="timeline-label">
              {row.label === null ? (
                <Shown text={row.message ?? ""} />
              ) : (
                <>
                  → <Shown text={row.label} />
                  {row.assumed && ` (${runWords.assumed})`}
                </>
              )}
            </span>
            <span className="timeline-bar">
              <span ref={(element) => void placed(element, run, row.at, row.ms)} />
            </span>
            <span className="timeline-time">{time(row.ms)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** Styles are set through the object model: the page's policy allows no style attributes. */
function sized(element: HTMLElement | null, count: number, first: number): void {
  element?.style.setProperty("height", `${count * ROW_HEIGHT}px`);
  element?.style.setProperty("--first", `${first * ROW_HEIGHT}px`);
}

function placed(element: HTMLElement | null, run: RunView, at: number, ms: number): void {
  const { left, width } = bar(run, at, ms);
  element?.style.setProperty("margin-left", `${left}%`);
  element?.style.setProperty("width", `${width}%`);
}
