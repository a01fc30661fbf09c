/**
 * The slider of time: through the steps of a run, or through the places of a debugging session. Left and Right take one
 * step, Home and End go to the ends; the button leads back to the present.
 */
import type { ReactNode } from "react";
import { visibleText } from "../../src/graph/visible.ts";
import { Shown } from "../Shown.tsx";
import { usePage } from "../state.ts";
import "./debug.css";
import { lookAt, lookAtPlace } from "./looking.ts";
import { debugWords, instantText, placeText } from "./words.ts";

/** See the header; nothing without a run. */
export function TimeSlider() {
  const run = usePage((page) => page.run);
  const past = usePage((page) => page.past);
  const debug = usePage((page) => page.debug);
  const goingTo = usePage((page) => page.goingTo);
  const timeline = usePage((page) => page.timeline);
  if (run === null || (debug === null && !timeline && past === null)) return null;
  if (debug !== null) {
    const running = debug.stop === null;
    return (
      <Slider
        at={goingTo ?? debug.place}
        least={0}
        last={debug.places}
        isPast={debug.past}
        disabled={running}
        text={running ? debugWords.pauseFirst : placeText(debug)}
        go={lookAtPlace}
        live={() => {
          lookAtPlace(debug.places);
        }}
      />
    );
  }
  const at = past?.wanted ?? run.next;
  const step = past !== null && past.shown === past.wanted ? past.step : null;
  return (
    <Slider
      at={at}
      least={past?.earliest ?? 0}
      last={run.next}
      isPast={past !== null}
      disabled={false}
      text={past === null ? debugWords.present : instantText(at, run.next, step)}
      go={(next) => {
        lookAt(next >= run.next ? null : next);
      }}
      live={() => {
        lookAt(null);
      }}
    >
      {past !== null && past.earliest > 0 && (
        <span className="time-earliest" role="status">
          {debugWords.earliest(past.earliest)}
        </span>
      )}
    </Slider>
  );
}

function Slider({
  at,
  least,
  last,
  isPast,
  disabled,
  text,
  go,
  live,
  children,
}: {
  readonly at: number;
  readonly least: number;
  readonly last: number;
  readonly isPast: boolean;
  readonly disabled: boolean;
  readonly text: string;
  readonly go: (to: number) => void;
  readonly live: () => void;
  readonly children?: ReactNode;
}) {
  const step = (icon: string, label: string, to: number) => (
    <button
      type="button"
      title={label}
      aria-label={label}
      disabled={disabled || to < least || to > last}
      onClick={() => {
        go(to);
      }}
    >
      <i className={`codicon codicon-${icon}`} aria-hidden />
    </button>
  );
  return (
    <div className={`time-slider${isPast ? " past" : ""}`}>
      {step("chevron-left", debugWords.back, at - 1)}
      <input
        type="range"
        aria-label={debugWords.instant}
        aria-valuetext={visibleText(text)}
        title={visibleText(text)}
        min={least}
        max={last}
        step={1}
        value={at}
        disabled={disabled}
        onChange={(event) => {
          go(Number(event.currentTarget.value));
        }}
      />
      {step("chevron-right", debugWords.forward, at + 1)}
      <span className="time-text" aria-hidden>
        <Shown text={text} />
      </span>
      <button
        type="button"
        className="time-live"
        title={debugWords.liveHint}
        aria-pressed={!isPast}
        disabled={disabled}
        onClick={live}
      >
        <i className="codicon codicon-record" aria-hidden />
        <span>{debugWords.live}</span>
      </button>
      {children}
    </div>
  );
}
