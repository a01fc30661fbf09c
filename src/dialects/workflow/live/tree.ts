/**
 * The tree of a TOML text: elements and places by path, over sections and the tables they belong to. Nothing is
 * built ahead: a path is followed when somebody asks for it.
 */
import type { DocumentPath, Place, Range } from "../../../graph/diagnostic.ts";
import type { SourceElement, SourceForm, SourcePoint, SourceTree, Span } from "../../live/source.ts";
import type { TextLines } from "../../live/text-lines.ts";
import { decodeLiteral, literalPlaces } from "../toml-string.ts";
import type { Merged, Slot } from "./merge.ts";
import { formOf, joined, partsOf, type Part } from "./parts.ts";
import { pointAt } from "./point.ts";
import type { Section, Sections } from "./sections.ts";

/** What stands at a path: a table that headers made, parts of sections, or (seldom) both. */
interface View {
  readonly slot: Slot | null;
  readonly parts: readonly { readonly part: Part; readonly section: number }[];
}

/** The tree of a text that was cut and put together. */
export class TomlTree implements SourceTree {
  private readonly sections: Sections;
  private readonly merged: Merged;
  private readonly lines: TextLines;
  private literal: { readonly value: Span; readonly places: ReturnType<typeof literalPlaces> } | null = null;

  constructor(sections: Sections, merged: Merged, lines: TextLines) {
    this.sections = sections;
    this.merged = merged;
    this.lines = lines;
  }

  at(offset: number): SourcePoint {
    return pointAt(this.sections, this.merged, offset);
  }

  range(place: Place): Range {
    return this.lines.range(...this.span(place));
  }

  element(path: DocumentPath): SourceElement | null {
    let view: View | null = this.root();
    for (const key of path) view = view && this.below(view, key);
    if (view === null) return null;
    const last = path[path.length - 1];
    const form = this.form(view);
    const value = last === undefined ? null : this.value(view);
    return {
      path: [...path],
      key: typeof last === "string" ? this.key(view) : null,
      header: last === undefined ? null : this.header(view),
      value,
      form,
      text: value === null ? null : this.textOf(form, value),
      extent: last === undefined ? [0, this.sections.text.length] : this.extent(view),
      children: this.children(view).map(([key]) => key),
    };
  }

  /** As the locator of text that is not being typed: a place that is not there is the name of what is nearest. */
  span(place: Place): Span {
    const root = this.root();
    let view = root;
    for (const key of place.path) {
      const next = this.below(view, key);
      if (next === null) return this.name(view);
      view = next;
    }
    if (place.part === "key") return this.name(view);
    if (place.part === "construct") return place.path.length === 0 ? [0, this.sections.text.length] : this.extent(view);
    const value = this.value(view);
    if (value === null) {
      if (place.part !== "value" || !this.hasChildren(view)) return this.name(view);
      return place.path.length === 0 ? [0, this.sections.text.length] : this.extent(view);
    }
    if (place.within === undefined) return value;
    const inner = this.placesOf(value)?.(place.within.from, place.within.to);
    return inner === undefined ? value : [value[0] + inner[0], value[0] + inner[1]];
  }

  /** Places within the string that was asked about last: its markers are asked about one after the other. */
  private placesOf(value: Span): ReturnType<typeof literalPlaces> {
    if (this.literal?.value[0] !== value[0] || this.literal.value[1] !== value[1])
      this.literal = { value, places: literalPlaces(this.sections.text.slice(...value)) };
    return this.literal.places;
  }

  private root(): View {
    return { slot: this.merged.root, parts: [] };
  }

  private section(index: number): Section {
    return this.sections.list[index] as Section;
  }

  private absolute(section: number, [from, to]: Span): Span {
    const start = this.sections.starts[section] as number;
    return [start + from, start + to];
  }

  private below({ slot, parts }: View, key: string | number): View | null {
    if (typeof key === "number") {
      const item = slot?.items?.[key];
      if (item !== undefined) return { slot: item, parts: [] };
      for (const { part, section } of parts) {
        const found = part.items?.[key];
        if (found !== undefined) return { slot: null, parts: [{ part: found, section }] };
      }
      return null;
    }
    const next = slot?.members?.get(key) ?? null;
    const found: { part: Part; section: number }[] = [];
    for (const section of slot?.sections ?? []) {
      const part = partsOf(this.section(section).syntax).members?.get(key);
      if (part !== undefined) found.push({ part, section });
    }
    for (const { part, section } of parts) {
      const member = part.members?.get(key);
      if (member !== undefined) found.push({ part: member, section });
    }
    return next === null && found.length === 0 ? null : { slot: next, parts: found };
  }

