/**
 * Paths inside a bundle. A bundle is untrusted: its paths are names in a list and never become paths of the machine
 * before they have passed here. Pure.
 */

/** Longest path, in UTF-16 units. */
const MAX_PATH = 240;

/** Controls, what some system takes for a separator or a device, and what reorders or hides text. */
const forbidden = /[\p{Cc}\\:*?"<>|\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]/u;

/** What is wrong with a path in a bundle; null for nothing. Only `/` separates. */
export function bundlePathProblem(path: string): string | null {
  if (path === "") return "it is empty";
  if (path.length > MAX_PATH) return `it is longer than ${MAX_PATH} characters`;
  if (path.startsWith("/")) return "it is absolute";
  if (forbidden.test(path)) return "it holds a character that no bundle's path may hold";
  for (const part of path.split("/")) {
    if (part === "") return "it has an empty part";
    if (part === "." || part === "..") return `it has the part \`${part}\``;
    if (/[. ]$/.test(part)) return "a part of it ends in a dot or a blank";
  }
  return null;
}

/** Equal for paths that are one file on some file system: letter case and Unicode form do not tell them apart. */
export function foldedPath(path: string): string {
  return path.normalize("NFKC").toLowerCase().normalize("NFKC");
}
