/**
 * Node values as TOML text, in the style of what stands around them.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { floatText, isArray, isObject, wellFormed, type Value } from "../../../graph/value.ts";
import { Refusal } from "../../edits/refusal.ts";
import { tomlString } from "../toml.ts";

/** How a string is written: `"…"`, `'…'`, `"""…"""` or `'''…'''`. */
export type Quotes = "basic" | "literal" | "long-basic" | "long-literal";

/** The style of new text. */
export interface TomlStyle {
  readonly quotes: Quotes;
  /** What stands between key and value, e.g. ` = `. */
  readonly equals: string;
  /** The line ending, for strings of several lines. */
  readonly eol: string;
}

/** The quotes of a string as written. */
export function quotesOf(source: string): Quotes {
  if (source.startsWith('"""')) return "long-basic";
  if (source.startsWith("'''")) return "long-literal";
  return source.startsWith("'") ? "literal" : "basic";
}

/** A string in the wished quotes where they can hold it, else in the nearest that can. */
export function renderString(raw: string, style: TomlStyle): string {
  const text = wellFormed(raw);
  switch (style.quotes) {
    case "literal":
      return literalHolds(text) && !/[\n\r']/.test(text) ? `'${text}'` : tomlString(text);
    case "long-literal":
      if (!literalHolds(text) || text.includes("'''") || text.endsWith("'") || !fitsLines(text, style.eol))
        return renderString(text, { ...style, quotes: "long-basic" });
      return `'''${style.eol}${text}'''`;
    case "long-basic":
      return fitsLines(text, style.eol) ? `"""${style.eol}${longBasic(text)}"""` : tomlString(text);
    case "basic":
      return tomlString(text);
  }
}

/** No control characters but tabs and line breaks. */
function literalHolds(text: string): boolean {
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
}

/** Its line breaks are those of the document, so that no reader or editor changes them. */
function fitsLines(text: string, eol: string): boolean {
  const rest = text.split(eol).join("");
  return !/[\n\r]/.test(rest);
}

function longBasic(text: string): string {
  return text.replace(/\\|"(?="")|"$|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, (char) => {
    if (char === '"' || char === "\\") return `\\${char}`;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** A key as it stands before `=` or in a header. */
export function renderKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key);
}

/** The names of a path as a header or dotted key has them; indexes are left out. */
export function renderPath(path: DocumentPath): string {
  return path.flatMap((one) => (typeof one === "string" ? [renderKey(one)] : [])).join(".");
}

/** A value on one line; only strings of several lines may take more. */
export function renderValue(value: Value, style: TomlStyle): string {
  if (value === null) throw new Refusal("edit_not_expressible", "TOML has no null; remove the field instead");
  if (typeof value === "string") return renderString(value, style);
  if (typeof value === "number") return floatText(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  // Values within values stay on their line.
  const inner: TomlStyle = { ...style, quotes: style.quotes === "literal" ? "literal" : "basic" };
  if (isArray(value)) return `[${value.map((item) => renderValue(item, inner)).join(", ")}]`;
  if (!isObject(value)) return tomlString("");
  return renderTable(
    Object.keys(value).map((key) => [key, value[key] as Value] as const),
    inner,
    " ",
  );
}

/** An inline table; `pad` stands inside its brackets. */
export function renderTable(fields: readonly (readonly [string, Value])[], style: TomlStyle, pad: string): string {
  if (fields.length === 0) return "{}";
  const pairs = fields.map(([key, value]) => `${renderKey(key)}${style.equals}${renderValue(value, style)}`);
  return `{${pad}${pairs.join(", ")}${pad}}`;
}