  private form({ slot, parts }: View): SourceForm {
    if (slot !== null) return slot.items === null ? "table" : "list";
    return formOf((parts[0] as { part: Part }).part);
  }

  private value({ slot, parts }: View): Span | null {
    const first = parts[0];
    if (slot !== null || first === undefined || first.part.value === null) return null;
    return this.absolute(first.section, first.part.value.span);
  }

  private textOf(form: SourceForm, value: Span): string | null {
    if (form === "table" || form === "list") return null;
    const source = this.sections.text.slice(...value);
    return form === "string" ? decodeLiteral(source).text : source;
  }

  /** The header that opens exactly this table. */
  private header({ slot }: View): Span | null {
    const opener = slot === null || slot.parent === null ? undefined : slot.sections[0];
    const header = opener === undefined ? null : this.section(opener).syntax.header;
    return header === null ? null : this.absolute(opener as number, header.span);
  }

  /** The key as it is written first. */
  private key({ slot, parts }: View): Span | null {
    const first = parts[0];
    const part = first === undefined ? null : this.absolute(first.section, first.part.name);
    if (slot === null || slot.named.key === null) return part;
    const opener = slot.sections[0];
    const own = opener === undefined ? undefined : this.section(opener).syntax.header?.keys.at(-1);
    const name =
      own === undefined
        ? this.absolute(slot.named.section, slot.named.key.span)
        : this.absolute(opener as number, own.span);
    return part !== null && part[0] < name[0] ? part : name;
  }

  /** What a message about the whole thing points at. */
  private name(view: View): Span {
    const { slot, parts } = view;
    if (slot === this.merged.root) return [0, this.lines.lineEnd(0)];
    if (slot !== null) {
      const opener = slot.items === null ? slot.sections[0] : slot.items[0]?.sections[0];
      const header = opener === undefined ? null : this.section(opener).syntax.header;
      if (header !== null) return this.absolute(opener as number, header.span);
      return this.key(view) ?? [0, 0];
    }
    const { part, section } = parts[0] as { part: Part; section: number };
    return this.absolute(section, part.name);
  }

  private hasChildren({ slot, parts }: View): boolean {
    if (slot === this.merged.root) return true;
    if (slot === null) return parts.some(({ part }) => part.members !== null || part.items !== null);
    if (slot.members !== null || slot.items !== null || parts.length > 0) return true;
    return slot.sections.some((section) => partsOf(this.section(section).syntax).members !== null);
  }

  private extent({ slot, parts }: View): Span {
    let span: Span | null = null;
    const widen = (more: Span): void => {
      span = span === null ? more : joined(span, more);
    };
    if (slot !== null) this.slotExtent(slot, widen);
    for (const { part, section } of parts) this.partExtent(part, section, widen);
    return span ?? [0, 0];
  }

  private partExtent(part: Part, section: number, widen: (more: Span) => void): void {
    widen(this.absolute(section, part.own));
    if (part.value === null) part.members?.forEach((member) => this.partExtent(member, section, widen));
  }

  private slotExtent(slot: Slot, widen: (more: Span) => void): void {
    if (slot.named.key !== null && slot.items === null) widen(this.absolute(slot.named.section, slot.named.key.span));
    for (const index of slot.sections) {
      const { header, pairs } = this.section(index).syntax;
      if (header !== null) widen(this.absolute(index, header.span));
      for (const pair of pairs) if (pair.keys.length > 0) widen(this.absolute(index, pair.span));
    }
    slot.items?.forEach((item) => this.slotExtent(item, widen));
    slot.members?.forEach((member) => this.slotExtent(member, widen));
  }

  /** Keys and indexes below, with where they begin, in the order of the text. */
  private children({ slot, parts }: View): [string | number, number][] {
    if (slot !== null && slot.items !== null) return slot.items.map((_, i) => [i, 0]);
    const first = parts[0];
    if (slot === null && first?.part.items) return first.part.items.map((_, i) => [i, 0]);
    const found = new Map<string, number>();
    const add = (name: string, at: number): void => {
      found.set(name, Math.min(found.get(name) ?? Infinity, at));
    };
    for (const section of slot?.sections ?? []) {
      partsOf(this.section(section).syntax).members?.forEach((part, name) =>
        add(name, this.absolute(section, part.name)[0]),
      );
    }
    for (const { part, section } of parts) {
      part.members?.forEach((member, name) => add(name, this.absolute(section, member.name)[0]));
    }
    slot?.members?.forEach(({ named }, name) => {
      if (named.key !== null) add(name, this.absolute(named.section, named.key.span)[0]);
    });
    return [...found].sort((a, b) => a[1] - b[1]);
  }
}
