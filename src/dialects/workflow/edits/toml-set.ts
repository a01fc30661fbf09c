/**
 * Setting a key of a TOML document: in the place and form in which its table is written.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { equal, isArray, isObject, type ObjectValue, type Value } from "../../../graph/value.ts";
import { insertBracketed } from "../../edits/bracketed.ts";
import { insertAt, type TextEdit } from "../../edits/edit.ts";
import { commentsAbove, indentOf, lineEnd, lineEnding, lineStart } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { SourceElement } from "../../live/source.ts";
import { readToml } from "../toml.ts";
import { inlineOf, padOf } from "./toml-inline.ts";
import { startsWith, type Statement, type TomlLayout } from "./toml-layout.ts";
import { renderKey, renderPath, renderTable, renderValue, quotesOf, type TomlStyle } from "./toml-render.ts";
import { equalsOf, keyIndent, quotesAcrossLines, styleBeside } from "./toml-style.ts";

/** Edits that set `path` to `value`. `order` as in `SyntaxEditor.set`; `base` is the table that holds the graph. */
export function setToml(
  layout: TomlLayout,
  path: DocumentPath,
  value: Value,
  order: readonly string[],
  base: DocumentPath,
): TextEdit[] {
  const element = path.length === 0 ? null : layout.source.element(path);
  if (element === null || element.form === "missing") {
    if (element !== null)
      throw new Refusal("edit_unsafe", `\`${path.join(".")}\` has no value yet; write one or remove it`);
    return create(layout, path, value, order, base);
  }
  if (element.value !== null) return replace(layout, element, value);
  const { children } = element;
  if (isObject(value) && children.every((key) => typeof key === "string" && Object.hasOwn(value, key)))
    return Object.keys(value).flatMap((key) => setToml(layout, [...path, key], value[key] as Value, [], base));
  throw new Refusal(
    "edit_unsafe",
    `\`${renderPath(path)}\` is written over several tables; change or remove what is in it one by one`,
  );
}

/** Another value in the place of one that is written in one piece, in its own style. */
function replace(layout: TomlLayout, element: SourceElement, value: Value): TextEdit[] {
  const span = element.value as NonNullable<SourceElement["value"]>;
  const source = layout.text.slice(...span);
  const read = readToml(`x = ${source}`);
  if (read.ok && sameAs(read.table["x"], value)) return [];
  const { children } = element;
  const merges = isObject(value) && element.form === "table" && children.length > 0;
  if (merges && children.every((key) => typeof key === "string" && Object.hasOwn(value, key)))
    return mergeInline(layout, element, value);
  return [{ range: span, text: renderValue(value, ownStyle(layout, element, source, value)) }];
}

function mergeInline(layout: TomlLayout, element: SourceElement, value: ObjectValue): TextEdit[] {
  const kept: TextEdit[] = [];
  const added: (readonly [string, Value])[] = [];
  for (const key of Object.keys(value)) {
    const inner = layout.source.element([...element.path, key]);
    if (inner === null) added.push([key, value[key] as Value]);
    else if (inner.value !== null) kept.push(...replace(layout, inner, value[key] as Value));
    else kept.push(...setToml(layout, inner.path, value[key] as Value, [], []));
  }
  return [...kept, ...addInline(layout, element, added)];
}

/** Text of several lines is written as such, unless its author has written line breaks as `\\n` before. */
function ownStyle(layout: TomlLayout, element: SourceElement, source: string, value: Value): TomlStyle {
  const own = element.form === "string" ? quotesOf(source) : "basic";
  const escapes = element.text?.includes("\n") === true;
  const quotes = typeof value === "string" && !escapes ? quotesAcrossLines(own, value) : own;
  return { quotes, equals: equalsOf(layout.text, element), eol: lineEnding(layout.text) };
}

/** A TOML value as read equals a node value. */
export function sameAs(raw: unknown, value: Value): boolean {
  if (Array.isArray(raw)) {
    return isArray(value) && raw.length === value.length && raw.every((one, i) => sameAs(one, value[i] as Value));
  }
  if (typeof raw === "object" && raw !== null && !(raw instanceof Date)) {
    if (!isObject(value)) return false;
    const keys = Object.keys(raw);
    const members = raw as Readonly<Record<string, unknown>>;
    return (
      keys.length === Object.keys(value).length &&
      keys.every((key) => Object.hasOwn(value, key) && sameAs(members[key], value[key] as Value))
    );
  }
  return !(raw instanceof Date) && equal(raw as Value, value);
}

