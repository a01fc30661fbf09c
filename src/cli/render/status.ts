/** Colours of a run's status, the same wherever one is shown. Pure. */
import type { Style } from "../terminal.ts";

/** The colour of a status: green went well, red did not, yellow waits for somebody. */
export function statusPaint(status: string, style: Style): (text: string) => string {
  switch (status) {
    case "completed":
      return style.green;
    case "failed":
    case "errored":
    case "timed_out":
    case "unreadable":
      return style.red;
    case "paused":
    case "interrupted":
      return style.yellow;
    default:
      return style.cyan;
  }
}
