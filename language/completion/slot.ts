/**
 * A string that is being typed, whatever its syntax: what is there, where in it the cursor is, and how other text is
 * written in its place. All quoting of completions is decided here.
 *
 * Invariant: an edit is within one line and touches the cursor, as clients demand; it writes quotes where there are none and
 * the syntax needs them, closes those that are open, and keeps what stands around the replaced stretch.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourcePoint, Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";

/** How a document writes its strings. */
export type Syntax = "toml" | "yaml" | "kv";

/** A change of the text at the cursor. */
export interface SlotEdit {
  readonly span: Span;
  readonly text: string;
  /** What stands before the replacement's own text, e.g. a quote: clients compare what was typed with it. */
  readonly lead: string;
}

/** See the header. */
export interface Slot {
  readonly path: DocumentPath;
  /** The decoded text; empty when there is no value yet. */
  readonly text: string;
  /** The cursor in it. */
  readonly offset: number;
  /** Replaces the stretch `from`…`to` of {@link text}, which holds the cursor. */
  write(from: number, to: number, text: string): SlotEdit;
  /** Replaces the whole value, quotes included, by source text; null when it is not on one line. */
  replaceWhole(source: string): SlotEdit | null;
}

/** The syntax of a document. */
export function syntaxOf({ what, file }: LiveDocument): Syntax {
  if (what.document === "graph" && what.dialect === "pipeline") return "kv";
  return what.document === "config" ||
    /\.toml$/i.test(file) ||
    (what.document !== "skill" && what.dialect === "workflow")
    ? "toml"
    : "yaml";
}

/** The slot of a value at a point; null where no value stands or may be written. `path` is the value's. */
export function slotAt(live: LiveDocument, point: SourcePoint, path: DocumentPath, cursor: number): Slot {
  const syntax = syntaxOf(live);
  const { text } = live;
  const [from, to] = point.replace;
  const raw = text.slice(from, to);
  const style = styleOf(syntax, raw, point);
  const decoded = point.string?.text ?? (style === "bare" ? raw : "");
  const offset = point.string?.offset ?? (style === "bare" ? cursor - from : 0);
  const whole = (source: string): SlotEdit => {
    const gap = style === "none" ? gapBefore(text, from, syntax) : "";
    return { span: [from, to], text: gap + source, lead: gap + raw.slice(0, /^["']+/.exec(raw)?.[0].length ?? 0) };
  };
  return {
    path,
    text: decoded,
    offset,
    write(start, end, inner) {
      const next = decoded.slice(0, start) + inner + decoded.slice(end);
      if (style === "none" || style === "bare") return whole(quoted(next, syntax));
      const span: Span = [cursor - (offset - start), cursor + (end - offset)];
      const same = text.slice(...span) === decoded.slice(start, end);
      const escaped = escapedIn(style, inner);
      if (!same || escaped === null || (style === "plain" && !isPlain(next))) return whole(quoted(next, syntax));
      const closing = end === decoded.length ? missingQuote(style, raw) : "";
      return { span, text: escaped + closing, lead: "" };
    },
    replaceWhole: (source) => (raw.includes("\n") ? null : whole(source)),
  };
}

/** How the value is written: not at all, as a bare word that is wrong in TOML, or quoted in one of these ways. */
type Style = "none" | "bare" | "plain" | "raw" | "basic" | "literal" | "multi-basic" | "multi-literal" | "single";

function styleOf(syntax: Syntax, raw: string, point: SourcePoint): Style {
  if (raw === "") return syntax === "kv" ? "raw" : "none";
  if (syntax === "kv") return "raw";
  if (syntax === "toml") {
    if (raw.startsWith('"""')) return "multi-basic";
    if (raw.startsWith("'''")) return "multi-literal";
    if (raw.startsWith('"')) return "basic";
    return raw.startsWith("'") ? "literal" : "bare";
  }
  if (raw.startsWith('"')) return "basic";
  if (raw.startsWith("'")) return "single";
  return point.string === null ? "bare" : "plain";
}

/** A blank between `=` or `:` and the value. */
function gapBefore(text: string, at: number, syntax: Syntax): string {
  return syntax !== "kv" && /[=:,-]/.test(text[at - 1] ?? "") ? " " : "";
}

function missingQuote(style: Style, raw: string): string {
  const quote = { basic: '"', literal: "'", single: "'", "multi-basic": '"""', "multi-literal": "'''" }[
    style as "basic"
  ] as string | undefined;
  if (quote === undefined) return "";
  if (raw.length < 2 * quote.length || !raw.endsWith(quote)) return quote;
  // A basic string whose last quote is escaped is still open.
  const slashes = style === "basic" ? (/\\*$/.exec(raw.slice(0, -1))?.[0].length ?? 0) : 0;
  return slashes % 2 === 1 ? quote : "";
}

/** Text as it is written inside quotes; null where it cannot be. */
function escapedIn(style: Style, text: string): string | null {
  switch (style) {
    case "basic":
    case "multi-basic":
      return JSON.stringify(text).slice(1, -1);
    case "literal":
    case "multi-literal":
      return /['\p{Cc}]/u.test(text) ? null : text;
    case "single":
      return text.replaceAll("'", "''");
    default:
      return text;
  }
}

/** A string as a whole value. */
export function quoted(text: string, syntax: Syntax): string {
  if (syntax === "kv" || (syntax === "yaml" && isPlain(text))) return text;
  return JSON.stringify(text);
}

/** Words that YAML reads as something else than a string. */
const otherPlain = /^(?:~|null|true|false|yes|no|on|off|[-+.]?[0-9][0-9a-fA-FxXoO_.:eE+-]*|[-+]?\.(?:inf|nan))$/i;

/** True when YAML reads the text as itself without quotes, also between brackets. */
export function isPlain(text: string): boolean {
  if (text === "" || otherPlain.test(text) || /^\s|\s$|[\p{Cc}[\]{},]|: |:$| #/u.test(text)) return false;
  return !/^(?:[-?:](?:\s|$)|[&*!|>'"%@`#])/.test(text);
}

/** A key as it is written: bare where the syntax lets it be. */
export function keyText(name: string, syntax: Syntax): string {
  if (syntax === "toml") return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
  return syntax === "kv" || isPlain(name) ? name : JSON.stringify(name);
}
