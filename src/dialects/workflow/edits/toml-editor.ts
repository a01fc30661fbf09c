/**
 * Changes of a TOML text (see `SyntaxEditor`), for every form in which TOML lets tables and lists be written.
 */
import type { DocumentPath, Place } from "../../../graph/diagnostic.ts";
import type { Value } from "../../../graph/value.ts";
import { insertBracketed, removeBracketed } from "../../edits/bracketed.ts";
import { insertAt, type TextEdit } from "../../edits/edit.ts";
import type { Fields } from "../../edits/intent.ts";
import { commentsAbove, indentOf, lineEnd, lineEnding, lineStart, removeLines } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import { checkSize, remembering, type SyntaxEditor } from "../../edits/syntax.ts";
import type { SourceElement, SourceTree, Span } from "../../live/source.ts";
import { inlineOf, padOf } from "./toml-inline.ts";
import { startsWith, TomlLayout } from "./toml-layout.ts";
import { moveBlock } from "./toml-move.ts";
import { quotesOf, renderKey, renderPath, renderString, renderTable, renderValue } from "./toml-render.ts";
import { separatorBefore, setToml } from "./toml-set.ts";
import { blankLinesBetween, equalsOf, keyIndent, styleBeside } from "./toml-style.ts";

/** Edits one TOML text; `base` is the path of the table that holds the graph. */
export class TomlEditor implements SyntaxEditor {
  private readonly text: string;
  private readonly source: SourceTree;
  private readonly layout: TomlLayout;
  private readonly base: DocumentPath;

  constructor(text: string, source: SourceTree, base: DocumentPath) {
    this.text = text;
    this.source = remembering(source);
    this.layout = new TomlLayout(text, this.source);
    this.base = base;
  }

  set(path: DocumentPath, value: Value, order: readonly string[] = []): TextEdit[] {
    checkSize(value);
    return setToml(this.layout, path, value, order, this.base);
  }

  remove(paths: readonly DocumentPath[]): TextEdit[] {
    const lines: Span[] = [];
    const inline = new Map<SourceElement, DocumentPath[]>();
    for (const path of paths) {
      if (path.length === 0) throw new Refusal("edit_unknown", "the whole document is not removed");
      this.layout.element(path);
      const holder = this.layout.inlineAncestor(path);
      if (holder === null) lines.push(...this.layout.constructs(path));
      else {
        const known = [...inline.keys()].find((one) => one.extent[0] === holder.extent[0]) ?? holder;
        inline.set(known, [...(inline.get(known) ?? []), path]);
      }
    }
    const edits = removeLines(this.text, lines);
    for (const [holder, gone] of inline) {
      const { list, paths: parts } = inlineOf(this.text, this.source, holder);
      const indexes = parts.flatMap((part, i) => (gone.some((path) => startsWith(part, path)) ? [i] : []));
      edits.push(...removeBracketed(this.text, list, new Set(indexes)));
    }
    return edits;
  }

  insert(list: DocumentPath, fields: Fields, after: number | null): TextEdit[] {
    for (const [, value] of fields) checkSize(value);
    const element = this.source.element(list);
    if (element === null) return this.firstItem(list, fields);
    if (element.form !== "list") throw new Refusal("edit_conflict", `\`${renderPath(list)}\` is no list of tables`);
    const index = after ?? element.children.length - 1;
    if (element.value === null) return [this.insertBlock(list, fields, index, element.children.length)];
    return this.insertInline(element, fields, index);
  }

  append(list: DocumentPath, values: readonly Value[]): TextEdit[] {
    values.forEach(checkSize);
    const element = this.source.element(list);
    if (element === null) return this.set(list, values);
    if (element.form !== "list" || element.value === null)
      throw new Refusal("edit_conflict", `\`${renderPath(list)}\` is no plain list`);
    const inline = inlineOf(this.text, this.source, element);
    const last = inline.paths.at(-1);
    const beside = last === undefined ? null : (this.source.element(last)?.value ?? null);
    const quotes = beside !== null && this.text[beside[0]] === "'" ? "literal" : "basic";
    const made = values.map((one) => renderValue(one, { quotes, equals: " = ", eol: lineEnding(this.text) }));
    const step = "  ";
    return insertBracketed(this.text, inline.list, inline.paths.length - 1, made, padOf(this.text, element), step);
  }

