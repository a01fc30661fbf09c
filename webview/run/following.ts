/** Tells the host what of a run has been drawn, once per frame, so that it sends no more than can be shown. */
import type { ToPage } from "../../src/protocol/webview.ts";
import { tell } from "../host.ts";

/** Acknowledges a message of a run after the frame in which it is drawn. */
export function acknowledge(message: ToPage): void {
  const drawn = drawnBy(message);
  if (drawn === null) return;
  requestAnimationFrame(() => {
    tell({ type: "acknowledge", ...drawn });
  });
}

function drawnBy(message: ToPage): { readonly runId: string; readonly next: number } | null {
  if (message.type === "run") return { runId: message.runId, next: message.fromSeq + message.steps.length };
  if (message.type === "runView" && message.run !== null) return { runId: message.run.runId, next: message.run.next };
  return null;
}
