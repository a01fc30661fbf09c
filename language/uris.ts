/**
 * Addresses of documents: `file:` URIs <-> keys (absolute paths). Others, such as `untitled:` and `git:`, are their
 * own keys. Paths are compared as they are; no case folding.
 */

/** The key of a URI. A URI that cannot be decoded is its own key. */
export function keyOf(uri: string): string {
  if (!uri.startsWith("file://")) return uri;
  const rest = uri.slice("file://".length);
  const slash = rest.indexOf("/");
  if (slash < 0) return uri;
  let path: string;
  try {
    path = decodeURIComponent(rest.slice(slash));
  } catch {
    return uri;
  }
  const authority = rest.slice(0, slash);
  if (/^\/[A-Za-z]:/.test(path)) return path.slice(1).replaceAll("/", "\\");
  return authority === "" || authority === "localhost" ? path : `//${authority}${path}`;
}

/** The URI of a key, written as VS Code writes it. */
export function uriOf(key: string): string {
  if (!isPath(key)) return key;
  const path = key.replaceAll("\\", "/");
  const encoded = path
    .split("/")
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join("/");
  return path.startsWith("/") ? `file://${encoded}` : `file:///${encoded}`;
}

/** The folder of a key, without a final slash. */
export function folderOf(key: string): string {
  const cut = Math.max(key.lastIndexOf("/"), key.lastIndexOf("\\"));
  return cut <= 0 ? "/" : key.slice(0, cut);
}

/** The last part of a key. */
export function nameOf(key: string): string {
  return key.slice(Math.max(key.lastIndexOf("/"), key.lastIndexOf("\\")) + 1);
}

/** Is this the key of a file, and not a URI? A drive's letter is no scheme. */
export function isPath(key: string): boolean {
  return !/^[a-z][a-z0-9+.-]+:/i.test(key);
}

/** The path that a URI names, for those that name one from a root (`git:/w/a.toml?…`); null for others. */
export function pathOf(uri: string): string | null {
  const path = parsed(uri)?.pathname ?? "";
  if (!path.startsWith("/")) return null;
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** What `reference` means beside a document that is no file; null where that is no place of the same kind. */
export function besideUri(uri: string, reference: string): string | null {
  const from = parsed(uri);
  if (from === null || !from.pathname.startsWith("/") || !isPath(reference)) return null;
  const to = parsed(reference.split("/").map(encodeURIComponent).join("/"), uri);
  return to === null || to.protocol !== from.protocol || to.host !== from.host ? null : to.href;
}

function parsed(uri: string, base?: string): URL | null {
  return URL.canParse(uri, base) ? new URL(uri, base) : null;
}
