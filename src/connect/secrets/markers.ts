/**
 * The text that stands for a secret: `{secret:NAME,hmac:HEX}`, with `,as:FORM` where it stood in another form than
 * raw (spec/runtime.md §3). Pure.
 *
 * A text of a run may hold such a marker of its own, copied from a journal to have the secret put in. So
 * `{secret:` in a text that is sealed becomes `{secret:=`, which no marker begins with, and is restored as it was.
 */

/** A marker's parts. */
export interface Marker {
  readonly name: string;
  /** HMAC-SHA256 of the value under the state's key, lower-case hex. */
  readonly hmac: string;
  readonly form: string;
}

/** What every marker begins with. */
export const OPENING = "{secret:";
const ESCAPE = "=";
const grammar = /\{secret:(=|([A-Za-z0-9_.!~*'()%-]*),hmac:([0-9a-f]{64})(?:,as:([a-z0-9-]+))?\})/g;

/** The marker's text. */
export function markerText({ name, hmac, form }: Marker): string {
  return `${OPENING}${encodeURIComponent(wellFormed(name))},hmac:${hmac}${form === "raw" ? "" : `,as:${form}`}}`;
}

/** Half a surrogate pair has no UTF-8; it is shown as U+FFFD. */
function wellFormed(name: string): string {
  return Buffer.from(name, "utf8").toString("utf8");
}

/** Takes the meaning from openings that a text brought along. */
export function escapeOpenings(text: string): string {
  return text.includes(OPENING) ? text.replaceAll(OPENING, OPENING + ESCAPE) : text;
}

/** A sealed text in pieces: literal text as it was, and markers. */
export function splitSealed(text: string): (string | Marker)[] {
  const parts: (string | Marker)[] = [];
  let from = 0;
  for (const match of text.matchAll(grammar)) {
    if (match.index > from) parts.push(text.slice(from, match.index));
    const [, , name, hmac, form = "raw"] = match;
    const decoded = name === undefined ? null : decodeName(name);
    if (name === undefined || hmac === undefined) parts.push(OPENING);
    else parts.push(decoded === null ? match[0] : { name: decoded, hmac, form });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** null for what is no name of ours: bytes that are no UTF-8. */
function decodeName(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    // Not written by markerText; it stays the text that it is.
    return null;
  }
}
