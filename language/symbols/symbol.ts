/** Names that an author gives and uses: what definition, references, highlight, rename and colouring go by. */
import type { Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath, Range } from "../../src/graph/diagnostic.ts";
import { perObject } from "../../src/graph/memo.ts";

/**
 * What is named. A `label` belongs to the node that emits it; an `input` to the skill that declares it, or to the step
 * whose tool takes it; an `output` to its step; an `auth` to its family (`bearer`).
 */
export type SymbolKind =
  "node" | "start" | "secret" | "server" | "backend" | "auth" | "group" | "label" | "input" | "output" | "runner";

/** Another document, as the one at hand names it. */
export interface Home {
  /** `child`: beside the file or in the working directory; `skill`: a skill's folder; `document`: what a test is about. */
  readonly role: "child" | "skill" | "document";
  readonly text: string;
}

/** A name, and to what it belongs. */
export interface SymbolName {
  readonly kind: SymbolKind;
  readonly name: string;
  /** A node's id for labels, outputs and the inputs of a step's tool; the family of an auth binding; else null. */
  readonly owner: string | null;
  /** The runner of an X.yaml to whose graph or interface it belongs; null elsewhere, and for the default runner. */
  readonly runner: string | null;
  /** The document in which it is defined; null: the one in which it stands. */
  readonly home: Home | null;
}

/** One place where a name stands. */
export interface Occurrence {
  readonly symbol: SymbolName;
  readonly role: "definition" | "reference";
  /** Exactly the name, in the document's text, without quotes; the stage's index where it is named by number. */
  readonly span: Span;
  readonly range: Range;
  /**
   * How it is written there, by which a new name is checked and escaped: a whole scalar, a segment of a dotted
   * reference, inside a template marker, or a key. `index`: a stage's number; `implied`: a word that means the name
   * without spelling it, such as `bearer` for `bearer:default`.
   */
  readonly written: "scalar" | "segment" | "marker" | "key" | "index" | "implied";
  /** The element in whose key or value it stands. */
  readonly path: DocumentPath;
  /** The node in whose construct it stands; null outside of nodes. */
  readonly within: string | null;
}

/** Equal for two occurrences of one document exactly when they mean the same thing. */
export const symbolKey: (symbol: SymbolName) => string = perObject(({ kind, name, owner, runner, home }) => {
  const where = home === null ? "-" : `${home.role}${counted(home.text)}`;
  return `${kind} ${counted(owner)} ${counted(runner)} ${where} ${name}`;
});

/** Any text, so that what follows cannot be taken for a part of it. */
function counted(text: string | null): string {
  return text === null ? "-" : `${text.length}:${text}`;
}
