/** What a suite of measurements is, and what it says. */
import type { Contestants } from "./measure.ts";

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  /** Who we are compared with, and what it needed; null where there is nobody. */
  readonly peer: string | null;
  readonly ratio: string | null;
  /** What was promised; null for a number that is only told. */
  readonly target: string | null;
  readonly met: boolean | null;
}

export interface Suite {
  readonly name: string;
  /** One sentence for the help. */
  readonly about: string;
  readonly contestants: Contestants;
  /** Measures; `note` tells what the table has no place for. */
  run(note: (text: string) => void): Promise<readonly Row[]>;
}