  move(list: DocumentPath, from: number, to: number): TextEdit[] {
    const element = this.layout.element(list);
    if (from === to) return [];
    if (element.value === null) return moveBlock(this.layout, list, from, to, element.children.length);
    const { items } = inlineOf(this.text, this.source, element).list;
    const order = items.map((_, i) => i);
    order.splice(to, 0, ...order.splice(from, 1));
    return order.flatMap((origin, place) => {
      const [span, moved] = [items[place], items[origin]];
      return span === undefined || moved === undefined ? [] : [{ range: span, text: this.text.slice(...moved) }];
    });
  }

  duplicate(list: DocumentPath, index: number, key: string, value: string): TextEdit[] {
    const element = this.layout.element(list);
    const path = [...list, index];
    const own = this.layout.element([...path, key]).value;
    if (own === null) throw new Refusal("edit_unsafe", `\`${renderPath([...path, key])}\` has no value`);
    const style = { quotes: quotesOf(this.text.slice(...own)), equals: " = ", eol: lineEnding(this.text) };
    const changed = (span: Span): string => {
      if (own[0] < span[0] || own[1] > span[1]) return this.text.slice(...span);
      return this.text.slice(span[0], own[0]) + renderString(value, style) + this.text.slice(own[1], span[1]);
    };
    if (element.value !== null) {
      const inline = inlineOf(this.text, this.source, element);
      const span = inline.list.items[index] as Span;
      return insertBracketed(this.text, inline.list, index, [changed(span)], "", "  ");
    }
    const pieces = this.layout.pieces(path);
    const end = (pieces.at(-1) as Span)[1];
    const copy = pieces.map((piece) => this.closed(changed(piece))).join("");
    return [this.blockAt(list, end, copy, element.children.length)];
  }