/** A key that is not there yet: in the innermost table on its path that is. */
function create(
  layout: TomlLayout,
  path: DocumentPath,
  value: Value,
  order: readonly string[],
  base: DocumentPath,
): TextEdit[] {
  let depth = path.length - 1;
  while (depth > 0 && layout.source.element(path.slice(0, depth)) === null) depth--;
  const table = path.slice(0, depth);
  const rest = path.slice(depth);
  const keys = rest.filter((one): one is string => typeof one === "string");
  if (keys.length < rest.length || keys.length === 0)
    throw new Refusal("edit_unknown", `the document has no \`${path.join(".")}\``);
  const element = layout.element(table);
  if (table.length > 0 && element.form !== "table")
    throw new Refusal("edit_conflict", `\`${renderPath(table)}\` is no table, so it can hold no \`${keys.join(".")}\``);
  const [first, ...inner] = keys as [string, ...string[]];
  if (element.value !== null && table.length > 0) return addInline(layout, element, [[first, nested(inner, value)]]);
  // Tables of the document itself are opened by headers, those within items are written inline.
  const ofDocument = startsWith(table, base) && !table.slice(base.length).some((one) => typeof one === "number");
  if (ofDocument && (inner.length > 0 || (isObject(value) && Object.keys(value).length > 0)))
    return addHeaders(layout, table, nested(keys, value) as ObjectValue, base);
  return addPairs(layout, table, [[first, nested(inner, value)]], order);
}

function nested(keys: readonly string[], value: Value): Value {
  return keys.reduceRight<Value>((made, key) => ({ [key]: made }), value);
}

/** New keys at the end of an inline table. */
function addInline(
  layout: TomlLayout,
  element: SourceElement,
  fields: readonly (readonly [string, Value])[],
): TextEdit[] {
  if (fields.length === 0) return [];
  const { text, source } = layout;
  const inline = inlineOf(text, source, element);
  const sample = inline.paths.at(-1);
  const beside = sample === undefined ? null : source.element(sample);
  const style: TomlStyle = {
    quotes: beside?.value === undefined || beside.value === null ? "basic" : shortQuotes(text, beside.value[0]),
    equals: beside === null ? " = " : equalsOf(text, beside),
    eol: lineEnding(text),
  };
  const made = fields.map(([key, value]) => renderTable([[key, value]], style, "").slice(1, -1));
  return insertBracketed(text, inline.list, inline.paths.length - 1, made, padOf(text, element), "  ");
}

function shortQuotes(text: string, offset: number): "basic" | "literal" {
  return text[offset] === "'" && !text.startsWith("'''", offset) ? "literal" : "basic";
}

/** New pairs of a table that headers or dotted keys open, behind its last own pair or where `order` puts them. */
export function addPairs(
  layout: TomlLayout,
  table: DocumentPath,
  fields: readonly (readonly [string, Value])[],
  order: readonly string[],
): TextEdit[] {
  const own = layout.ownPairs(table);
  if (own === null) return addToHeaderless(layout, table, fields);
  const { header, pairs } = own;
  const indent = keyIndent(layout, header, pairs);
  return fields.map(([key, value]) => {
    const style = styleBeside(layout, pairs, typeof value === "string" ? value : "");
    const line = `${indent}${renderKey(key)}${style.equals}${renderValue(value, style)}`;
    const rank = order.indexOf(key);
    const isBefore = (one: Statement): boolean => {
      const other = order.indexOf(String(one.path[table.length]));
      return rank < 0 || (other >= 0 && other < rank);
    };
    const anchor = pairs.findLast(isBefore) ?? header;
    if (anchor !== null) return insertLine(layout, anchor, line);
    const next = pairs[0] ?? layout.statements[0];
    if (next === undefined) return insertAt(layout.text.length, line + style.eol);
    const start = lineStart(layout.text, next.span[0]);
    const at = next.kind === "pair" ? start : commentsAbove(layout.text, start);
    return insertAt(at, line + (next.kind === "pair" ? style.eol : style.eol.repeat(2)));
  });
}

/** A line directly below a statement. */
function insertLine(layout: TomlLayout, anchor: Statement, line: string): TextEdit {
  const eol = lineEnding(layout.text);
  const [, next] = layout.lineOf(anchor);
  const open = lineEnd(layout.text, anchor.span[1]) === layout.text.length;
  return insertAt(next, open ? eol + line : line + eol);
}

