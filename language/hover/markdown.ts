/** Small pieces of Markdown, and Markdown as plain text for clients that show no other. */

/** Text in code font. Backticks and line breaks would end it, so they are left out. */
export function code(text: string): string {
  return `\`${text.replace(/[`\r\n]/g, " ")}\``;
}

/** Paragraphs that are there, with blank lines between. */
export function paragraphs(...parts: readonly (string | null | undefined)[]): string {
  return parts.filter((part) => part !== null && part !== undefined && part !== "").join("\n\n");
}

/** Text of at most so many characters. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Markdown as plain text. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^```.*\n?/gm, "")
    .replace(/^---\n+/gm, "")
    .replace(/\*\*([^*]+)\*\*/g, "$1")
    .replace(/(^|\s)_([^_\n]+)_(?=\s|$)/g, "$1$2")
    .replaceAll("`", "")
    .trim();
}
