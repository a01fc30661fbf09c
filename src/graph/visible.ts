/**
 * Text of documents, payloads and models as people may see it: what reorders, hides or controls text is itself made
 * visible, so that nobody reads another target than the one that is meant. Pure.
 */

/**
 * C0, DEL, C1, line separators, what changes the direction of text, and characters that look like nothing: zero width,
 * soft hyphen, fillers, tags, and, but where they shape an emoji, joiners and variation selectors.
 */
const deceptive =
  /[\p{Cc}\p{Cs}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])[\u200d\ufe00-\ufe0f]/gu;

/** A stretch of a text; `sign` stands for a character that would not be seen as what it is. */
export interface VisiblePart {
  readonly text: string;
  readonly sign: boolean;
}

/** What is shown for a deceptive character: a picture (`␛`) or an escape (`\u{202e}`). */
export function signFor(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : `\\u{${code.toString(16)}}`;
}

/** The text on one line, every deceptive character as its sign. */
export function visibleText(text: string): string {
  return text.replace(deceptive, signFor);
}

/** The same for texts of several lines: line feeds and tabs stay. */
export function visibleLines(text: string): string {
  return visibleParts(text)
    .map((part) => part.text)
    .join("");
}

/** The signs of a text, each once, in the order in which they come; empty where all of it is seen as it is. */
export function signsIn(text: string): readonly string[] {
  return [...new Set(visibleParts(text).flatMap((part) => (part.sign ? [part.text] : [])))];
}

/** The text in stretches, so that a sign can be told from a text that only looks like one. Line feeds and tabs stay. */
export function visibleParts(text: string): readonly VisiblePart[] {
  const parts: VisiblePart[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(deceptive)) {
    if (character === "\n" || character === "\t") continue;
    if (index > from) parts.push({ text: text.slice(from, index), sign: false });
    parts.push({ text: signFor(character), sign: true });
    from = index + character.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), sign: false });
  return parts;
}
