/**
 * Diagnostics: what is wrong with a document, in words, at a place (DESIGN.md "Diagnostics").
 *
 * A check names a place by its path in the document; the range in the text is found only when somebody looks
 * (spec/editor.md §4), by the dialect's {@link Locator}.
 */
import type { Value } from "./value.ts";

/** An error is what the engine would refuse; a warning is what it would do but the author likely did not mean. */
export type Severity = "error" | "warning" | "information";

/** Zero-based line and UTF-16 column. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A half-open stretch of text. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Keys and array indexes from the document's root, e.g. `["nodes", 3, "path_from"]`. */
export type DocumentPath = readonly (string | number)[];

/**
 * A place in a document. `part` says which side of a key is meant: its name, its value, or the whole construct.
 * `within` narrows a string value to UTF-16 offsets of its decoded text.
 */
export interface Place {
  readonly path: DocumentPath;
  readonly part?: "key" | "value" | "construct";
  readonly within?: { readonly from: number; readonly to: number };
}

/** A further place that explains a diagnostic. */
export interface Related {
  readonly message: string;
  readonly file: string;
  readonly at: Place | Range;
}

/**
 * A repair the author may choose. It says what is meant, in values and plain words and never in a syntax: the
 * dialect's text edits carry it out (src/dialects/edits).
 *
 * - `replace`: `text` instead of the key at `at`, of the string value there, or of the stretch `within` it;
 * - `remove`: the construct at `at`;
 * - `set`: the key `key` of the table at `at`;
 * - `append`: a new element of the root list `table` (dotted where it is deeper), or new keys of the root table `policy`.
 */
export type Fix =
  | { readonly type: "replace"; readonly title: string; readonly at: Place; readonly text: string }
  | { readonly type: "remove"; readonly title: string; readonly at: Place }
  | { readonly type: "set"; readonly title: string; readonly at: Place; readonly key: string; readonly value: Value }
  | {
      readonly type: "append";
      readonly title: string;
      readonly table: string;
      readonly entries: Readonly<Record<string, Value>>;
    };

/** One finding. `file` is the document's path as it was given; `at` is a path until {@link located}. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly at: Place | Range;
  readonly related?: readonly Related[];
  readonly fixes?: readonly Fix[];
}

/** A diagnostic whose places are ranges of the text. */
export interface LocatedDiagnostic extends Diagnostic {
  readonly at: Range;
}

/** Finds a place in one text. A place that is not in the text gives its nearest ancestor's range. */
export interface Locator {
  range(place: Place): Range;
}

/** True when `at` is a range already. */
export function isRange(at: Place | Range): at is Range {
  return "start" in at;
}

/** The same diagnostics with ranges of the text that `locator` was made for. */
export function located(diagnostics: readonly Diagnostic[], locator: Locator): LocatedDiagnostic[] {
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    at: isRange(diagnostic.at) ? diagnostic.at : locator.range(diagnostic.at),
  }));
}

/** True when some diagnostic is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
