/**
 * The syntax of one section of a TOML text: a header and the pairs below it, or the pairs before the first header.
 *
 * Invariant: every offset is relative to the section's start, so a section that moves is still the same section.
 */
import type { SourceForm, Span } from "../../live/source.ts";

/** One part of a dotted key. */
export interface Key {
  readonly name: string;
  readonly span: Span;
}

/** A value as it is written. */
export interface Literal {
  readonly form: SourceForm;
  readonly span: Span;
  /** False while its closing quote or bracket is missing. */
  readonly closed: boolean;
  /** Elements of an array. */
  readonly items: readonly Literal[] | null;
  /** Pairs of an inline table. */
  readonly pairs: readonly Pair[] | null;
}

/** `key = value`, or as much of it as is there. */
export interface Pair {
  readonly keys: readonly Key[];
  /** From the key through the value. */
  readonly span: Span;
  /** Where its line or its place between commas ends; what stands behind {@link span} is wrong. */
  readonly end: number;
  /** Where `=` stands; null when it is missing. */
  readonly equals: number | null;
  readonly value: Literal | null;
}

/** `[a.b]` or `[[a.b]]`, or as much of it as is there. */
export interface Header {
  readonly keys: readonly Key[];
  readonly array: boolean;
  readonly span: Span;
  /** False when a bracket or a name is missing, or something else stands on its line. */
  readonly whole: boolean;
}

/** What {@link scanSection} made of a section. */
export interface SectionSyntax {
  readonly length: number;
  readonly header: Header | null;
  readonly pairs: readonly Pair[];
  /** From `#` to the end of the line. */
  readonly comments: readonly Span[];
  /** What it is depends on text behind it: a string was taken to end before its closing quotes. */
  readonly open: boolean;
}
