/**
 * "Did you mean" where the check itself names nothing: the nearest of what completion would offer at the finding's place, so
 * that whatever can be completed can be corrected.
 */
import type { Span } from "../../src/dialects/live/source.ts";
import { suggest } from "../../src/graph/suggest.ts";
import { offersAt } from "../completion/complete.ts";
import { codes } from "../schema/codes.ts";
import { fieldsAt } from "../schema/fields.ts";
import { replace, type About, type Offer } from "./about.ts";

/** The nearest word, value or key. */
export async function nearest(about: About): Promise<readonly Offer[]> {
  const { finding } = about;
  if (finding.fixes?.some(({ type }) => type === "replace") === true) return [];
  return finding.place?.part === "key" ? nearestKey(about) : nearestValue(about);
}

function nearestKey({ live, path }: About): Offer[] {
  const names = fieldsAt(live, path.slice(0, -1)).map(({ name }) => name);
  const near = suggest(String(path.at(-1)), names);
  if (near === null) return [];
  return [{ ...replace(`Change to \`${near}\``, path, near, { part: "key" }), preferred: true }];
}

/** Longest value that is compared. */
const MAX_VALUE = 1_000;

async function nearestValue(about: About): Promise<Offer[]> {
  for (const { span, texts } of await wordsAt(about)) {
    const near = suggest(about.live.text.slice(...span), texts);
    if (near !== null) return [written(span, near, true)];
  }
  return [];
}

/** Most words that are offered when none is near. */
const MAX_WORDS = 4;

/** The nearest word; where none is near and there are only a few, each of them. */
export async function fewWords(about: About): Promise<readonly Offer[]> {
  const near = await nearest(about);
  if (near.length > 0 || about.finding.place?.part === "key") return near;
  const value = about.live.source.element(about.path)?.value ?? null;
  const whole = (await wordsAt(about)).find(
    ({ span }) => value === null || span[1] - span[0] >= value[1] - value[0] - 2,
  );
  if (whole === undefined || whole.texts.length > MAX_WORDS) return [];
  const { span, texts } = whole;
  return texts.flatMap((text) =>
    text === about.live.text.slice(...span) ? [] : [written(span, text, texts.length === 1)],
  );
}

interface Words {
  readonly span: Span;
  readonly texts: string[];
}

/** What completion would write in place of the value or a part of it, by the stretch that it would replace. */
async function wordsAt({ session, document, live, finding }: About): Promise<readonly Words[]> {
  const { lines, text } = live;
  const [from, to]: Span =
    finding.place === undefined
      ? [lines.offset(finding.at.start), lines.offset(finding.at.end)]
      : live.source.span(finding.place);
  if (to <= from || to - from > MAX_VALUE) return [];
  // Inside the quotes and the braces of a marker: behind the last letter, and before the first.
  let [start, end] = [from, to];
  while (end > from && /["'}]/.test(text[end - 1] ?? "")) end--;
  while (start < end && /["'{]/.test(text[start] ?? "")) start++;
  const bySpan = new Map<string, Words>();
  for (const offset of [end, start]) {
    for (const { edit, snippet } of await offersAt({
      session,
      document,
      live,
      offset,
      point: live.source.at(offset),
    })) {
      if (snippet === true || edit.span[0] < from || edit.span[1] > to) continue;
      const key = edit.span.join();
      const known = bySpan.get(key) ?? { span: edit.span, texts: [] };
      known.texts.push(edit.text);
      bySpan.set(key, known);
    }
  }
  return [...bySpan.values()].map(({ span, texts }) => ({ span, texts: [...new Set(texts)] }));
}

function written(span: Span, text: string, preferred: boolean): Offer {
  const title = `Change to \`${text.replace(/^(["'])(.*)\1$/, "$2")}\``;
  return { title, preferred, change: { type: "text", edits: [{ range: span, text }] } };
}

/** A comment that silences nothing: another code was meant, or none. */
export function unusedIgnore({ live, finding }: About): readonly Offer[] {
  const { lines, text } = live;
  const from = lines.offset(finding.at.start);
  const to = lines.offset(finding.at.end);
  const word = text.slice(from, to);
  const near = codes.has(word) ? null : suggest(word, silenceable);
  const change = near === null ? [] : [textOffer(`Change to \`${near}\``, [from, to], near, true)];
  return [...change, textOffer(`Remove \`${word}\` from the comment`, goneSpan(text, from, to), "", near === null)];
}

const silenceable = [...codes].flatMap(([code, { severity }]) => (severity === "error" ? [] : [code]));

function textOffer(title: string, range: Span, text: string, preferred: boolean): Offer {
  return { title, preferred, change: { type: "text", edits: [{ range, text }] } };
}

/** A code with its comma; the whole comment when it is its only code, and its line when nothing else is on it. */
function goneSpan(text: string, from: number, to: number): Span {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const eol = text.indexOf("\n", to);
  const end = eol < 0 ? text.length : eol;
  const before = text.slice(start, from);
  const after = text.slice(to, end);
  if (/[A-Za-z0-9_]/.test(after)) return [from, to + (/^[ \t,]*/.exec(after)?.[0].length ?? 0)];
  const list = /#[ \t]*countersign:[ \t]*ignore\b[ \t]*/.exec(before);
  if (list === null) return [from, to];
  if (list.index + list[0].length < before.length) return [start + before.replace(/[ \t,]+$/, "").length, to];
  const code = before.slice(0, list.index).trimEnd().length;
  const lineBreak = text[end - 1] === "\r" ? end - 1 : end;
  return code > 0 ? [start + code, lineBreak] : [start, eol < 0 ? end : end + 1];
}