/** A table without a header of its own: `a.b = 1` gets a line beside it, `[a.b]` gets `[a]` above it. */
function addToHeaderless(
  layout: TomlLayout,
  table: DocumentPath,
  fields: readonly (readonly [string, Value])[],
): TextEdit[] {
  const within = layout.within(table);
  const dotted = within.findLast((one) => one.kind === "pair" && isDottedOf(layout, one, table));
  const eol = lineEnding(layout.text);
  if (dotted !== undefined) {
    return addDotted(
      layout,
      dotted,
      table,
      fields.map(([key, value]) => [[key], value]),
    );
  }
  const first = within[0];
  if (first === undefined) throw new Refusal("edit_unknown", `the document has no \`${renderPath(table)}\``);
  const start = lineStart(layout.text, first.span[0]);
  const indent = indentOf(layout.text, first.span[0]);
  const style = styleBeside(layout, within);
  const lines = fields.map(
    ([key, value]) => `${indent}${renderKey(key)}${style.equals}${renderValue(value, style)}${eol}`,
  );
  const block = `${indent}[${renderPath(table)}]${eol}${lines.join("")}${eol}`;
  return [insertAt(commentsAbove(layout.text, start), block)];
}

/** Lines below a pair whose dotted key names `table`, with such keys of their own. */
function addDotted(
  layout: TomlLayout,
  dotted: Statement,
  table: DocumentPath,
  fields: readonly (readonly [path: DocumentPath, value: Value])[],
): TextEdit[] {
  const prefix = dottedPrefix(layout, dotted, table);
  return fields.map(([path, value]) => {
    const style = styleBeside(layout, [dotted], typeof value === "string" ? value : "");
    return insertLine(layout, dotted, `${prefix}${renderPath(path)}${style.equals}${renderValue(value, style)}`);
  });
}

/** The pair's own dotted key names `table`, rather than a header above it. */
function isDottedOf(layout: TomlLayout, pair: Statement, table: DocumentPath): boolean {
  const index = layout.statements.indexOf(pair);
  const header = layout.statements.findLast((one, i) => i < index && one.kind === "header");
  return header === undefined || !startsWith(header.path, table);
}

/** `retry.` of `retry.max_attempts = 3`, with its indentation. */
function dottedPrefix(layout: TomlLayout, pair: Statement, table: DocumentPath): string {
  const indent = indentOf(layout.text, pair.span[0]);
  const index = layout.statements.indexOf(pair);
  const header = layout.statements.findLast((one, i) => i < index && one.kind === "header");
  const names = table.slice(header?.path.length ?? 0);
  return `${indent}${renderPath(names)}.`;
}

/** Root tables as headers: each table that holds more than tables gets one, behind its relatives or at the end. */
function addHeaders(layout: TomlLayout, table: DocumentPath, value: ObjectValue, base: DocumentPath): TextEdit[] {
  const blocks: { path: DocumentPath; fields: [string, Value][] }[] = [];
  const visit = (path: DocumentPath, members: ObjectValue): void => {
    const plain: [string, Value][] = [];
    for (const key of Object.keys(members)) {
      const member = members[key] as Value;
      if (isObject(member) && Object.keys(member).length > 0) visit([...path, key], member);
      else plain.push([key, member]);
    }
    if (plain.length > 0) blocks.push({ path, fields: plain });
  };
  visit(table, value);
  const { text } = layout;
  const relatives = table.length > base.length ? layout.within(table) : [];
  const beside = relatives.at(-1);
  // A header would take the keys that follow a dotted one into its own table.
  if (beside?.kind === "pair" && isDottedOf(layout, beside, table))
    return blocks.flatMap(({ path, fields }) =>
      addDotted(
        layout,
        beside,
        table,
        fields.map(([key, one]) => [[...path.slice(table.length), key], one]),
      ),
    );
  const last = beside ?? (base.length > 0 ? layout.within(base).at(-1) : undefined);
  const style = styleBeside(layout, layout.statements);
  const { eol } = style;
  const indent = last === undefined || base.length === 0 ? "" : indentOf(text, last.span[0]);
  const made = blocks.map(({ path, fields }) => {
    const pairs = fields.map(([key, one]) => {
      const own = styleBeside(layout, layout.statements, typeof one === "string" ? one : "");
      return `${indent}${renderKey(key)}${style.equals}${renderValue(one, own)}${eol}`;
    });
    return `${indent}[${renderPath(path)}]${eol}${pairs.join("")}`;
  });
  const at = last === undefined ? text.length : layout.lineOf(last)[1];
  return [insertAt(at, `${separatorBefore(text, at, eol)}${made.join(eol)}`)];
}

/** What brings new tables one blank line below what stands before them. */
export function separatorBefore(text: string, at: number, eol: string): string {
  if (at === 0 || text.slice(0, at) === "\ufeff") return "";
  if (text[at - 1] !== "\n") return eol + eol;
  const above = lineStart(text, at - 1);
  return text.slice(above, at).trim() === "" ? "" : eol;
}
