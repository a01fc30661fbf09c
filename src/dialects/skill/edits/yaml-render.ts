/**
 * Node values as YAML text, in the style of what stands around them. Only forms that every reader takes alike are written: a
 * plain string is one that nobody could take for a number, a truth value or a mapping.
 */
import { floatText, isArray, isObject, wellFormed, type Value } from "../../../graph/value.ts";

/** How a string is written where it can be: without quotes, in one kind of quotes, or as a block `|`. */
export type Quotes = "plain" | "single" | "double" | "block";

/** The style of new text. */
export interface YamlStyle {
  /** For strings; those that cannot be plain get {@link YamlStyle.otherwise}. */
  readonly quotes: Quotes;
  readonly otherwise: "single" | "double";
  /** One level of indentation. */
  readonly step: string;
  /** Lists below a key stand in the key's own column. */
  readonly flush: boolean;
  readonly eol: string;
}

// A colon before a letter or a slash begins no mapping, so URLs stay as they are.
const plain = /^[A-Za-z_/.](?:[\w./@+-]|:(?=[\w/]))*(?: (?:[\w./@+-]|:(?=[\w/]))+)*$/;
const notPlain = /^(?:true|false|null|yes|no|on|off|y|n|\.\d.*|\.(?:inf|nan)|\.{3}.*)$/i;

/** The string may stand without quotes, in block and flow collections alike. */
function isPlain(text: string): boolean {
  return plain.test(text) && !notPlain.test(text) && !text.includes(" -");
}

/** The quotes of a string as written. */
export function quotesOf(source: string): Quotes {
  if (source.startsWith('"')) return "double";
  if (source.startsWith("'")) return "single";
  return /^[|>]/.test(source) ? "block" : "plain";
}

/** A string on one line, in the wished quotes where they can hold it. */
export function renderString(raw: string, style: YamlStyle, quotes: Quotes = style.quotes): string {
  const text = wellFormed(raw);
  if ((quotes === "plain" || quotes === "block") && isPlain(text)) return text;
  const wanted = quotes === "single" || quotes === "double" ? quotes : style.otherwise;
  if (wanted === "single" && !/[^\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe]|[\u2028\u2029]/.test(text))
    return `'${text.replace(/'/g, "''")}'`;
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A key. */
export function renderKey(key: string, style: YamlStyle): string {
  return renderString(key, { ...style, quotes: "plain" });
}

/** A value on one line. */
export function renderFlow(value: Value, style: YamlStyle): string {
  if (value === null) return "null";
  if (typeof value === "string") return renderString(value, style);
  if (typeof value === "number") return floatText(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (isArray(value)) return `[${value.map((item) => renderFlow(item, style)).join(", ")}]`;
  if (!isObject(value)) return "null";
  const pairs = Object.keys(value).map((key) => renderFlowPair(key, value[key] as Value, style));
  return `{${pairs.join(", ")}}`;
}

/** A key with its value, as it stands between braces. */
export function renderFlowPair(key: string, value: Value, style: YamlStyle): string {
  return `${renderKey(key, style)}: ${renderFlow(value, style)}`;
}

/** `key: value` in a block mapping whose keys are indented by `indent`; without indentation on its first line. */
export function renderPair(key: string, value: Value, indent: string, style: YamlStyle): string {
  return `${renderKey(key, style)}:${renderBelow(value, indent, style)}`;
}

/** What follows a key's colon: a value on the same line, or the lines of a collection or block string below it. */
export function renderBelow(value: Value, indent: string, style: YamlStyle): string {
  const { eol, step } = style;
  if (isObject(value) && Object.keys(value).length > 0) {
    const inner = indent + step;
    return Object.keys(value)
      .map((key) => `${eol}${inner}${renderPair(key, value[key] as Value, inner, style)}`)
      .join("");
  }
  if (isArray(value) && value.some((one) => isObject(one) || isArray(one))) {
    const inner = style.flush ? indent : indent + step;
    return value.map((one) => `${eol}${inner}${renderItem(one, inner, style)}`).join("");
  }
  if (typeof value === "string" && blockHolds(value)) return ` ${renderBlock(value, indent + step, eol)}`;
  return ` ${renderFlow(value, style)}`;
}

/** `- value` in a block list whose dashes are indented by `indent`. `gap`: what stands behind the dash. */
export function renderItem(value: Value, indent: string, style: YamlStyle, gap = " "): string {
  if (!isObject(value) || Object.keys(value).length === 0) return `-${gap}${renderFlow(value, style)}`;
  const inner = `${indent} ${gap}`;
  const pairs = Object.keys(value).map((key) => renderPair(key, value[key] as Value, inner, style));
  return `-${gap}${pairs.join(`${style.eol}${inner}`)}`;
}

/** A string of several lines that a block `|` gives back exactly. */
export function blockHolds(text: string): boolean {
  if (!text.includes("\n") || /[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe]|[\u2028\u2029]/.test(text)) return false;
  return !/^[ \n]/.test(text) && !/[ \n]\n*$/.test(text.replace(/\n$/, "")) && !/\n +(?:\n|$)/.test(text);
}

/** A string as a block with its header; every line stands at `indent`. */
export function renderBlock(text: string, indent: string, eol: string): string {
  const closed = text.endsWith("\n");
  const lines = (closed ? text.slice(0, -1) : text).split("\n");
  return `${closed ? "|" : "|-"}${lines.map((line) => eol + (line === "" ? "" : indent + line)).join("")}`;
}
