/** What a case of the suite inside of the extension host is given. No import of `vscode`: vitest reads the names too. */
import type * as vscode from "vscode";

/** One case; cases run in the order of their table, in one window. */
export interface Case {
  readonly name: string;
  run(host: Host): Promise<string | void>;
}

/** The extension host. */
export interface Host {
  readonly vscode: typeof vscode;
  /** The opened folder. */
  readonly folder: vscode.Uri;
  /** Opens a file of the folder in a text editor. */
  show(file: string): Promise<vscode.TextDocument>;
  /** Replaces the whole text, as typing would. */
  replace(document: vscode.TextDocument, text: string): Promise<void>;
  /** Waits until the probe gives something. Throws with `what` when it does not in time. */
  until<T>(
    what: string,
    probe: () => T | null | undefined | false | PromiseLike<T | null | undefined | false>,
  ): Promise<T>;
  /** Processes that this extension host has started and that still run, as command lines. */
  children(): Promise<string[]>;
}

/** What the suite prints for each case, as `MARK {json}`. */
export interface CaseResult {
  readonly name: string;
  /** Null when it passed. */
  readonly problem: string | null;
  /** What the case has to tell, for the report. */
  readonly note: string | null;
}

/** Begins each line that is meant for the reader of results. */
export const MARK = "@@case";
