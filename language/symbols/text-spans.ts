/**
 * Where a stretch of a decoded key or string stands in the text. Most strings hold no escapes; they need no second
 * look at their syntax.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement, Span } from "../../src/dialects/live/source.ts";
import { keyName, sourceSpan } from "../../src/dialects/workflow/toml-string.ts";

const quotes: readonly string[] = ['"""', "'''", '"', "'"];

/** Where the name lies within a key or scalar as it is written: without quotes. */
export function innerSpan(raw: string): Span {
  const quote = quotes.find((one) => raw.startsWith(one));
  if (quote === undefined) return [0, raw.length];
  const closed = raw.length >= 2 * quote.length && raw.endsWith(quote);
  return [quote.length, Math.max(quote.length, raw.length - (closed ? quote.length : 0))];
}

/** The stretch `from` to `to` of the decoded text of a scalar; null when it has no text. */
export function valueSpan(live: LiveDocument, element: SourceElement, from: number, to: number): Span | null {
  const { value, text, path } = element;
  if (value === null || text === null) return null;
  const raw = live.text.slice(value[0], value[1]);
  const [start, end] = innerSpan(raw);
  if (end - start === text.length && raw.startsWith(text, start))
    return [value[0] + start + from, value[0] + start + to];
  return live.source.span({ path, part: "value", within: { from, to } });
}

/** The stretch `from` to `to` of the name that a key stands for, e.g. of `"ask.approval"`. */
export function keySpan(live: LiveDocument, key: Span, from: number, to: number): Span {
  const raw = live.text.slice(key[0], key[1]);
  const [start, end] = innerSpan(raw);
  const plain = !raw.startsWith('"') || !raw.includes("\\");
  if (plain) return [key[0] + start + from, key[0] + Math.min(start + to, end)];
  const found = sourceSpan(raw, from, to);
  return found === null ? [key[0] + start, key[0] + end] : [key[0] + found[0], key[0] + found[1]];
}

/** Where else a TOML table's name is written: `name.` before the keys and in the headers of what is in it. */
export function furtherKeys(live: LiveDocument, element: SourceElement): Span[] {
  const found: Span[] = [];
  if (element.key === null || element.value !== null || element.form !== "table") return found;
  const name = element.path.at(-1);
  const look = (table: SourceElement, depth: number): void => {
    for (const child of table.children) {
      const inner = live.source.element([...table.path, child]);
      if (inner === null) continue;
      let before: Span | null = inner.key;
      for (let step = 0; step < depth && before !== null; step++) before = segmentBefore(live.text, before[0]);
      if (before !== null && keyName(live.text.slice(before[0], before[1])) === name && !same(before, element.key))
        found.push(before);
      if (depth < 3 && inner.value === null && inner.form === "table") look(inner, depth + 1);
    }
  };
  look(element, 1);
  const seen = new Set<number>();
  return found.filter(([from]) => !seen.has(from) && seen.add(from).size > 0);
}

function same(a: Span, b: Span | null): boolean {
  return b !== null && a[0] === b[0] && a[1] === b[1];
}

/** The segment of a dotted key that ends before the one at `offset`; null when there is none. */
function segmentBefore(text: string, offset: number): Span | null {
  let at = offset;
  const blank = (): void => {
    while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  };
  blank();
  if (text[at - 1] !== ".") return null;
  at--;
  blank();
  const end = at;
  const quote = text[end - 1];
  if (quote === '"' || quote === "'") {
    at = end - 2;
    while (at > 0 && text[at] !== "\n" && (text[at] !== quote || (quote === '"' && text[at - 1] === "\\"))) at--;
    return text[at] === quote ? [at, end] : null;
  }
  while (/[A-Za-z0-9_-]/.test(text[at - 1] ?? "")) at--;
  return at < end ? [at, end] : null;
}
