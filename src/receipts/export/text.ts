/** Text of documents and people made harmless for reports. Pure. */

/** C0 but line feed, DEL, C1, and what reorders or hides text. */
const hidden = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** One line without characters that hide or reorder; they are shown by their code. Half a character becomes U+FFFD. */
export function visible(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd").replace(hidden, (unit) => {
    if (unit === "\n") return " ⏎ ";
    const at = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u{${at}}`;
  });
}

/** Text inside of HTML, also inside of an attribute in double quotes. */
export function html(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Text inside of Markdown (CommonMark with tables): no markup, link, mention, HTML or cell border comes of it. */
export function markdown(text: string): string {
  const shown = visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_{}[\]#!|~$]/g, (unit) => `\\${unit}`);
  // Bare addresses and mentions become links where a forge shows them.
  return shown
    .replace(/^(\s*)([-+=]|\d+[.)])/, "$1\\$2")
    .replace(/(https?|ftp|mailto)(:)/gi, "$1&#58;")
    .replace(/\bwww\./gi, "www&#46;")
    .replaceAll("@", "&#64;");
}

/** Text as a code span; backticks and pipes cannot end it. */
export function codeSpan(text: string): string {
  const shown = visible(text).replaceAll("|", "¦").replaceAll("`", "ˋ");
  return shown === "" ? "" : `\`${shown}\``;
}
