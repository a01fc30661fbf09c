/**
 * A document while it is being typed: what its text says as far as it can be made out, and where.
 *
 * The command line parses a text once and refuses it or not; an editor asks after every keystroke and wants all that
 * is right to go on working beside what is wrong. Both answers come from the same readers.
 *
 * Invariants: `accepted` and the graphs of an accepted document are those of the dialect's front end; opening never
 * throws and never fails; with `previous`, only what has changed is read again and the result is the same as without.
 */
import type { Diagnostic } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";
import type { Detected } from "../detect.ts";
import type { SourceTree } from "./source.ts";
import type { TextLines } from "./text-lines.ts";

/** One text, read. */
export interface LiveDocument {
  /** The path by which it was named. */
  readonly file: string;
  readonly text: string;
  readonly what: Detected;
  readonly lines: TextLines;
  readonly source: SourceTree;
  /** One for a graph document and a SKILL.md, one for each runner of an X.yaml; none for fixtures and configuration. */
  readonly graphs: readonly LiveGraph[];
  /**
   * Everything that reading and the dialect's own checks find, in their order; several syntax errors at once. What
   * follows only from another error is not reported.
   */
  readonly findings: readonly Diagnostic[];
  /** The front end reads this text without an error. */
  readonly accepted: boolean;
}

/** A graph as far as it can be made out. */
export interface LiveGraph {
  /** The runner of an X.yaml; null elsewhere. */
  readonly runner: string | null;
  /**
   * Nodes that could not be read are there with their id, the kind `""` (of which nothing is known, so that no check
   * blames others for it), and the references that could be found.
   */
  readonly graph: Graph;
  /** It is the very graph that the front end compiles. */
  readonly whole: boolean;
  /** Codes of checks over the graph whose findings may only follow from what could not be read; absent for none. */
  readonly unsure?: ReadonlySet<string>;
}

/** A syntax's part: reads a text. `what` null: its content says whether it is ours; null when it is not. */
export type OpenAs = (
  text: string,
  file: string,
  what: Detected | null,
  previous: LiveDocument | null,
) => LiveDocument | null;

/** Reads a text; null for files that are not ours. `previous`: the same file before its last edits, for speed only. */
export type OpenLive = (text: string, file: string, previous?: LiveDocument | null) => LiveDocument | null;
