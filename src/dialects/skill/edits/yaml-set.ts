/**
 * Setting a key of a YAML document, in the form in which its mapping is written.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { isArray, isObject, type Value } from "../../../graph/value.ts";
import { insertBracketed } from "../../edits/bracketed.ts";
import { deleteAt, insertAt, type TextEdit } from "../../edits/edit.ts";
import { lineStart } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { SourceElement } from "../../live/source.ts";
import type { YamlLayout } from "./yaml-layout.ts";
import {
  blockHolds,
  quotesOf,
  renderBelow,
  renderBlock,
  renderFlow,
  renderFlowPair,
  renderPair,
  renderString,
} from "./yaml-render.ts";

/** Edits that set `path` to `value`. */
export function setYaml(layout: YamlLayout, path: DocumentPath, value: Value, order: readonly string[]): TextEdit[] {
  layout.requireNoAnchor(path);
  const element = layout.source.element(path);
  if (element !== null && path.length > 0) return replace(layout, element, value);
  let depth = Math.max(0, path.length - 1);
  while (depth > 0 && layout.source.element(path.slice(0, depth)) === null) depth--;
  const keys = path.slice(depth).filter((one): one is string => typeof one === "string");
  const [first, ...inner] = keys;
  if (first === undefined || keys.length < path.length - depth)
    throw new Refusal("edit_unknown", `the document has no \`${path.join(".")}\``);
  const made = inner.reduceRight<Value>((one, key) => ({ [key]: one }), value);
  return addKey(layout, layout.element(path.slice(0, depth)), first, made, order);
}

function addKey(
  layout: YamlLayout,
  table: SourceElement,
  key: string,
  value: Value,
  order: readonly string[],
): TextEdit[] {
  const { style, text } = layout;
  const isRoot = table.path.length === 0;
  if (table.form === "missing" && !isRoot) return fill(layout, table, { [key]: value });
  if (table.form !== "table" && !(isRoot && table.children.length === 0))
    throw new Refusal("edit_conflict", `\`${table.path.join(".")}\` holds no keys, so \`${key}\` cannot be added`);
  if (layout.isFlow(table)) {
    const list = layout.flow(table);
    const made = renderFlowPair(key, value, style);
    const pad = text[list.open + 1] === " " ? " " : "";
    return insertBracketed(text, list, list.items.length - 1, [made], pad, style.step);
  }
  const children = layout.children(table);
  const rank = order.indexOf(key);
  const anchor =
    children.findLast((one) => {
      const other = order.indexOf(String(one.path.at(-1)));
      return rank < 0 || (other >= 0 && other < rank);
    }) ?? children.at(-1);
  if (anchor === undefined) {
    const bare = renderPair(key, value, "", style) + style.eol;
    return [insertAt(text.length, text === "" || text.endsWith("\n") ? bare : style.eol + bare)];
  }
  const indent = layout.indentIn(table);
  if (!layout.closes(anchor.extent[1])) throw new Refusal("edit_unsafe", "the line before the new key is not complete");
  return [lineBehind(layout, anchor, indent + renderPair(key, value, indent, style))];
}

/** Whole lines below an element. */
export function lineBehind(layout: YamlLayout, anchor: SourceElement, lines: string, blank = 0): TextEdit {
  const { eol } = layout.style;
  const at = layout.endOf(anchor);
  const open = at === layout.text.length && !layout.text.endsWith("\n");
  // Blank lines behind a block string that keeps them would be its text.
  const apart = layout.keepsBlanks(anchor) ? "" : eol.repeat(blank);
  return insertAt(at, (open ? eol : "") + apart + lines + eol);
}

/** A value for a key that has none yet. */
function fill(layout: YamlLayout, element: SourceElement, value: Value): TextEdit[] {
  const { style, text } = layout;
  if (element.key === null) {
    const dash = element.header;
    if (dash === null) throw new Refusal("edit_unsafe", "the place of the change could not be made out");
    return [insertAt(dash[1], ` ${renderFlow(value, style)}`)];
  }
  const at = layout.colonEnd(element);
  const holder = layout.element(element.path.slice(0, -1));
  const indent = " ".repeat(element.key[0] - lineStart(text, element.key[0]));
  const hasLines = isArray(value) ? value.some(isObject) : isObject(value) && Object.keys(value).length > 0;
  const isBlock = hasLines && !layout.isFlow(holder) && layout.closes(at);
  if (!isBlock) return [insertAt(at, ` ${renderFlow(value, style)}`)];
  const lines = renderBelow(value, indent, style).slice(style.eol.length);
  return [lineBehind(layout, { ...element, extent: [element.extent[0], at] }, lines)];
}

/** Another value in the place of one that is there, in its own style. */
function replace(layout: YamlLayout, element: SourceElement, value: Value): TextEdit[] {
  if (element.value === null) return fill(layout, element, value);
  if (isSame(element, value)) return [];
  const { text, style } = layout;
  const [from, to] = element.value;
  const isCollection = element.form === "table" || element.form === "list";
  if (isCollection && isObject(value) && element.form === "table" && covers(element, value)) {
    const added = Object.keys(value).filter((key) => !element.children.includes(key));
    const kept = Object.keys(value).filter((key) => element.children.includes(key));
    // Several new keys at the end of one mapping would stand at one offset: they are insertions in order.
    return [...kept, ...added].flatMap((key) => setYaml(layout, [...element.path, key], value[key] as Value, []));
  }
  if (isCollection && !layout.isFlow(element)) return replaceBlock(layout, element, value);
  if (typeof value !== "string" || element.form !== "string")
    return [{ range: [from, to], text: renderFlow(value, style) }];
  const quotes = quotesOf(text.slice(from, from + 1));
  if (quotes !== "block" || !blockHolds(value))
    return [{ range: [from, to], text: renderString(value, style, quotes) }];
  const inner = /\n( +)\S/.exec(text.slice(from, to))?.[1];
  const column = element.key === null ? from : element.key[0];
  const indent = inner ?? " ".repeat(column - lineStart(text, column)) + style.step;
  return [{ range: [from, to], text: renderBlock(value, indent, style.eol) }];
}

function covers(element: SourceElement, value: { readonly [key: string]: Value }): boolean {
  return element.children.length > 0 && element.children.every((key) => Object.hasOwn(value, String(key)));
}

/** A block collection gives way to another value, which is written behind its key. */
function replaceBlock(layout: YamlLayout, element: SourceElement, value: Value): TextEdit[] {
  const [from, to] = element.value as NonNullable<SourceElement["value"]>;
  if (element.key === null) return [{ range: [from, to], text: renderFlow(value, layout.style) }];
  const colon = layout.colonEnd(element);
  const [line, end] = [lineStart(layout.text, from), layout.endOf(element)];
  if (line <= colon) return [{ range: [from, to], text: renderFlow(value, layout.style) }];
  return [insertAt(colon, ` ${renderFlow(value, layout.style)}`), deleteAt([line, end])];
}

/** The scalar says `value` already. */
function isSame(element: SourceElement, value: Value): boolean {
  switch (element.form) {
    case "string":
      return element.text === value;
    case "boolean":
      return typeof value === "boolean" && element.text?.toLowerCase() === String(value);
    case "number":
      return typeof value === "bigint" && element.text === String(value);
    default:
      return false;
  }
}