  replaceText(place: Place, text: string): TextEdit[] {
    checkSize(text);
    const element = this.layout.element(place.path);
    if (place.part === "key") {
      const last = place.path.at(-1);
      if (element.key === null || element.header !== null || typeof last !== "string")
        throw new Refusal("edit_not_expressible", "only a key that is written on its own line can be renamed here");
      return [{ range: element.key, text: renderKey(text) }];
    }
    if (element.value === null || element.form !== "string" || element.text === null)
      return [...this.set(place.path, text)];
    const quotes = quotesOf(this.text.slice(...element.value));
    const { within } = place;
    if (within === undefined) return this.set(place.path, text);
    const style = { quotes, equals: " = ", eol: lineEnding(this.text) };
    const range = this.source.span(place);
    const literal = quotes === "literal" || quotes === "long-literal";
    if (/^[ !#-&(-\[\]-~]*$/.test(text) || (literal && /^[ -&(-~]*$/.test(text))) return [{ range, text }];
    const whole = element.text.slice(0, within.from) + text + element.text.slice(within.to);
    return [{ range: element.value, text: renderString(whole, style) }];
  }

  /** An item in an array that is written inline. */
  private insertInline(element: SourceElement, fields: Fields, after: number): TextEdit[] {
    const inline = inlineOf(this.text, this.source, element);
    const sibling = inline.paths[Math.max(0, after)];
    const table = sibling === undefined ? null : this.source.element(sibling);
    const firstKey = table?.children[0];
    const sample = table === null || firstKey === undefined ? null : this.source.element([...table.path, firstKey]);
    const quotes = sample?.value !== undefined && sample.value !== null && this.text[sample.value[0]] === "'";
    const style = {
      quotes: quotes ? ("literal" as const) : ("basic" as const),
      equals: sample === null ? " = " : equalsOf(this.text, sample),
      eol: lineEnding(this.text),
    };
    const made = renderTable(fields, style, table === null ? " " : padOf(this.text, table));
    return insertBracketed(this.text, inline.list, after, [made], "", "  ");
  }

  /** An item with a header of its own, in the form of its siblings. */
  private insertBlock(list: DocumentPath, fields: Fields, after: number, count: number): TextEdit {
    const sibling = [...list, Math.max(0, after)];
    const own = this.layout.ownPairs(sibling);
    const header = own?.header ?? null;
    if (own === null || header === null)
      throw new Refusal("edit_unsafe", `the headers of \`${renderPath(list)}\` could not be made out`);
    const headerText = this.text.slice(...header.span);
    const indent = indentOf(this.text, header.span[0]);
    const block = this.block(`${indent}${headerText}`, fields, keyIndent(this.layout, header, own.pairs), own.pairs);
    if (after >= 0) return this.blockAt(list, (this.layout.pieces(sibling).at(-1) as Span)[1], block, count);
    const eol = lineEnding(this.text);
    const start = commentsAbove(this.text, lineStart(this.text, header.span[0]));
    return insertAt(start, block + eol.repeat(blankLinesBetween(this.layout, list, count)));
  }

  /** A block behind the construct that ends at `end`, as many blank lines away as its siblings are from each other. */
  private blockAt(list: DocumentPath, end: number, block: string, count: number): TextEdit {
    const eol = lineEnding(this.text);
    const open = end === this.text.length && this.text[end - 1] !== "\n";
    const blank = eol.repeat(blankLinesBetween(this.layout, list, count));
    return insertAt(end, (open ? eol : "") + blank + block);
  }

  /** The first item of a list that the document does not have. */
  private firstItem(list: DocumentPath, fields: Fields): TextEdit[] {
    const name = list.at(-1);
    const base = list.slice(0, -1);
    const holder = this.source.element(base);
    const others = ["start_nodes", "nodes", "edges"].flatMap((key) => this.source.element([...base, key]) ?? []);
    const inline = others.length > 0 && others.every((one) => one.value !== null && one.children.length > 0);
    const item = Object.fromEntries(fields);
    if (inline || (base.length > 0 && holder !== null && holder.value !== null)) return this.set(list, [item]);
    const eol = lineEnding(this.text);
    const sample = others.find((one) => one.value === null);
    const first = sample === undefined ? null : this.layout.ownPairs([...sample.path, 0]);
    const indent = first?.header === null || first === null ? "" : indentOf(this.text, first.header.span[0]);
    const pairs = first?.pairs ?? [];
    const keys = keyIndent(this.layout, first?.header ?? null, pairs);
    const block = this.block(`${indent}[[${renderPath(list)}]]`, fields, keys, pairs);
    const at = this.placeOf(base, String(name));
    if (at.before) return [insertAt(at.offset, block + eol)];
    return [insertAt(at.offset, separatorBefore(this.text, at.offset, eol) + block)];
  }

  /** Where a new list belongs: starts, nodes, edges in this order, before everything else that has headers. */
  private placeOf(base: DocumentPath, name: string): { readonly offset: number; readonly before: boolean } {
    const order = ["start_nodes", "nodes", "edges"];
    const rank = order.indexOf(name);
    const before = order.slice(0, Math.max(0, rank)).reverse();
    for (const key of before) {
      const element = this.source.element([...base, key]);
      if (element === null || element.value !== null) continue;
      const last = this.layout.pieces([...base, key]).at(-1);
      if (last !== undefined) return { offset: last[1], before: false };
    }
    for (const key of rank < 0 ? [] : order.slice(rank + 1)) {
      const element = this.source.element([...base, key]);
      if (element === null || element.value !== null) continue;
      const first = this.layout.constructs([...base, key])[0];
      if (first !== undefined) return { offset: first[0], before: true };
    }
    const end = this.source.element(base) === null ? undefined : this.layout.pieces(base).at(-1);
    return { offset: base.length === 0 || end === undefined ? this.text.length : end[1], before: false };
  }

  private block(header: string, fields: Fields, indent: string, siblings: Parameters<typeof styleBeside>[1]): string {
    const eol = lineEnding(this.text);
    const lines = fields.map(([key, value]) => {
      const style = styleBeside(this.layout, siblings, typeof value === "string" ? value : "");
      return `${indent}${renderKey(key)}${style.equals}${renderValue(value, style)}${eol}`;
    });
    return `${header}${eol}${lines.join("")}`;
  }

  /** Text that ends with a line break. */
  private closed(text: string): string {
    return lineEnd(text, Math.max(0, text.length - 1)) === text.length ? text + lineEnding(this.text) : text;
  }
}
