/**
 * Writes a new name where the old one stands, escaped or quoted as the place demands: TOML strings and keys, YAML
 * scalars of every style, lines of a `spec.kv`.
 *
 * Invariants: a place whose quotes can hold the new name keeps them, and then only the name itself is replaced; else
 * the whole string or key is written again in double quotes. Nothing outside of strings and keys is touched.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement, Span } from "../../src/dialects/live/source.ts";
import type { Occurrence } from "./symbol.ts";
import { furtherKeys, innerSpan } from "./text-spans.ts";

/** New text for a stretch of the document. */
export interface NameEdit {
  readonly span: Span;
  readonly text: string;
}

/** The edits that give all these occurrences, all in one document, the new name. */
export function renamed(live: LiveDocument, occurrences: readonly Occurrence[], name: string): NameEdit[] {
  const tokens = new Map<number, { readonly token: Token; readonly spans: Span[] }>();
  for (const one of occurrences) {
    if (one.written === "index") continue;
    const token = tokenOf(live, one);
    const known = tokens.get(token.span[0]);
    if (known === undefined) tokens.set(token.span[0], { token, spans: [one.span] });
    else known.spans.push(one.span);
  }
  return [...tokens.values()].flatMap(({ token, spans }) => tokenEdits(live.text, token, spans, name));
}

type Style = "raw" | "bare" | "literal" | "double" | "single" | "plain" | "block";

/** A key or string as a whole. */
interface Token {
  readonly span: Span;
  readonly style: Style;
}

function tokenOf(live: LiveDocument, one: Occurrence): Token {
  const element = live.source.element(one.path);
  const span = (element === null ? null : holder(live, element, one)) ?? one.span;
  return { span, style: styleOf(live, live.text.slice(span[0], span[1]), one.written === "key") };
}

function holder(live: LiveDocument, element: SourceElement, one: Occurrence): Span | null {
  const spans = one.written === "key" ? [element.key, ...furtherKeys(live, element)] : [element.value];
  return spans.find((span) => span !== null && span[0] <= one.span[0] && one.span[1] <= span[1]) ?? null;
}

function styleOf({ what }: LiveDocument, raw: string, isKey: boolean): Style {
  if (what.document === "graph" && what.dialect === "pipeline") return "raw";
  const isToml = what.document !== "skill" && (what.document === "config" || what.dialect === "workflow");
  if (raw.startsWith('"')) return "double";
  if (raw.startsWith("'")) return isToml ? "literal" : "single";
  if (isToml) return isKey ? "bare" : "literal";
  return /^[|>]/.test(raw) ? "block" : "plain";
}

function tokenEdits(text: string, { span, style }: Token, spans: readonly Span[], name: string): NameEdit[] {
  const raw = text.slice(span[0], span[1]);
  const held = spans.map((one) => inStyle(style, name, one[0] === span[0], one[0] === span[0] && one[1] === span[1]));
  if (!held.includes(null)) return spans.map((one, i) => ({ span: one, text: held[i] ?? name }));
  // Styles that cannot hold every name have no escapes: what is written is what is meant.
  const [from, to] = innerSpan(raw);
  const lead = /^'''\r?\n/.exec(raw)?.[0].length ?? from;
  let made = "";
  let at = span[0] + lead;
  for (const one of [...spans].sort((a, b) => a[0] - b[0])) {
    made += text.slice(at, one[0]) + name;
    at = one[1];
  }
  made += text.slice(at, span[0] + to);
  // Lines of a plain scalar are folded within quotes just as without.
  return [{ span, text: `"${style === "plain" ? quoted(made) : escaped(made)}"` }];
}

/** Words that YAML, in one version or another, does not take for text. */
const yamlWords = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

/** The name as text of this style; null when the style cannot hold it there. */
function inStyle(style: Style, name: string, isStart: boolean, isWhole: boolean): string | null {
  switch (style) {
    case "raw":
    case "block":
      return name;
    case "double":
      return escaped(name);
    case "single":
      return name.replaceAll("'", "''");
    case "literal":
      return name.includes("'") ? null : name;
    case "bare":
      return /^[A-Za-z0-9_-]+$/.test(name) ? name : null;
    case "plain":
      if (!/^[\p{L}\p{N}_-]+(?: [\p{L}\p{N}_-]+)*$/u.test(name)) return null;
      if (isStart && !/^[\p{L}_]/u.test(name)) return null;
      return isWhole && yamlWords.test(name) ? null : name;
  }
}

function quoted(text: string): string {
  return text.replace(/[\\"]/g, "\\$&");
}

function escaped(text: string): string {
  return quoted(text).replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
}
