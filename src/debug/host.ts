/** What the debug adapter needs from whoever puts it together: documents, places in texts, and a run to begin. */
import type { Bundle } from "../dialects/bundle.ts";
import type { BreakpointPlace } from "./breakpoints.ts";
import type { SessionSettings } from "./session-types.ts";

/** A launch configuration (docs/debugger.md); `program` is the document's path. */
export interface LaunchRequest {
  readonly program: string;
  readonly live: boolean;
  readonly stopOnEntry: boolean;
  /** Stay when the run is over, so that one can look back. */
  readonly stopOnEnd: boolean;
  readonly start: string | null;
  /** The payload: a JSON value, or the path of a file that holds one. */
  readonly input: unknown;
  readonly inputFile: string | null;
  /** A `fixture.toml` that answers effects of a dry run. */
  readonly fixture: string | null;
  /** Branches of unknown conditions, by node. */
  readonly assume: Readonly<Record<string, string>>;
}

/** A place in a text; lines and columns from 0. */
export interface TextPlace {
  /** Path of the file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something on which a breakpoint can stand, and the line that it goes to. */
export interface Breakable {
  readonly place: BreakpointPlace;
  readonly at: TextPlace;
}

/** A document that is ready to be debugged. */
export interface Launched {
  readonly bundle: Bundle;
  readonly dry: boolean;
  readonly principal: string;
  readonly begin: SessionSettings["begin"];
  readonly moved: NonNullable<SessionSettings["moved"]>;
  /** Where a node or an edge stands in its text; null when it cannot be found. */
  readonly where: (place: BreakpointPlace) => TextPlace | null;
  /** What stands at a line of a file (any line of a construct counts); null for nothing. */
  readonly breakable: (file: string, line: number) => Breakable | null;
  /** Everything on which a breakpoint can stand between two lines of a file. */
  readonly breakables: (file: string, from: number, to: number) => readonly Breakable[];
  /** Takes down what the launch has put up. */
  readonly close: () => Promise<void>;
}

/** A launch that could not be. */
export interface LaunchProblem {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}

/** The composition root's part. */
export interface DebugHost {
  readonly launch: (
    request: LaunchRequest,
  ) => Promise<{ readonly ok: true; readonly launched: Launched } | LaunchProblem>;
}
