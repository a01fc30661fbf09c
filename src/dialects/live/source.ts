/**
 * Where everything in a text stands, whatever the syntax: TOML, YAML and `spec.kv` give the same view
 * (spec/editor.md §4). The language server and the canvas read documents through it, so no feature knows a syntax.
 *
 * Invariants: every span lies within the text; a tree never changes; a text with errors has a tree of all that could
 * be made out.
 */
import type { DocumentPath, Locator, Place, Range } from "../../graph/diagnostic.ts";

/** A half-open stretch of a text, in UTF-16 offsets. */
export type Span = readonly [from: number, to: number];

/** What a value is. `missing`: a key without a value, as it stands while somebody types. */
export type SourceForm = "table" | "list" | "string" | "number" | "boolean" | "null" | "other" | "missing";

/** One named or numbered part of a document. */
export interface SourceElement {
  readonly path: DocumentPath;
  /** Its key as it is written, quotes included; the last name of a header or dotted key; null for items and the root. */
  readonly key: Span | null;
  /** The whole header that opens it (`[[nodes]]`), or the dash of a YAML item; null elsewhere. */
  readonly header: Span | null;
  /** Its value where it is written in one piece, quotes included; null when it is missing or spread over headers. */
  readonly value: Span | null;
  readonly form: SourceForm;
  /** The decoded text of a string, the raw text of another scalar; null for the rest. */
  readonly text: string | null;
  /** The construct: from its header, key or dash through the last thing in it. No comments above, no blank lines. */
  readonly extent: Span;
  /** Keys and indexes of what is in it, in the order of the text. */
  readonly children: readonly (string | number)[];
}

/** What stands at an offset. */
export interface SourcePoint {
  /**
   * The innermost element there. On a blank line, or where a new key may be written, the table or list that a key
   * or item at this column would belong to.
   */
  readonly path: DocumentPath;
  /** `header`: in a table's header. `space`: where a key, an item or a header may be written. */
  readonly part: "key" | "value" | "header" | "comment" | "space";
  /** What a completion here replaces: the key, the value with its quotes, or the word before; empty where nothing is. */
  readonly replace: Span;
  /** For a string value: its decoded text and where in it the offset is. */
  readonly string: { readonly text: string; readonly offset: number } | null;
  /** A new key here belongs into this table; null where none can be written. */
  readonly table: DocumentPath | null;
}

/** A text, taken apart. */
export interface SourceTree extends Locator {
  /** The element at a path; null when it is not in the text. The empty path is the whole document. */
  element(path: DocumentPath): SourceElement | null;
  /** What stands at an offset of the text; offsets outside mean its nearest end. */
  at(offset: number): SourcePoint;
  /** As {@link Locator.range}, in offsets. */
  span(place: Place): Span;
  range(place: Place): Range;
}
