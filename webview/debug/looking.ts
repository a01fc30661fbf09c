/** Time travel: what the slider wants is asked for one instant at a time, the latest wish first. */
import { tell } from "../host.ts";
import { change, pageState } from "../state.ts";
import type { ToPage } from "../../src/protocol/webview.ts";

/** The instant whose answer is awaited; null: none. */
let asked: number | null = null;
/** The place that a session is asked to go to; null: none is awaited. */
let sent: number | null = null;

/** Shows the run after so many steps; null: its present. */
export function lookAt(next: number | null): void {
  change({ type: "lookAt", next });
  ask();
}

/** Lets a session go to the instant before an entry. */
export function lookAtPlace(place: number): void {
  change({ type: "goTo", place });
  if (sent !== null) return;
  sent = place;
  tell({ type: "debugLookAt", place });
}

/** Hears what may be an answer. */
export function heardAnswer(message: ToPage): void {
  if (message.type === "runAt" && message.asked) {
    asked = null;
    ask();
  }
  if (message.type === "runView") asked = null;
  if (message.type !== "debug" || sent === null) return;
  const { goingTo } = pageState();
  const reached = goingTo === sent || message.session === null;
  sent = null;
  if (reached || goingTo === null) change({ type: "goTo", place: null });
  else lookAtPlace(goingTo);
}

function ask(): void {
  const { run, past } = pageState();
  if (asked !== null || run === null || past === null || past.shown === past.wanted) return;
  asked = past.wanted;
  tell({ type: "lookAtRun", runId: run.runId, next: past.wanted });
}
