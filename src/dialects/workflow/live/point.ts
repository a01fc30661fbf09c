/**
 * What stands at an offset of a TOML text, also where something is missing.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import type { SourcePoint, Span } from "../../live/source.ts";
import { decodeLiteral } from "../toml-string.ts";
import { pathOf, type Merged } from "./merge.ts";
import type { Section, Sections } from "./sections.ts";
import type { Header, Literal, Pair } from "./syntax.ts";

/** See SourceTree.at. */
export function pointAt(sections: Sections, merged: Merged, offset: number): SourcePoint {
  const { text, starts, list } = sections;
  const at = Math.max(0, Math.min(text.length, Math.floor(offset)));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  const header = (list[low] as Section).syntax.header;
  const start = starts[low] as number;
  const slot = merged.slots[low] ?? null;
  const path = slot === null ? [] : pathOf(slot);
  const table = slot === null ? null : path;
  const finder = new Finder(text, start, at);
  const comment = finder.comment(list[low] as Section, path);
  if (comment !== null) return comment;
  if (header !== null) {
    // Blanks before a header belong to the table above it.
    if (at < start + header.span[0]) {
      const above = merged.slots[low - 1] ?? null;
      return finder.space(above === null ? [] : pathOf(above), above === null ? null : pathOf(above));
    }
    const found = finder.header(header, slot === null ? header.keys.map((key) => key.name) : path);
    if (found !== null) return found;
  }
  const { pairs } = (list[low] as Section).syntax;
  let from = 0;
  let to = pairs.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (start + (pairs[middle] as Pair).span[0] <= at) from = middle + 1;
    else to = middle;
  }
  const pair = pairs[from - 1];
  const found = pair === undefined ? null : finder.pair(pair, path, table, false);
  return found ?? finder.space(path, table);
}

/** Looks in one section, which begins at `start`, for what stands at `offset`. */
class Finder {
  private readonly text: string;
  private readonly start: number;
  private readonly offset: number;
  /** The offset in the section. */
  private readonly at: number;

  constructor(text: string, start: number, offset: number) {
    this.text = text;
    this.start = start;
    this.offset = offset;
    this.at = offset - start;
  }

  space(path: DocumentPath, table: DocumentPath | null): SourcePoint {
    return { path, part: "space", replace: [this.offset, this.offset], string: null, table };
  }

  comment(section: Section, path: DocumentPath): SourcePoint | null {
    const { comments } = section.syntax;
    let from = 0;
    let to = comments.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((comments[middle] as Span)[0] < this.at) from = middle + 1;
      else to = middle;
    }
    const comment = comments[from - 1];
    if (comment === undefined || this.at > comment[1]) return null;
    return { path, part: "comment", replace: [this.offset, this.offset], string: null, table: null };
  }

  header(header: Header, path: DocumentPath): SourcePoint | null {
    if (this.at > header.span[1]) return this.sameLine(header.span[1]) ? this.space(path, null) : null;
    const key = header.keys.find(({ span }) => this.touches(span));
    return { path, part: "header", replace: this.absolute(key?.span), string: null, table: null };
  }

  /** Null where the offset is behind the line of the pair. */
  pair(pair: Pair, table: DocumentPath, writable: DocumentPath | null, inline: boolean): SourcePoint | null {
    const { at } = this;
    const { keys, span, end, equals, value } = pair;
    const path = [...table, ...keys.map((key) => key.name)];
    const within = writable === null ? null : table;
    if (equals === null || at <= equals) {
      const index = keys.findIndex((key) => this.touches(key.span));
      const key = keys[index];
      if (key !== undefined) {
        const owner = within === null ? null : path.slice(0, table.length + index);
        return {
          path: path.slice(0, table.length + index + 1),
          part: "key",
          replace: this.absolute(key.span),
          string: null,
          table: owner,
        };
      }
      if (equals === null && at > Math.max(span[1], end) && !this.sameLine(end)) return null;
      if (keys.length === 0) {
        const wrong = this.absolute([span[0], Math.max(at, end)]);
        return { path: table, part: "key", replace: wrong, string: null, table: within };
      }
      const dotted = equals === null && at <= span[1];
      if (dotted) return { path, part: "key", replace: this.absolute(undefined), string: null, table: within && path };
      return inline && equals === null && at > end ? null : this.space(path, null);
    }
    if (value === null) {
      if (at > end && (inline || !this.sameLine(end))) return null;
      return { path, part: "value", replace: this.absolute(undefined), string: null, table: null };
    }
    if (at < value.span[0]) return this.space(path, null);
    if (at <= value.span[1]) return this.literal(value, path);
    if (!value.closed && at <= end && value.form !== "string") return this.inside(value, path);
    if (inline) return null;
    if (at <= end && value.form === "other") {
      const wrong = this.absolute([value.span[0], end]);
      return { path, part: "value", replace: wrong, string: null, table: null };
    }
    return at <= end || this.sameLine(span[1]) ? this.space(path, null) : null;
  }

  private literal(value: Literal, path: DocumentPath): SourcePoint {
    const { span, form, closed } = value;
    const replace = this.absolute(span);
    if (form === "string") {
      const string = decodeLiteral(this.text.slice(...replace), this.at - span[0]);
      return { path, part: "value", replace, string, table: null };
    }
    const isInside = this.at > span[0] && (this.at < span[1] || !closed);
    if ((form === "list" || form === "table") && isInside) return this.inside(value, path);
    return { path, part: "value", replace, string: null, table: null };
  }

  /** Between brackets. */
  private inside(value: Literal, path: DocumentPath): SourcePoint {
    const { items, pairs } = value;
    if (items !== null) {
      const index = lastBefore(items, this.at);
      const item = items[index];
      if (item !== undefined) {
        if (this.at <= item.span[1]) return this.literal(item, [...path, index]);
        const isOpen = !item.closed && item.form !== "string" && index === items.length - 1;
        if (isOpen) return this.inside(item, [...path, index]);
      }
      return this.space(path, null);
    }
    const pair = pairs?.[lastBefore(pairs, this.at)];
    const found = pair === undefined ? null : this.pair(pair, path, path, true);
    return found ?? this.space(path, path);
  }

  private touches([from, to]: Span): boolean {
    return from <= this.at && this.at <= to;
  }

  /** In the whole text; without a span nothing, at the offset. */
  private absolute(span: Span | undefined): Span {
    return span === undefined ? [this.offset, this.offset] : [this.start + span[0], this.start + span[1]];
  }

  /** No line ends between a place in the section and the offset. */
  private sameLine(from: number): boolean {
    const end = this.text.indexOf("\n", this.start + from);
    return end < 0 || end >= this.offset;
  }
}

function lastBefore(list: readonly { readonly span: Span }[], at: number): number {
  let from = 0;
  let to = list.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((list[middle] as { span: Span }).span[0] <= at) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}
