/** Colours of a run's status, the same wherever one is shown. Pure. */
/** Colours as whoever shows a run has them: those of a terminal, or none. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const as = (text: string): string => text;

/** No colours. */
export const plainPaint: Paint = { bold: as, dim: as, red: as, green: as, yellow: as, cyan: as };

/** The colour of a status: green went well, red did not, yellow waits for somebody. */
export function statusPaint(status: string, style: Paint): (text: string) => string {
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
